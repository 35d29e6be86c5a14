// Is the stack up, and where is what?
import { temporalNamespace } from './addresses.ts';
import { nodes } from './nodes.ts';
import { stackPaths } from './stack-paths.ts';
import { isRunning, observeRunning, readState } from './state.ts';

/** What `status --json` prints. */
export type StackStatus = {
  running: boolean;
  /** Names of the nodes it was booted with. */
  nodes: string[];
  components: { name: string; state: 'running' | 'stopped' | 'ended'; log: string }[];
  /** For a browser on the host; absent while the stack is down. */
  temporalUi?: string;
  caCertificate: string;
  kubeconfig: string;
  auditLog: string;
};

/** Looks at the processes themselves, not only at what was written down. */
export function observeStatus(): StackStatus {
  const state = readState();
  const running = state === undefined ? [] : observeRunning(state);
  return {
    running: isRunning(state),
    nodes: nodes.slice(0, state?.holders.length ?? 0).map(({ name }) => name),
    components: Object.keys(state?.components ?? {}).map((name) => {
      const silent = state?.stopped?.includes(name) ? 'stopped' : 'ended';
      const log = `${stackPaths.logs}/${name}.log`;
      return { name, state: running.includes(name) ? 'running' : silent, log };
    }),
    ...(running.length === 0 ? {} : { temporalUi: buildUiAddress(state?.uiPort ?? 0) }),
    caCertificate: stackPaths.caCertificate,
    kubeconfig: stackPaths.adminKubeconfig,
    auditLog: stackPaths.auditLog,
  };
}

/** The status in lines for a person. */
export function describeStatus(status: StackStatus): string[] {
  const components = status.components.map(
    ({ name, state, log }) => `  ${words[state]}  ${name.padEnd(24)} ${log}`,
  );
  return [
    `Stack ${status.running ? 'is up' : 'is down'}`,
    ...components,
    ...(status.nodes.length === 0 ? [] : [`Nodes        ${status.nodes.join(', ')}`]),
    ...(status.temporalUi === undefined ? [] : [`Temporal UI  ${status.temporalUi}`]),
  ];
}

/** What ended by itself should catch the eye. */
const words = { running: 'running', stopped: 'stopped', ended: 'ENDED  ' } as const;

function buildUiAddress(port: number): string {
  return `http://127.0.0.1:${port}/namespaces/${temporalNamespace}/workflows`;
}
