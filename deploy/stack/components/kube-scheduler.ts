// How is the scheduler started?
import { buildFlags, configPath, programPath, type Component } from './component.ts';
import { buildKubeconfigFile, kubeconfigPath } from './kubeconfig.ts';

const path = configPath('kube-scheduler.json');

/** The scheduler with default plugins. */
export function buildKubeScheduler(): Component {
  const kubeconfig = kubeconfigPath('kube-scheduler');
  const configuration = {
    apiVersion: 'kubescheduler.config.k8s.io/v1',
    kind: 'KubeSchedulerConfiguration',
    clientConnection: { kubeconfig },
    leaderElection: { leaderElect: false },
  };
  return {
    name: 'kube-scheduler',
    files: { ...buildKubeconfigFile('kube-scheduler'), [path]: JSON.stringify(configuration) },
    argv: [
      programPath('kube-scheduler'),
      ...buildFlags({
        config: path,
        'authentication-kubeconfig': kubeconfig,
        'authorization-kubeconfig': kubeconfig,
      }),
    ],
  };
}
