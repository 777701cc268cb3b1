#!/usr/bin/env bash
# Builds the packages for the four kinds of Linux on one Debian machine, loads each binary with a Node of its kind, and installs
# all of them from a registry on this machine. Compiles the code for macOS and Windows, which nothing here can load.
#
#   scripts/package/linux.sh [--quick]
#
# `--quick`: all but the first are built without optimisation, which takes a fraction of the time. They are larger and slower
# than those that are published, so their size is not checked. The first is not built a second time to compare the bytes.
set -euo pipefail
cd "$(dirname "$0")/../.."

OWN=linux-x64-gnu
FOREIGN=(linux-x64-musl linux-arm64-musl linux-arm64-gnu)

say() { printf '\n## %s\n' "$*"; }
# Sets the variable that a script of .ci prints.
take() {
  local printed
  printed="$(bash ".ci/$1")" || exit 1
  while IFS= read -r line; do export "${line?}"; done <<<"$printed"
}

take toolchain.sh
take foreign-nodes.sh
take package-tools.sh

for id in "$OWN" "${FOREIGN[@]}"; do
  say "$id: build"
  quick=() size=()
  if [ "${1:-}" = --quick ] && [ "$id" != "$OWN" ]; then quick=(--quick) size=(--any-size); fi
  SECONDS=0
  node scripts/package/build.js "$id" "${quick[@]}" -- --quiet
  echo "built in $SECONDS s"
  node scripts/package/binary.js "$id" "${size[@]}"
done
say "each replays the captured entries"
node scripts/package/replay.js "$OWN"
IFS=: read -ra roots <<<"$CCXRAY_FOREIGN_NODES"
for root in "${roots[@]}"; do node scripts/package/replay.js "$(basename "$root")" "$root"; done

if [ "${1:-}" != --quick ]; then
  say "the same bytes from another directory"
  node scripts/package/reproduce.js "$OWN"
fi

say "macOS and Windows: compile"
SECONDS=0
node scripts/package/compile.js darwin-arm64 win32-x64-msvc -- --quiet
echo "compiled in $SECONDS s"

say "pack, publish and install"
node scripts/package/pack.js target/packages
# In a network of its own: what is not in the registry on this machine cannot be fetched.
unshare --net sh -c 'ip link set lo up && exec node scripts/package/install.js target/packages'
