# shellcheck shell=bash
# The node: network, containerd, kubelet. Sourced by `up`.

# What the node's programs change on the machine outside $state, noted before the first of them
# runs, for `down` to undo: kernel settings, directories that have no option to move them, portmap's chains.
touched_settings=(
  net.ipv4.ip_forward net.ipv6.conf.all.forwarding vm.overcommit_memory vm.panic_on_oom
  kernel.panic kernel.panic_on_oops kernel.keys.root_maxkeys kernel.keys.root_maxbytes
)
touched_directories=(/var/lib/cni /var/lib/kubelet /var/log/containers /run/containerd)

note_machine() {
  local directory iptables
  [[ ! -e $state/settings ]] || return 0
  for iptables in iptables ip6tables; do
    ! "$iptables-save" -t nat 2>/dev/null | grep -q CNI- || touch "$state/$iptables-had-cni"
  done
  for directory in "${touched_directories[@]}"; do
    [[ -e $directory ]] || echo "$directory"
  done >"$state/new-directories"
  sysctl "${touched_settings[@]}" >"$state/settings"
}

# The bridge exists before the first pod, because the API server and the kubelet listen on it. An
# IPv6 address would wait for the first port of the bridge before it is usable, hence nodad.
make_bridge() {
  ip link show "$bridge" >/dev/null 2>&1 || ip link add "$bridge" type bridge
  sysctl -qw "net.ipv6.conf.$bridge.disable_ipv6=0"
  ip address replace "$gateway4/${pods4#*/}" dev "$bridge"
  ip address replace "$gateway6/${pods6#*/}" dev "$bridge" nodad
  ip link set "$bridge" up
  lead_to_api
}

# What kube-proxy would do, for one service: pods reach the API server at the address that their
# environment has for it.
lead_to_api() {
  nft -f - <<NFT
table ip $nft_table
delete table ip $nft_table
table ip $nft_table {
  chain prerouting {
    type nat hook prerouting priority dstnat
    ip daddr $api_service4 tcp dport 443 dnat to $gateway4:$api_port
  }
}
NFT
}

# The chain ends with sluice-cni, if it is there: it must see the addresses that bridge gave.
write_cni_conf() {
  local sluice=
  if [[ -e $cni_bin_dir/sluice-cni ]]; then
    sluice=",
    {\"type\": \"sluice-cni\", \"podSource\": \"api\", \"kubeconfig\": \"$state/sluice-cni.kubeconfig\",
     \"excludeNamespaces\": [\"kube-system\"], \"timeout\": \"10s\", \"stateDir\": \"$plugin_state\",
     \"logLevel\": \"debug\", \"logFile\": \"$state/log/sluice-cni\"}"
  fi
  mkdir -p "$cni_conf_dir" "$plugin_state"
  cat >"$cni_conf_dir/.10-podnet.conflist" <<JSON
{
  "cniVersion": "1.0.0",
  "name": "podnet",
  "plugins": [
    {"type": "bridge", "bridge": "$bridge", "isGateway": true, "hairpinMode": true,
     "ipam": {"type": "host-local", "dataDir": "$state/cni/addresses",
              "ranges": [[{"subnet": "$pods4"}], [{"subnet": "$pods6"}]],
              "routes": [{"dst": "0.0.0.0/0"}, {"dst": "::/0"}]}},
    {"type": "portmap", "capabilities": {"portMappings": true}}$sluice
  ]
}
JSON
  # A name that containerd does not load until it is whole.
  mv "$cni_conf_dir/.10-podnet.conflist" "$cni_conf_dir/10-podnet.conflist"
}

link_standard_plugins() {
  mkdir -p "$cni_bin_dir"
  ln -sf /usr/lib/cni/{bridge,host-local,portmap,loopback} "$cni_bin_dir/"
}

write_containerd_conf() {
  cat >"$state/containerd.toml" <<TOML
version = 2
root = "$state/containerd/root"
state = "$state/containerd/state"

[grpc]
  address = "$containerd_socket"

[plugins."io.containerd.internal.v1.opt"]
  path = "$state/containerd/opt"

[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "docker.io/sluice/pause:1"
  restrict_oom_score_adj = true           # the machine may lack CAP_SYS_RESOURCE
  netns_mounts_under_state_dir = true     # not beside the host's own in /run/netns
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "$cni_bin_dir"
    conf_dir = "$cni_conf_dir"
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "native"                # works on every file system
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
        Root = "$state/containerd/runc"
TOML
}

start_containerd() {
  write_containerd_conf
  start containerd containerd --config "$state/containerd.toml"
  wait_until 30 "containerd's answer" ctr version
}

# cgroups, eviction and swap: take the machine as it is, be it a container itself.
write_kubelet_conf() {
  cat >"$state/kubelet.yaml" <<YAML
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
address: $gateway4
port: $kubelet_port
healthzPort: $kubelet_healthz_port
tlsCertFile: $pki/kubelet-server.crt
tlsPrivateKeyFile: $pki/kubelet-server.key
authentication: {anonymous: {enabled: false}, webhook: {enabled: true}, x509: {clientCAFile: $pki/ca.crt}}
authorization: {mode: Webhook}
containerRuntimeEndpoint: unix://$containerd_socket
staticPodPath: $state/static-pods
podLogsDir: $state/log/pods
volumePluginDir: $state/kubelet/volume-plugins
resolvConf: /dev/null
nodeStatusReportFrequency: 10s   # after an outage of the API server, ready again at once
cgroupDriver: cgroupfs
cgroupsPerQOS: false
enforceNodeAllocatable: []
failCgroupV1: false
failSwapOn: false
localStorageCapacityIsolation: false
makeIPTablesUtilChains: false
evictionHard: {memory.available: 10Mi, nodefs.available: 1%, nodefs.inodesFree: 1%, imagefs.available: 1%}
imageGCHighThresholdPercent: 100
YAML
}

start_kubelet() {
  write_kubelet_conf
  mkdir -p "$state/static-pods"
  start kubelet kubelet --config "$state/kubelet.yaml" --kubeconfig "$state/kubelet.kubeconfig" \
    --root-dir "$state/kubelet" --cert-dir "$state/kubelet/pki" \
    --hostname-override "$node" --node-ip "$gateway4,$gateway6"
  wait_until 60 "the node's readiness" \
    kubectl wait "node/$node" --for=condition=Ready --timeout=1s
}
