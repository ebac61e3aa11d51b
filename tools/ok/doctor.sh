# Looks for what would keep the other commands from working. Sourced by ./ok.
#
# One line per problem: a stable code (docs/operating.md has a word on each), the cause, the command
# that mends it. A "broken" problem stops a build or the demo; a "degraded" one makes it slow or
# unfit for more than a demo.
# shellcheck shell=bash

disk_mib_min=3000 memory_mib_min=2000 files_min=4096 ports_min=1000 fsync_ms_max=20

broken=0 degraded=0
problem() {
  local level=$1
  shift
  say "$@"
  if [ "$level" = broken ]; then broken=$((broken + 1)); else degraded=$((degraded + 1)); fi
}

at_least() { [ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1)" = "$1" ]; }

check_system() {
  local name=unknown
  # shellcheck source=/dev/null
  [ -r /etc/os-release ] && name=$(. /etc/os-release && echo "$ID ${VERSION_ID:-}")
  [ "$name" = "debian 12" ] || problem degraded doctor_system "$name"
  command -v dpkg-query >/dev/null || return 0
  local missing
  missing=$(missing_packages build)
  [ -z "$missing" ] || problem broken doctor_packages "$missing" "$(install_line "$missing")"
  missing=$(missing_packages test)
  [ -z "$missing" ] || problem degraded doctor_packages "$missing" "$(install_line "$missing")"
}

check_tools() {
  local version
  if version=$(g++ -dumpfullversion 2>/dev/null); then
    at_least 12.2 "$version" || problem broken doctor_compiler "$version" "$(install_line g++)"
  fi
  if version=$(node --version 2>/dev/null); then
    at_least v18 "$version" || problem degraded doctor_node "$version" "$(install_line nodejs)"
  fi
  if command -v ccache >/dev/null; then
    local folder
    folder=$(ccache --get-config cache_dir)
    mkdir -p "$folder" 2>/dev/null || true
    [ -w "$folder" ] || problem degraded doctor_ccache "$folder"
  fi
}

check_tree() {
  local path home
  for path in . build build/release; do
    [ ! -e "$path" ] || [ -w "$path" ] || problem broken doctor_rights "$path" "$(id -un)" "$path"
  done
  if [ -f build/release/CMakeCache.txt ]; then
    home=$(sed -n 's/^CMAKE_HOME_DIRECTORY:INTERNAL=//p' build/release/CMakeCache.txt)
    [ "$home" = "${root:?}" ] || problem broken doctor_stale "$home"
  fi
}

check_machine() {
  local free files low high
  free=$(df -Pm . | awk 'NR == 2 { print $4 }')
  if [ ! -d build/release ] && [ "$free" -lt $disk_mib_min ]; then
    problem broken doctor_disk "$free" $disk_mib_min
  fi
  free=$(awk '/^MemAvailable:/ { print int($2 / 1024) }' /proc/meminfo)
  [ "$free" -ge $memory_mib_min ] || problem degraded doctor_memory "$free" $memory_mib_min
  files=$(ulimit -n)
  if [ "$files" != unlimited ] && [ "$files" -lt $files_min ]; then
    problem broken doctor_files "$files" $files_min $files_min
  fi
  read -r low high </proc/sys/net/ipv4/ip_local_port_range
  [ $((high - low)) -ge $ports_min ] || problem degraded doctor_ports $((high - low))
}

# probe.py prints one word and a value per line.
check_probes() {
  command -v python3 >/dev/null || return 0
  local word value
  while read -r word value; do
    case $word in
      loopback_error) problem broken doctor_loopback "$value" ;;
      clock_behind) problem broken doctor_clock_back "$value" ;;
      clock_free) problem degraded doctor_clock_free ;;
      fsync_error) problem broken doctor_fsync_failed "${root:?}" "$value" ;;
      fsync_ms) [ "${value%.*}" -lt $fsync_ms_max ] ||
        problem degraded doctor_fsync "${root:?}" "$value" ;;
    esac
  done < <(tools/ok/probe.py)
}

run_doctor() {
  check_system
  check_tools
  check_tree
  check_machine
  check_probes
  [ $broken -eq 0 ] || finish 1 doctor_broken $broken
  [ $degraded -eq 0 ] || finish 3 doctor_degraded $degraded
  finish 0 doctor_good
}
