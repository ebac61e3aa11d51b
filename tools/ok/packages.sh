# Finds and installs missing Debian packages. Sourced by ./ok.
#
# packages_of SECTION      names, one a line: "build", "parts", or "test" for all but "parts"
# missing_packages SECTION the names that are not installed, on one line
# need_packages SECTION    installs them after asking; ends ./ok when that is not possible
# shellcheck shell=bash

packages_of() {
  awk -v wanted="$1" '
    /^# ==/ { section = $3; next }
    /^[^# ]/ && (section == wanted || (wanted == "test" && section != "parts")) { print $1 }' packages.txt
}

# Node.js from elsewhere often brings npm along, and the package would then conflict with it.
is_installed() {
  [ "$1" = npm ] && command -v npm >/dev/null && return 0
  [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

missing_packages() {
  local name missing=()
  while read -r name; do
    is_installed "$name" || missing+=("$name")
  done < <(packages_of "$1")
  echo "${missing[*]:-}"
}

install_line() { echo "apt-get install -y --no-install-recommends $1"; }

# Installs with the lists at hand; fetches new ones only when that fails.
apt_install() {
  local names
  read -r -a names <<<"$1"
  shift
  local install=("$@" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends)
  "${install[@]}" "${names[@]}" </dev/null && return 0
  "$@" apt-get update </dev/null && "${install[@]}" "${names[@]}" </dev/null
}

agreed() {
  [ "${assume_yes:?}" = yes ] && return 0
  [ -t 0 ] || return 1
  local answer
  printf '%s' "$(say packages_ask)" >&2
  read -r answer && [[ $answer =~ ^([yY]|はい) ]]
}

need_packages() {
  command -v dpkg-query >/dev/null || finish 1 not_debian
  local missing line as_root=()
  missing=$(missing_packages "$1")
  [ -n "$missing" ] || return 0
  line=$(install_line "$missing")
  say packages_missing "$missing"
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || finish 1 packages_no_root "$line"
    as_root=(sudo)
    line="sudo $line"
  fi
  say packages_command "$line"
  agreed || finish 1 packages_refused
  apt_install "$missing" ${as_root[@]+"${as_root[@]}"} || finish 1 packages_failed "$line"
  [ -z "$(missing_packages "$1")" ] || finish 1 packages_failed "$line"
}
