# shellcheck shell=bash
# For scripts that unpack packages of Debian without installing them. To be sourced.

# apt with a state of its own in $1, so that the machine's package lists stay as they are.
own_apt() {
  local state="$1"
  shift
  mkdir -p "$state/lists/partial" "$state/cache/archives/partial"
  apt-get -qq -o Dir::State::Lists="$state/lists" -o Dir::Cache="$state/cache" -o APT::Sandbox::User="$(id -un)" \
    -o Acquire::Languages=none -o Acquire::Retries=2 "$@"
}

# Unpacks the newest version of each package, and what it depends on and the machine lacks, into the directory $1.
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
