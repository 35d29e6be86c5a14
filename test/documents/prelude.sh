# What do pages of the documentation assume to be there? (read by bash before their commands)

# A namespace, a Secret and a class of one name, and the namespace is the current one.
assume_class() {
  assumed=$1
  kubectl create namespace "$1"
  kubectl config set-context --current --namespace "$1"
  kubectl create secret generic s3-keys \
    --from-literal=access-key-id=cldevaccesskey --from-literal=secret-access-key=cldevsecretkey
  kubectl apply -f - <<EOF
apiVersion: dynamicvolume.csi.cloudnative101.net/v1alpha1
kind: StorageProviderClass
metadata: { name: $1 }
spec:
  provider: s3
  parameters:
    dynamicvolume.csi.cloudnative101.net/storage-provider-secret-name: s3-keys
    dynamicvolume.csi.cloudnative101.net/storage-provider-secret-namespace: $1
EOF
}

# A Deployment of one name and the label app with this name, with a volume root: NAME CLASS [REPLICAS] [DISPATCH-POLICY].
assume_app() {
  kubectl apply -f - <<EOF
apiVersion: apps/v1
kind: Deployment
metadata: { name: $1 }
spec:
  replicas: ${3:-1}
  selector: { matchLabels: { app: $1 } }
  template:
    metadata:
      labels: { app: $1 }
      annotations:
        dynamicvolume.csi.cloudnative101.net/storage-provider-class: $2
        dynamicvolume.csi.cloudnative101.net/volume-mount-path-root: /data
        dynamicvolume.csi.cloudnative101.net/mount-pod-dispatch-policy: ${4:-independent}
    spec:
      terminationGracePeriodSeconds: 0
      containers: [{ name: app, image: dynvol/busybox:0.2.0, command: [sleep, infinity] }]
EOF
  kubectl rollout status "deployment/$1" --timeout=2m
}

# A claim of one name that serves the app of this name: CLAIM APP.
assume_claim() {
  kubectl apply -f - <<EOF
apiVersion: dynamicvolume.csi.cloudnative101.net/v1alpha1
kind: DynamicVolumeClaim
metadata: { name: $1 }
spec:
  selector: { matchLabels: { app: $2 } }
  mountpoint: /$1
  s3Config: { bucket: my-s3-bucket, endpoint: https://play.min.io }
EOF
  kubectl wait "dvc/$1" --for=condition=Ready --timeout=2m
}

# The custom resources of the Prometheus operator, without their schemas.
assume_prometheus_operator() {
  local kind singular
  for kind in ServiceMonitor PrometheusRule; do
    singular=$(tr '[:upper:]' '[:lower:]' <<< "$kind")
    kubectl apply -f - <<EOF
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: ${singular}s.monitoring.coreos.com }
spec:
  group: monitoring.coreos.com
  scope: Namespaced
  names: { kind: $kind, singular: $singular, plural: ${singular}s }
  versions:
    - name: v1
      served: true
      storage: true
      schema: { openAPIV3Schema: { type: object, x-kubernetes-preserve-unknown-fields: true } }
EOF
    kubectl wait "crd/${singular}s.monitoring.coreos.com" --for=condition=Established
  done
}

# Processes of a page that run beside its commands.
started=()

# Starts one, whose log is in the page's folder: NAME COMMAND...
start_beside() {
  "${@:2}" > "$1.log" 2>&1 9>&- &
  started+=($!)
}

end_started() {
  [ ${#started[@]} = 0 ] || kill "${started[@]}" || true
  wait
}

# Waits until a TCP port is listened on: HOST PORT.
until_it_listens() {
  for _ in $(seq 100); do
    if (: < "/dev/tcp/$1/$2") 2> /dev/null; then return; fi
    sleep 0.1
  done
  echo "nothing listens on $1:$2"
  return 1
}

# A registry without TLS at 127.0.0.1:5000.
assume_registry() {
  cat > registry.yml <<EOF
version: '0.1'
storage: { filesystem: { rootdirectory: $PWD/registry } }
http: { addr: '127.0.0.1:5000' }
EOF
  start_beside registry docker-registry serve registry.yml
  until_it_listens 127.0.0.1 5000
}

# A certificate of an authority that is made with the first one, for temporal.example.com: NAME.
make_certificate() {
  local new=(-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes)
  [ -e ca.crt ] || openssl req -x509 "${new[@]}" -subj /CN=authority -days 1 -keyout ca.key -out ca.crt
  openssl req -new "${new[@]}" -subj "/CN=$1" -keyout "$1.key" -out "$1.csr"
  openssl x509 -req -in "$1.csr" -CA ca.crt -CAkey ca.key -CAcreateserial -days 1 -out "$1.crt" \
    -extfile <(echo subjectAltName=DNS:temporal.example.com)
}

# What a page about Temporal makes.
forget_temporal_secrets() {
  kubectl --namespace dynvol-system delete secret temporal-tls temporal-api-key --ignore-not-found
}

# Temporal behind TLS at $TLS_FRONT, which lets nobody in but whoever has tls.crt and tls.key.
assume_temporal_with_tls() {
  forget_temporal_secrets
  make_certificate front
  make_certificate tls
  export TLS_FRONT=${TEMPORAL_ADDRESS%:*}:7234
  start_beside tls-front node test/documents/tls-front.ts "$TLS_FRONT" "$TEMPORAL_ADDRESS"
  until_it_listens "${TLS_FRONT%:*}" "${TLS_FRONT#*:}"
}

# The controllers of cert-manager. Its custom resources stay: Helm needs them to take away what it has made of them.
assume_cert_manager() {
  kubectl apply --server-side --filename "$CERT_MANAGER_CRDS"
  kubectl wait --for=condition=Established --filename "$CERT_MANAGER_CRDS"
  start_beside cert-manager "$CERT_MANAGER" --kubeconfig "$KUBECONFIG"
}

# Waits until every part of the product runs as it shall.
until_rolled_out() {
  local part
  for part in deployment/controller deployment/webhook daemonset/csi-node; do
    kubectl --namespace dynvol-system rollout status "$part" --timeout=3m
  done
}

# Runs the command of standard input, which does not end, until an address answers: URL.
until_it_answers() {
  local command pid answered=
  command=$(cat)
  bash -c "exec $command" &
  pid=$!
  for _ in $(seq 100); do
    kill -0 "$pid"
    if node -e 'fetch(process.argv[1]).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))' "$1"; then
      answered=yes
      break
    fi
    sleep 0.2
  done
  kill "$pid"
  wait "$pid" || true
  [ -n "$answered" ]
}

# Runs a program among the mounts of a node.
on_node() { nsenter -t "$NODE_HOLDER" -m -- "$@"; }

# The revision of the release.
present_revision() { helm list --namespace dynvol-system --filter '^dynvol$' | awk 'NR == 2 { print $3 }'; }

# Takes a namespace and its class away again.
leave() {
  assumed=
  kubectl config set-context --current --namespace default
  kubectl delete namespace "$1"
  kubectl delete spclass "$1"
}

# What a page that failed has left, so that others do not fail of it.
clear_up() {
  kubectl get nodes -o name | xargs -n 1 kubectl uncordon
  [ -z "${assumed:-}" ] || leave "$assumed"
}
