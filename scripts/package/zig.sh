#!/usr/bin/env bash
# Installs Zig as a linker for Rust below DIR, and prints `ZIG_TOOLS=/…`.
#
#   scripts/package/zig.sh DIR
#
# A second run finds what the first one left.
set -euo pipefail

ZIG=0.17.1
ZIGBUILD=0.24.1

mkdir -p "$1"
tools="$(cd "$1" && pwd)/zig-$ZIG-$ZIGBUILD"
if [ ! -x "$tools/bin/cargo-zigbuild" ]; then
  rm -rf "$tools" "$tools.new"
  python3 -m pip install -q --disable-pip-version-check --no-deps --only-binary :all: --target "$tools.new" \
    "ziglang==$ZIG" "cargo-zigbuild==$ZIGBUILD" >&2
  mv "$tools.new" "$tools" # in its place only when it is whole
fi
echo "ZIG_TOOLS=$tools"
