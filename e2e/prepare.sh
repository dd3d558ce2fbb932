# shellcheck shell=bash
# What e2e/demo and e2e/test share: making a fresh Debian machine able to build and run Sluice.
# Sourced, never run. Idempotent: installs only what is missing.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cache=${SLUICE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/sluice}

build_packages=(g++ cmake ninja-build pkg-config ccache nlohmann-json3-dev libnl-3-dev
  libnl-route-3-dev libmnl-dev libnftnl-dev libyaml-cpp-dev libre2-dev doctest-dev libboost1.81-dev
  libssl-dev libexpected-dev libcli11-dev libfmt-dev debian-archive-keyring ca-certificates)
demo_packages=(containernetworking-plugins uidmap)
test_packages=(nftables iproute2 procps strace file openssl python3 python3-jsonschema python3-yaml
  python3-ruamel.yaml curl clang-format-19 clang-tidy-19 shellcheck util-linux git)

say() { printf '\n== %s\n' "$*"; }

# install PACKAGE...: those that are missing.
install() {
  local package missing=()
  for package in "$@"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
  done
  ((${#missing[@]})) || return 0
  say "installing ${missing[*]}"
  [[ $EUID == 0 ]] || { echo "as root: apt-get install ${missing[*]}" >&2; return 1; }
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

# build PRESET: configures and builds it.
build() {
  say "building $1"
  "$root/conf/cmake/fetch-libmnl" "$cache/libmnl"
  (cd "$root" && cmake --preset "$1" -DSLUICE_LIBMNL_DIR="$cache/libmnl" >/dev/null &&
    cmake --build --preset "$1")
}
