#!/usr/bin/env bash
# Fetches the backends of the end-to-end tests into DIR, without installing anything.
#
#   .ci/backends.sh [DIR]      default DIR: ~/.cache/ccxray-backends
#
# Prints one line each, for `eval`: VICTORIA_METRICS_BIN, VMAGENT_BIN, PROMETHEUS_BIN, PROMTOOL_BIN and ROTEL_BIN. A second
# run finds what the first one left. Exits 2 on wrong usage, and 3 if one of them is not available; the reason is one line
# on stderr, and the others are printed all the same.
#
# Debian's packages come from the mirror that the machine uses anyway, but from a newer suite; apt checks their
# signatures. The wheel comes from PyPI, and pip checks its hash.
set -euo pipefail
# shellcheck source=debian.sh
source "$(dirname "$0")/debian.sh"

SUITES=(sid trixie)
ROTEL=0.0.1a15
# Each Python has a wheel of its own: 3.10 to 3.13.
ROTEL_SHA256=(
  797faed4ec003b0b1ab65fee25a18c991cb863c221f503d383425f0958aaa5fa
  2f4117e58410c933e0dc042a268ef738dab2e3a5d63b5831209acdac2a6ddcb7
  6b1a12b2d6d52ab10574cb111053402f2bc195fa55453b19294af57c0d35bece
  322a830deed963dd5dcc460007e917eec071c5977e51c3a06029348f39e4eec9
)

[ $# -le 1 ] || { echo "usage: $0 [DIR]" >&2; exit 2; }
dir="${1:-${XDG_CACHE_HOME:-$HOME/.cache}/ccxray-backends}"
mkdir -p "$dir"
dir="$(cd "$dir" && pwd)"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

# Debian's builds of VictoriaMetrics do not know their own version, so a program is known by what it can do. The whole
# output is read before the search: `grep -q` on a pipe would end the program early.
can() { local text; text="$("$1" "$2" 2>&1 || true)" && [[ "$text" == *"$3"* ]]; }
works() {
  [ -x "$dir/$1" ] || return 1
  case "$1" in
    victoria-metrics | vmagent) can "$dir/$1" -help -opentelemetry.usePrometheusNaming ;;
    prometheus) can "$dir/$1" --help web.enable-remote-write-receiver ;;
    promtool) can "$dir/$1" --help "create-blocks-from openmetrics" ;;
    rotel-agent) can "$dir/$1" --version rotel ;;
  esac
}

# Sets `reason` and fails, or leaves the programs in $dir: debian PACKAGE OLDEST PROGRAM...
debian() {
  local package="$1" oldest="$2" mirror suite version program
  shift 2
  find_mirror || return 1
  reason="the mirror $mirror has no suite with it"
  for suite in "${SUITES[@]}"; do
    use_suite "$work/apt" "$suite" "$(dpkg --print-architecture)" deb
    rm -f "$work"/*.deb
    (cd "$work" && own_apt "$work/apt" update && own_apt "$work/apt" download "$package") >/dev/null 2>&1 || continue
    version="$(dpkg-deb -f "$work/${package}"_*.deb Version)"
    if dpkg --compare-versions "$version" lt "$oldest"; then
      reason="$suite has only $version of it, it takes $oldest"
      continue
    fi
    rm -rf "$work/root" && mkdir "$work/root"
    dpkg-deb --fsys-tarfile "$work/${package}"_*.deb | tar -x -C "$work/root"
    for program in "$@"; do
      keep "$work/root/usr/bin/$program" && works "$program" || { reason="$program of $suite ($version) does not run here"; continue 2; }
    done
    return 0
  done
  return 1
}

# Sets `reason` and fails, or leaves the program of rotel's wheel in $dir.
pypi_rotel() {
  local hash line="rotel==$ROTEL"
  python3 -m pip --version >/dev/null 2>&1 || { reason="this machine has no pip"; return 1; }
  for hash in "${ROTEL_SHA256[@]}"; do line+=" --hash=sha256:$hash"; done
  echo "$line" >"$work/requirements.txt"
  python3 -m pip download -q --disable-pip-version-check --no-deps --only-binary :all: --require-hashes -d "$work" \
    -r "$work/requirements.txt" >/dev/null 2>&1 || { reason="PyPI has no wheel of version $ROTEL for this machine with an expected hash"; return 1; }
  python3 -m zipfile -e "$work"/rotel-*.whl "$work/rotel"
  chmod 755 "$work/rotel/rotel/rotel-agent"
  keep "$work/rotel/rotel/rotel-agent" && works rotel-agent || { reason="version $ROTEL does not run here; it needs the libpython of python3"; return 1; }
}

# Moved into its place only when it is whole: a run that is ended leaves nothing that the next one would take.
keep() {
  cp "$1" "$dir/.${1##*/}.$$" && mv "$dir/.${1##*/}.$$" "$dir/${1##*/}"
}

status=0
# provide VARIABLE PROGRAM NAME COMMAND...: prints the variable, after a fetch if that is needed.
provide() {
  local variable="$1" program="$2" name="$3"
  shift 3
  if works "$program" || { reason="" && "$@"; }; then
    echo "$variable=$dir/$program"
  else
    echo "no $name: $reason" >&2
    status=3
  fi
}

provide VICTORIA_METRICS_BIN victoria-metrics VictoriaMetrics debian victoria-metrics 1.112 victoria-metrics vmagent
provide VMAGENT_BIN vmagent vmagent debian victoria-metrics 1.112 victoria-metrics vmagent
provide PROMETHEUS_BIN prometheus Prometheus debian prometheus 2.53 prometheus
# Since 2.53 it is a package of its own in Debian.
provide PROMTOOL_BIN promtool promtool debian promtool 2.53 promtool
provide ROTEL_BIN rotel-agent rotel pypi_rotel
exit "$status"
