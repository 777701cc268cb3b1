#!/usr/bin/env bash
# Replays the captured entries with the binary of ID, in the container IMAGE if there is one.
#
#   scripts/package/replay.sh ID [IMAGE]
set -euo pipefail
cd "$(dirname "$0")/../.."

if [ -n "${2:-}" ]; then
  docker run --rm --volume "$PWD:/repository:ro" --workdir /repository "$2" node scripts/package/replay.js "$1"
else
  node scripts/package/replay.js "$1"
fi
