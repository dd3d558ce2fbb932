# shellcheck shell=bash
# etcd, the API server and its two companions. Sourced by `up`.

start_etcd() {
  start etcd etcd --name testbed --data-dir "$state/etcd" --unsafe-no-fsync \
    --listen-client-urls "http://127.0.0.1:$etcd_port" \
    --advertise-client-urls "http://127.0.0.1:$etcd_port" \
    --listen-peer-urls "http://127.0.0.1:$etcd_peer_port" \
    --initial-advertise-peer-urls "http://127.0.0.1:$etcd_peer_port" \
    --initial-cluster "testbed=http://127.0.0.1:$etcd_peer_port"
}

# Aggregator routing: a webhook's Service is reached through its endpoints, since nothing here
# answers on a cluster IP. The kubelet's certificate is for `kubectl logs` and `exec`.
start_api_server() {
  start kube-apiserver kube-apiserver \
    --etcd-servers "http://127.0.0.1:$etcd_port" \
    --bind-address "$gateway4" --advertise-address "$gateway4" --secure-port "$api_port" \
    --tls-cert-file "$pki/api.crt" --tls-private-key-file "$pki/api.key" \
    --client-ca-file "$pki/ca.crt" \
    --service-cluster-ip-range "$services4,$services6" \
    --service-account-issuer https://kubernetes.default.svc \
    --service-account-key-file "$pki/service-account.pub" \
    --service-account-signing-key-file "$pki/service-account.key" \
    --authorization-mode Node,RBAC \
    --enable-admission-plugins NodeRestriction,PodSecurity \
    --enable-aggregator-routing --allow-privileged \
    --kubelet-preferred-address-types InternalIP --kubelet-certificate-authority "$pki/ca.crt" \
    --kubelet-client-certificate "$pki/admin.crt" --kubelet-client-key "$pki/admin.key"
  wait_until 90 "the API server's readiness" kubectl get --raw /readyz
}

start_controller_manager() {
  start kube-controller-manager kube-controller-manager \
    --kubeconfig "$state/kube-controller-manager.kubeconfig" --leader-elect=false \
    --bind-address 127.0.0.1 --secure-port "$controller_manager_port" \
    --use-service-account-credentials \
    --service-account-private-key-file "$pki/service-account.key" --root-ca-file "$pki/ca.crt"
}

start_scheduler() {
  start kube-scheduler kube-scheduler \
    --kubeconfig "$state/kube-scheduler.kubeconfig" --leader-elect=false \
    --bind-address 127.0.0.1 --secure-port "$scheduler_port"
}
