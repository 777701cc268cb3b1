#!/usr/bin/env bash
# Installs what builds the target ID on a machine of its own kind: Rust's standard library for it and, on Linux, Zig. The
# steps that follow in a workflow get the variables.
#
#   scripts/package/prepare.sh ID
set -euo pipefail
cd "$(dirname "$0")/../.."

rustup target add "$(node -p 'require("./scripts/package/targets").findTarget(process.argv[1]).triple' "$1")"
case "$1" in
  linux-*) bash scripts/package/zig.sh "${XDG_CACHE_HOME:-$HOME/.cache}/ccxray-toolchain" | tee -a "${GITHUB_ENV:-/dev/null}" ;;
esac
