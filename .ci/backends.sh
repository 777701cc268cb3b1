#!/usr/bin/env bash
# Fetches a VictoriaMetrics for the end-to-end test into DIR, without installing anything.
#
#   .ci/backends.sh [DIR]      default DIR: ~/.cache/ccxray-backends
#
# Prints `VICTORIA_METRICS_BIN=/…/victoria-metrics`, for `eval`. A second run finds what the first one left.
# Exits 2 on wrong usage, and 3 with the reason in one line on stderr where there is none to be had. It needs a
# Debian machine: the package comes from the mirror that the machine uses anyway, but from a newer suite.
set -euo pipefail

OLDEST=1.112 # that the test has been run with
SUITES=(sid trixie)

unavailable() {
  echo "no VictoriaMetrics: $*" >&2
  exit 3
}

[ $# -le 1 ] || { echo "usage: $0 [DIR]" >&2; exit 2; }
dir="${1:-${XDG_CACHE_HOME:-$HOME/.cache}/ccxray-backends}"
mkdir -p "$dir"
dir="$(cd "$dir" && pwd)"
bin="$dir/victoria-metrics"

# Debian's builds do not know their own version, so one that is here already is known by what it can do.
works() { [[ "$("$bin" -help 2>&1)" == *-opentelemetry.usePrometheusNaming* ]]; }
finish() {
  echo "VICTORIA_METRICS_BIN=$bin"
  exit 0
}
[ -x "$bin" ] && works && finish

for tool in apt-get dpkg dpkg-deb tar; do
  command -v "$tool" >/dev/null || unavailable "this machine has no $tool"
done
mirror="$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 2>/dev/null | grep -m 1 '/debian/$' || true)"
[ -n "$mirror" ] || unavailable "this machine's apt has no Debian mirror"

# apt with a state of its own: the machine's package lists stay as they are.
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/lists/partial" "$work/cache/archives/partial"
own_apt() {
  apt-get -qq -o Dir::Etc::SourceList="$work/sources.list" -o Dir::Etc::SourceParts=- -o Dir::State::Lists="$work/lists" \
    -o Dir::Cache="$work/cache" -o APT::Sandbox::User="$(id -un)" -o Acquire::Languages=none -o Acquire::Retries=2 "$@"
}

reason="the mirror $mirror has no suite with it"
cd "$work"
for suite in "${SUITES[@]}"; do
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main" >sources.list
  rm -f ./*.deb
  own_apt update >/dev/null 2>&1 && own_apt download victoria-metrics >/dev/null 2>&1 || continue
  version="$(dpkg-deb -f victoria-metrics_*.deb Version)"
  if dpkg --compare-versions "$version" lt "$OLDEST"; then
    reason="$suite has only $version, it takes $OLDEST"
    continue
  fi
  dpkg-deb --fsys-tarfile victoria-metrics_*.deb | tar -x -C "$dir" --strip-components=3 ./usr/bin/victoria-metrics
  works && finish
  reason="the one of $suite ($version) does not run here"
done
rm -f "$bin"
unavailable "$reason"
