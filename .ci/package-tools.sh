#!/usr/bin/env bash
# Installs what the packages are tried with into DIR: a registry for this machine, package managers, bundlers, other
# runtimes. `package-tools/package.json` names their versions.
#
#   .ci/package-tools.sh [DIR]      default DIR: ~/.cache/ccxray-package-tools
#
# Prints `CCXRAY_PACKAGE_TOOLS=/…`, for `eval`. A second run finds what the first one left. Exits 2 on wrong usage, and 3 with
# the reason in one line on stderr where something is not to be had.
set -euo pipefail

[ $# -le 1 ] || { echo "usage: $0 [DIR]" >&2; exit 2; }
here="$(cd "$(dirname "$0")/package-tools" && pwd)"
dir="${1:-${XDG_CACHE_HOME:-$HOME/.cache}/ccxray-package-tools}"
mkdir -p "$dir"
dir="$(cd "$dir" && pwd)"
if ! cmp -s "$here/package.json" "$dir/installed.json"; then
  rm -rf "$dir/node_modules" "$dir/installed.json" "$dir/package-lock.json"
  cp "$here/package.json" "$dir/package.json"
  (cd "$dir" && npm install --no-fund --no-audit --silent) || { echo "npm has not all of $here/package.json" >&2; exit 3; }
  cp "$here/package.json" "$dir/installed.json"
fi
echo "CCXRAY_PACKAGE_TOOLS=$dir"
