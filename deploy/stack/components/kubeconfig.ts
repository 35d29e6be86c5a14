// How does a client of the API server find it and prove who it is?
import { addresses, ports } from '../addresses.ts';
import { certificatePath, keyPath } from '../pki.ts';
import { stackPaths } from '../stack-paths.ts';

/** Path of an identity's kubeconfig. */
export function kubeconfigPath(identity: string): string {
  return `${stackPaths.kubeconfigs}/${identity}`;
}

/** Builds a kubeconfig (JSON is YAML) that names the key files instead of holding them. */
export function buildKubeconfig(identity: string): string {
  const user = {
    'client-certificate': certificatePath(identity),
    'client-key': keyPath(identity),
  };
  const cluster = {
    server: `https://${addresses.node}:${ports.kubeApiserver}`,
    'certificate-authority': stackPaths.caCertificate,
  };
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'stack', cluster }],
    users: [{ name: identity, user }],
    contexts: [{ name: 'stack', context: { cluster: 'stack', user: identity } }],
    'current-context': 'stack',
  };
  return `${JSON.stringify(config, null, 2)}\n`;
}

/** The file entry of an identity's kubeconfig, for `Component.files`. */
export function buildKubeconfigFile(identity: string): Record<string, string> {
  return { [kubeconfigPath(identity)]: buildKubeconfig(identity) };
}
