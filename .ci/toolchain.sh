#!/usr/bin/env bash
# Fetches what builds the addon for other kinds of Linux into DIR, without installing anything.
#
#   .ci/toolchain.sh [DIR]      default DIR: ~/.cache/ccxray-toolchain
#
# Prints `ZIG_TOOLS=/…` and `RUSTC_WITH_SOURCE=/…`, for `eval`: Zig links for any glibc and for musl, and this Rust
# brings the source of its standard library, from which cargo builds it for a target that has no prebuilt one. A second
# run finds what the first one left. Exits 2 on wrong usage, and 3 with the reason in one line on stderr where something
# is not to be had. It needs a Debian 12 machine with pip.
set -euo pipefail

RUST_PACKAGES=(rustc-web libstd-rust-web-dev rust-web-src)

unavailable() {
  echo "no toolchain for other targets: $*" >&2
  exit 3
}

[ $# -le 1 ] || { echo "usage: $0 [DIR]" >&2; exit 2; }
dir="${1:-${XDG_CACHE_HOME:-$HOME/.cache}/ccxray-toolchain}"
mkdir -p "$dir"
dir="$(cd "$dir" && pwd)"
# shellcheck source=debian.sh
source "$(dirname "$0")/debian.sh"

python3 -m pip --version >/dev/null 2>&1 || unavailable "this machine has no pip"
zig="$(bash "$(dirname "$0")/../scripts/package/zig.sh" "$dir")" || unavailable "PyPI has no Zig for this machine"

rust="$dir/rust"
rustc="$rust/rustc" # finds the libraries beside it, which Debian would have installed
if ! "$rustc" --version >/dev/null 2>&1; then
  rm -rf "$rust" "$rust.new"
  unpack_packages "$rust.new" "${RUST_PACKAGES[@]}" || unavailable "apt has none of ${RUST_PACKAGES[*]}"
  cat >"$rust.new/rustc" <<'RUSTC'
#!/bin/sh
here="$(dirname "$(readlink -f "$0")")"
LD_LIBRARY_PATH="$(echo "$here"/usr/lib/*-linux-gnu)" exec "$here/usr/bin/rustc" --sysroot "$here/usr" "$@"
RUSTC
  chmod 755 "$rust.new/rustc"
  mv "$rust.new" "$rust"
  "$rustc" --version >/dev/null || unavailable "Debian's rustc does not run here"
fi

echo "$zig"
echo "RUSTC_WITH_SOURCE=$rustc"
