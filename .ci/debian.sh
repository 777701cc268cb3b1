# Functions for packages of Debian, from a newer suite than that of the machine. Sourced by other scripts.
#
# apt has a state of its own in $work, so the machine's package lists stay as they are. It checks signatures as usual.

# Fails, and sets `reason`, if this machine has no apt with a Debian mirror. Sets `mirror`.
find_mirror() {
  local tool
  for tool in apt-get dpkg dpkg-deb tar; do
    command -v "$tool" >/dev/null || { reason="this machine has no $tool"; return 1; }
  done
  mirror="$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 2>/dev/null | grep -m 1 '/debian/$' || true)"
  [ -n "$mirror" ] || { reason="this machine's apt has no Debian mirror"; return 1; }
}

# use_suite SUITE [TYPE...]: where `own_apt` looks. Default of the types: deb
use_suite() {
  local suite="$1" type
  shift
  for type in "${@:-deb}"; do
    echo "$type [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main"
  done >"$work/sources.list"
}

own_apt() {
  mkdir -p "$work/lists/partial" "$work/cache/archives/partial"
  apt-get -qq -o Dir::Etc::SourceList="$work/sources.list" -o Dir::Etc::SourceParts=- -o Dir::State::Lists="$work/lists" \
    -o Dir::Cache="$work/cache" -o APT::Sandbox::User="$(id -un)" -o Acquire::Languages=none -o Acquire::Retries=2 "$@"
}
