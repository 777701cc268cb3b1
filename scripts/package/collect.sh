#!/usr/bin/env bash
# Puts the binaries that other machines have built where they are packed: DIR/binary-ID/*.node into npm/ID/.
#
#   scripts/package/collect.sh DIR
set -euo pipefail

from="$(cd "$1" && pwd)"
cd "$(dirname "$0")/../.."
for folder in "$from"/binary-*; do
  id="${folder##*/binary-}"
  cp "$folder"/*.node "npm/$id/"
  echo "npm/$id: $(ls "npm/$id"/*.node)"
done
