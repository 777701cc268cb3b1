#!/usr/bin/env bash
# Fetches the Node versions that the addon is tried on into DIR, without installing anything.
#
#   .ci/nodes.sh [DIR]      default DIR: ~/.cache/ccxray-nodes
#
# Prints `CCXRAY_NODES=/…/18.18.0/node:/…/20/node:…`, for `eval`. The machine's own Node stands for its major version; the
# others come out of packages on npm: the oldest Node that is supported, and the newest of each later major version. A
# second run finds what the first one left. Exits 2 on wrong usage, and 3 with the reason in one line on stderr where one
# of them is not to be had.
set -euo pipefail

VERSIONS=(18.18.0 20 22 24 26)

unavailable() {
  echo "no Node $*" >&2
  exit 3
}

[ $# -le 1 ] || { echo "usage: $0 [DIR]" >&2; exit 2; }
dir="${1:-${XDG_CACHE_HOME:-$HOME/.cache}/ccxray-nodes}"
mkdir -p "$dir"
dir="$(cd "$dir" && pwd)"

# It runs here and is of that version.
is() { [[ "$("$1" --version 2>/dev/null)." == v"$2".* ]]; }

work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

# Puts Node $1 at $2.
fetch() {
  local version="$1" node="$2" cpu
  cpu="$(uname -m | sed 's/x86_64/x64/; s/aarch64/arm64/')"
  rm -rf "${work:?}"/*
  (cd "$work" && npm pack --silent "node-linux-$cpu@$version" >/dev/null 2>&1) || unavailable "$version: npm has no package of it for this machine"
  # Moved into its place only when it is whole: a run that is ended leaves nothing that the next one would take.
  tar -xzf "$work"/*.tgz -C "$work" package/bin/node
  is "$work/package/bin/node" "$version" || unavailable "$version: the one of npm does not run here"
  mkdir -p "${node%/*}"
  cp "$work/package/bin/node" "$node.$$"
  mv "$node.$$" "$node"
}

own="$(command -v node || true)"
nodes=()
for version in "${VERSIONS[@]}"; do
  node="$dir/$version/node"
  if [ -n "$own" ] && is "$own" "$version"; then
    node="$own"
  elif ! is "$node" "$version"; then
    fetch "$version" "$node"
  fi
  nodes+=("$node")
done
printf -v list '%s:' "${nodes[@]}"
echo "CCXRAY_NODES=${list%:}"
