# Configures and builds the preset "release". Sourced by ./ok.
# shellcheck shell=bash

# Lets two checkouts of the tree share one compiler cache.
export CCACHE_BASEDIR=${CCACHE_BASEDIR:-$root} CCACHE_NOHASHDIR=${CCACHE_NOHASHDIR:-1}

# configure_and_build [TARGET]; everything when no target is named.
configure_and_build() {
  if [ ! -f build/release/build.ninja ]; then
    headline configuring
    cmake --preset release || finish 1 configure_failed
  fi
  headline building
  cmake --build --preset release ${1:+--target "$1"} || finish 1 build_failed
}
