#!/usr/bin/env bash
# Publishes the tarballs in DIR: first those with a binary, then the main package, which names them. One that is published
# already is left out, so that a run that failed can be repeated.
#
#   scripts/package/publish.sh DIR [NPM_OPTION…]
set -euo pipefail

from="$(cd "$1" && pwd)"
shift
is_published() { npm view "$1" version "${@:2}" >/dev/null 2>&1; }

for tarball in "$from"/ccxray-otel-native-[!0-9]*.tgz "$from"/ccxray-otel-native-[0-9]*.tgz; do
  name="$(tar -xzOf "$tarball" package/package.json | node -p '(({ name, version }) => `${name}@${version}`)(JSON.parse(require("fs").readFileSync(0, "utf8")))')"
  if is_published "$name" "$@"; then
    echo "$name is published already"
  else
    npm publish "$tarball" "$@"
  fi
done
