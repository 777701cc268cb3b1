#!/usr/bin/env bash
# Installs the tarballs in DIR on this machine, without a registry and without Rust, and uses them.
#
#   scripts/package/try-tarballs.sh DIR
set -euo pipefail

from="$(cd "$1" && pwd)"
smoke="$(cd "$(dirname "$0")/smoke" && pwd)"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
cp "$smoke"/*.cjs "$smoke"/*.mjs "$work/"
cd "$work"

id="$(node -p '[process.platform, process.arch, { linux: process.report.getReport().header.glibcVersionRuntime ? "gnu" : "musl", win32: "msvc" }[process.platform]].filter(Boolean).join("-")')"
mkdir home
export HOME="$work/home"
npm install --no-audit --no-fund --omit=optional "$from"/ccxray-otel-native-[0-9]*.tgz "$from"/ccxray-otel-native-"$id"-*.tgz
for program in use.cjs use.mjs worker.cjs; do
  printed="$(node "$program")"
  [ "$printed" = "disabled true default and named" ] || { echo "$program printed: $printed" >&2; exit 1; }
done
# Telemetry is off here, so the exit code is 1.
for command in status check; do
  code=0
  npx --no-install ccxray-otel "$command" || code=$?
  [ "$code" = 1 ] || { echo "$command left with $code" >&2; exit 1; }
done
