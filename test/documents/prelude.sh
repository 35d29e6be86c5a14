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
      containers: [{ name: app, image: dynvol/busybox:0.1.0, command: [sleep, infinity] }]
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
