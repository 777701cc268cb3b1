#!/usr/bin/env bash
# .ci/browser.sh: finds a Chromium, or installs Debian's with a font for Chinese, and prints CHROMIUM_BIN=PATH. Exits 3 if there is
# none; the reason is one line on stderr.
set -euo pipefail

find_browser() {
  local name
  for name in chromium chromium-browser google-chrome; do
    program="$(command -v "$name")" && "$program" --version >/dev/null 2>&1 && return 0
  done
  return 1
}

fail() { echo "no browser: $1" >&2; exit 3; }

if ! find_browser; then
  command -v apt-get >/dev/null || fail "this machine has no apt-get. Install Chromium, and set CHROMIUM_BIN"
  [ "$(id -u)" = 0 ] || fail "only root can install it. Run: apt-get install chromium fonts-wqy-zenhei"
  {
    apt-get -qq update
    DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends install chromium fonts-wqy-zenhei fonts-dejavu-core
  } >/dev/null 2>&1 || fail "apt-get could not install it"
  find_browser || fail "the one that was installed does not start"
fi
echo "CHROMIUM_BIN=$program"
