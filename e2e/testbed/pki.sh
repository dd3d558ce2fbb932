# shellcheck shell=bash
# Certificates: one authority for everybody, and a kubeconfig for each client. Sourced by `up`.

pki=$state/pki

# certify NAME SUBJECT [ADDRESSES]: a key and a certificate for a client, or with addresses (as
# subjectAltName writes them) for a server.
certify() {
  local name=$1 subject=$2 addresses=${3-}
  [[ ! -e $pki/$name.crt ]] || return 0
  openssl req -new -newkey rsa:2048 -nodes -keyout "$pki/$name.key" -out "$pki/$name.csr" \
    -subj "$subject" 2>/dev/null
  {
    echo 'extendedKeyUsage = serverAuth, clientAuth'
    [[ -z $addresses ]] || echo "subjectAltName = $addresses"
  } >"$pki/$name.ext"
  openssl x509 -req -in "$pki/$name.csr" -CA "$pki/ca.crt" -CAkey "$pki/ca.key" -CAcreateserial \
    -days 365 -extfile "$pki/$name.ext" -out "$pki/$name.crt" 2>/dev/null
  rm "$pki/$name.csr" "$pki/$name.ext"
}

# kubeconfig FILE CREDENTIALS...: the credentials as `kubectl config set-credentials` takes them.
kubeconfig() {
  local file=$1
  local -x KUBECONFIG=$1.new
  shift
  {
    kubectl config set-cluster testbed --server "$api" --certificate-authority "$pki/ca.crt" --embed-certs
    kubectl config set-credentials client "$@"
    kubectl config set-context testbed --cluster testbed --user client
    kubectl config use-context testbed
  } >/dev/null
  mv "$KUBECONFIG" "$file"
}

client_kubeconfig() {
  kubeconfig "$state/$1.kubeconfig" --client-certificate "$pki/$1.crt" --client-key "$pki/$1.key" \
    --embed-certs
}

make_pki() {
  mkdir -p -m 0700 "$pki"
  [[ -e $pki/ca.crt ]] || openssl req -x509 -newkey rsa:2048 -nodes -days 365 -subj '/CN=sluice testbed' \
    -keyout "$pki/ca.key" -out "$pki/ca.crt" 2>/dev/null
  [[ -e $pki/service-account.pub ]] || {
    openssl genrsa -out "$pki/service-account.key" 2048 2>/dev/null
    openssl rsa -in "$pki/service-account.key" -pubout -out "$pki/service-account.pub" 2>/dev/null
  }
  certify api "/CN=kube-apiserver" \
    "IP:$gateway4, IP:$gateway6, IP:127.0.0.1, IP:$api_service4, DNS:localhost, DNS:kubernetes, DNS:kubernetes.default, DNS:kubernetes.default.svc"
  certify kubelet-server "/CN=$node" "IP:$gateway4, IP:$gateway6, DNS:$node"
  certify admin "/O=system:masters/CN=admin"
  certify kubelet "/O=system:nodes/CN=system:node:$node"
  certify kube-controller-manager "/CN=system:kube-controller-manager"
  certify kube-scheduler "/CN=system:kube-scheduler"
  for client in admin kubelet kube-controller-manager kube-scheduler; do
    client_kubeconfig "$client"
  done
}
