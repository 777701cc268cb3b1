# shellcheck shell=bash
# For scripts that unpack packages of Debian without installing them. To be sourced.
#
# apt has a state of its own, a directory STATE, so the machine's package lists stay as they are. It checks signatures as
# usual. Without `use_suite` its sources are those of the machine.

# Fails, and sets `reason`, if this machine has no apt with a Debian mirror. Sets `mirror`.
find_mirror() {
  local tool
  for tool in apt-get dpkg dpkg-deb tar; do
    command -v "$tool" >/dev/null || { reason="this machine has no $tool"; return 1; }
  done
  mirror="$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 2>/dev/null | grep -m 1 '/debian/$' || true)"
  [ -n "$mirror" ] || { reason="this machine's apt has no Debian mirror"; return 1; }
}

# use_suite STATE SUITE ARCHITECTURE TYPE...: the only source of `own_apt STATE`, on the mirror that `find_mirror` has found.
use_suite() {
  local state="$1" suite="$2" architecture="$3" type
  shift 3
  mkdir -p "$state"
  for type in "$@"; do
    echo "$type [arch=$architecture signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main"
  done >"$state/sources.list"
  printf '%s\n' "APT::Architecture \"$architecture\";" "APT::Architectures { \"$architecture\"; };" "Dir::Etc::SourceList \"$state/sources.list\";" \
    'Dir::Etc::SourceParts "-";' >"$state/apt.conf"
}

# own_apt STATE ARGUMENT...
own_apt() {
  local state="$1" options=()
  shift
  mkdir -p "$state/lists/partial" "$state/cache/archives/partial"
  [ ! -e "$state/apt.conf" ] || options=(-c "$state/apt.conf")
  apt-get -qq "${options[@]}" -o Dir::State::Lists="$state/lists" -o Dir::Cache="$state/cache" -o APT::Sandbox::User="$(id -un)" \
    -o Acquire::Languages=none -o Acquire::Retries=2 "$@"
}

# unpack_packages DIR PACKAGE...: the newest version of each that the machine's sources have, and of what it depends on and the
# machine lacks.
unpack_packages() {
  local into="$1" state package
  shift
  for tool in apt-get dpkg-deb; do
    command -v "$tool" >/dev/null || { echo "this machine has no $tool" >&2; return 1; }
  done
  state="$(mktemp -d)"
  mkdir -p "$into"
  (
    cd "$state"
    own_apt "$state" update >/dev/null
    own_apt "$state" -y --no-install-recommends --download-only install "$@" >/dev/null
    for package in cache/archives/*.deb; do dpkg-deb -x "$package" "$into"; done
  ) || { rm -rf "$state"; return 1; }
  rm -rf "$state"
}
