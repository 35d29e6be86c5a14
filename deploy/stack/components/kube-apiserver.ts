// How is the Kubernetes API server started?
import { addresses, ports } from '../addresses.ts';
import { certificatePath, keyPath, serviceAccountPublicKey } from '../pki.ts';
import { stackPaths } from '../stack-paths.ts';
import { buildFlags, configPath, programPath, type Component } from './component.ts';
import { etcdClientUrl } from './etcd.ts';

const auditPolicyPath = configPath('audit-policy.json');

/** Who did what to which object, without bodies: tests count API writes in it. */
const auditPolicy = {
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['RequestReceived'],
  rules: [{ level: 'None', nonResourceURLs: ['/*'] }, { level: 'Metadata' }],
};

/** The API server, with the admission plugins that are on by default (Pod Security among them). */
export function buildKubeApiserver(): Component {
  return {
    name: 'kube-apiserver',
    files: { [auditPolicyPath]: JSON.stringify(auditPolicy) },
    argv: [
      programPath('kube-apiserver'),
      ...buildFlags({
        'etcd-servers': etcdClientUrl,
        'bind-address': '0.0.0.0',
        'secure-port': ports.kubeApiserver,
        'advertise-address': addresses.node,
        'tls-cert-file': certificatePath('kube-apiserver'),
        'tls-private-key-file': keyPath('kube-apiserver'),
        'client-ca-file': stackPaths.caCertificate,
        'authorization-mode': 'Node,RBAC',
        'enable-admission-plugins': 'NodeRestriction',
        'allow-privileged': true,
        'service-account-issuer': 'https://kubernetes.default.svc.cluster.local',
        'service-account-key-file': serviceAccountPublicKey,
        'service-account-signing-key-file': keyPath('service-account'),
        'service-cluster-ip-range': addresses.serviceCidr,
        'kubelet-client-certificate': certificatePath('kube-apiserver-kubelet'),
        'kubelet-client-key': keyPath('kube-apiserver-kubelet'),
        'kubelet-certificate-authority': stackPaths.caCertificate,
        'kubelet-preferred-address-types': 'InternalIP',
        profiling: false,
        'audit-policy-file': auditPolicyPath,
        'audit-log-path': stackPaths.auditLog,
        'audit-log-maxsize': 100,
        'audit-log-maxbackup': 2,
      }),
    ],
  };
}
