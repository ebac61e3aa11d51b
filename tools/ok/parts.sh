# Programs that the tests start beside ours. Sourced by ./ok.
#
# Installing them would start them as daemons that listen on every address. So their packages, those
# of the section "parts" of packages.txt, are fetched and laid out under build/parts instead, which
# needs no rights. What is installed already is used as it is.
#
# need_parts   lays out what is missing and puts it on the PATH; ends ./ok when that is not possible
# shellcheck shell=bash

parts=build/parts

missing_parts() {
  local name missing=()
  while read -r name; do
    is_installed "$name" || [ -e "$parts/$name.done" ] || missing+=("$name")
  done < <(packages_of parts)
  echo "${missing[*]:-}"
}

fetch_parts() { (cd "$parts" && apt-get download "$@" </dev/null); }

lay_out_parts() {
  local names name
  read -r -a names <<<"$1"
  mkdir -p "$parts"
  # The lists at hand may name versions that are gone; only root can fetch new ones.
  fetch_parts "${names[@]}" || {
    local as_root=()
    [ "$(id -u)" -eq 0 ] || as_root=(sudo)
    ${as_root[@]+"${as_root[@]}"} apt-get update </dev/null && fetch_parts "${names[@]}"
  } || return 1
  for name in "${names[@]}"; do
    dpkg-deb -x "$parts/$name"_*.deb "$parts" && rm -f "$parts/$name"_*.deb || return 1
    touch "$parts/$name.done"
  done
}

need_parts() {
  local missing
  missing=$(missing_parts)
  if [ -n "$missing" ]; then
    say parts_fetching "$missing"
    lay_out_parts "$missing" || finish 1 parts_failed "apt-get download $missing"
  fi
  export PATH=$PATH:${root:?}/$parts/usr/bin
}
