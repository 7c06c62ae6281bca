#!/bin/sh
# Runs once in the namespaces of a new node: prepare-node.sh FOLDER NAME SYSCTL...
# Whatever a node's programs keep at fixed places or set for the whole machine stays inside these namespaces.
set -eu
folder=$1 name=$2
shift 2

hostname "$name"
mount -t tmpfs -o mode=755 tmpfs /run
for place in log lib; do
  mkdir -p "$folder/var/$place"
  mount --bind "$folder/var/$place" "/var/$place"
done

# The kubelet sets these for the whole machine; here it writes into copies.
mkdir -p "$folder/sysctl"
for sysctl in "$@"; do
  cat "/proc/sys/$sysctl" > "$folder/sysctl/$(basename "$sysctl")"
  mount --bind "$folder/sysctl/$(basename "$sysctl")" "/proc/sys/$sysctl"
done

# Of the network namespace alone: pods are reached through their node, which answers for their addresses.
echo 1 > /proc/sys/net/ipv4/ip_forward
echo 1 > /proc/sys/net/ipv4/conf/eth0/proxy_arp
