# shellcheck shell=bash disable=SC2034  # the names set here are used by the scripts that source this file
# What every script of the testbed shares: where things are, what they are called, and how a
# process is started, found and stopped. Sourced, never run.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

# The two directories. Everything the cluster writes is in $state, which `down` removes; what takes
# long to build is in $cache, which nothing removes.
state=$(realpath -m "${SLUICE_TESTBED:-${XDG_STATE_HOME:-/var/lib}/sluice-testbed}")
cache=$(realpath -m "${SLUICE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/sluice}")

# The node's side of the bridge that pods are plugged into. The API server and the kubelet listen
# here too: a kubelet refuses a loopback address, and pods can reach this one.
bridge=sluice0
gateway4=10.22.0.1
gateway6=fd00:22::1
pods4=10.22.0.0/16
pods6=fd00:22::/64
services4=10.23.0.0/16
services6=fd00:23::/112
api_service4=10.23.0.1
nft_table=sluice-testbed

etcd_port=23790
etcd_peer_port=23800
api_port=26443
controller_manager_port=26257
scheduler_port=26259
kubelet_port=26250
kubelet_healthz_port=26248
istiod_xds_port=26412
istiod_webhook_port=26417
istiod_ready_port=26480
istiod_monitoring_port=26414
api=https://$gateway4:$api_port

node=testbed
containerd_socket=$state/containerd.sock
cni_conf_dir=$state/cni/net.d
cni_bin_dir=$state/cni/bin
plugin_state=$state/sluice
admin=$state/admin.kubeconfig

# In the order in which they start; the last one only where Istio was installed.
components=(etcd kube-apiserver kube-controller-manager kube-scheduler containerd kubelet)
[[ ! -d $state/istio ]] || components+=(istiod)

say() { printf '%s\n' "$*" >&2; }
die() { say "${0##*/}: $*"; exit 1; }
skip() { say "${0##*/}: $*"; exit 77; }

need_root() { [[ $EUID == 0 ]] || die "the testbed makes namespaces, mounts and links: run it as root."; }

# need_packages PACKAGE...: installs those of Debian's packages that are missing.
need_packages() {
  local package missing=()
  for package in "$@"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
  done
  ((${#missing[@]})) || return 0
  say "installing ${missing[*]}"
  { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${missing[@]}"; } >&2 ||
    die "could not install ${missing[*]}: install them by hand."
}

# wait_until SECONDS WHAT COMMAND...: until the command succeeds.
wait_until() {
  local deadline=$((SECONDS + $1)) what=$2
  shift 2
  until "$@" >/dev/null 2>&1; do
    ((SECONDS < deadline)) || die "$what did not happen in time: see the logs in $state/log."
    sleep 0.2
  done
}

# A process is known by its id and its start time, so that an id which another process has been
# given since is not taken for ours. One that has ended and was not waited for (Z) has no start time.
started_at() { awk '$3 != "Z" { print $22 }' "/proc/$1/stat" 2>/dev/null; }

# pid_of COMPONENT: prints its process id, or fails when it is not running.
pid_of() {
  local pid at
  read -r pid at 2>/dev/null <"$state/run/$1" || return 1
  [[ -n $at && $(started_at "$pid") == "$at" ]] && echo "$pid"
}

# start COMPONENT COMMAND...: in the background with its own log, unless it is running.
start() {
  local component=$1
  shift
  pid_of "$component" >/dev/null && return
  say "starting $component"
  setsid "$@" </dev/null >>"$state/log/$component" 2>&1 &
  echo "$! $(started_at $!)" >"$state/run/$component"
}

# stop COMPONENT: and wait until it has gone, so that its port is free for the next one.
stop() {
  local pid
  pid=$(pid_of "$1") || return 0
  say "stopping $1"
  kill "$pid"
  local deadline=$((SECONDS + 20))
  while pid_of "$1" >/dev/null; do
    ((SECONDS < deadline)) || kill -KILL "$pid" 2>/dev/null || true
    sleep 0.1
  done
  rm -f "$state/run/$1"
}

# An image is imported when its sum has changed: without a registry this is all the pulling there is.
import_images() {
  local archive sum
  "$here/images/make" "$state/images" "$@"
  for archive in "$state"/images/*.tar; do
    sum=$(sha256sum <"$archive")
    [[ $sum != "$(cat "$archive.imported" 2>/dev/null)" ]] || continue
    say "importing $(basename "$archive" .tar)"
    ctr images import --snapshotter native "$archive" >/dev/null
    echo "$sum" >"$archive.imported"
  done
}

# The directory that holds a Go module's tools: named after all that decides what they are.
tools_dir() {
  local key
  key=$({ cat "$here/$1"/{go.mod,go.sum}; go env GOVERSION GOARCH; } | sha256sum)
  echo "$cache/$1-${key:0:12}"
}
