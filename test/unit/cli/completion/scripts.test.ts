// Does bash, with our script, offer what may stand at the cursor?
import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { KubeConfig } from '@kubernetes/client-node';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { COMPLETION_SCRIPTS } from '../../../../cli/completion/scripts.ts';
import { putClaim } from '../../../builders/cluster-objects.ts';
import { runCommand } from '../../../builders/command-line.ts';
import { FakeApiServer } from '../../../fakes/fake-api-server.ts';

/** As the command line of EKS names contexts. */
const EKS = 'arn:aws:eks:eu-west-1:1:cluster/shop';

/** The program is this test: it gets the words at file descriptor 3 and answers on stdin. */
const SHELL = `
kubectl-dynvol() { printf '%s\\n' "$#" "$@" >&3; cat; }
compopt() { echo "compopt $*"; }
${COMPLETION_SCRIPTS.bash}
COMP_LINE=$1
shift
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
_kubectl_dynvol
((\${#COMPREPLY[@]})) && printf '%s\\n' "\${COMPREPLY[@]}"
exit 0`;

let api: FakeApiServer;
let kubeConfig: KubeConfig;
beforeEach(async () => {
  api = await FakeApiServer.start();
  kubeConfig = api.kubeConfig;
  kubeConfig.addContext({ name: EKS, cluster: 'eks', user: 'me' });
});
afterEach(async () => {
  await api.stop();
});

/**
 * Presses the tab key behind a line.
 *
 * @returns what bash offers in place of what it thinks is the last word
 */
async function pressTab(line: string): Promise<string[]> {
  const child = spawn('bash', ['-c', SHELL, 'bash', line, ...splitAsBash(line)], {
    stdio: ['pipe', 'pipe', 'inherit', 'pipe'],
  });
  const offered = text(child.stdout as Readable);
  const words = await readWords(child.stdio[3] as Readable);
  const { stdout } = await runCommand(words, kubeConfig);
  child.stdin?.end(stdout);
  return (await offered).split('\n').slice(0, -1);
}

/** With its usual COMP_WORDBREAKS; the cursor is at the last word, which is new behind a space. */
function splitAsBash(line: string): string[] {
  const words = line.match(/[=:]+|[^\s=:]+/g) ?? [];
  return line.endsWith(' ') ? [...words, ''] : words;
}

async function readWords(stream: Readable): Promise<string[]> {
  let told = '';
  for await (const chunk of stream) {
    told += String(chunk);
    const [count = '', ...lines] = told.split('\n');
    if (lines.length > Number(count)) return lines.slice(0, -1);
  }
  return [];
}

describe('the script for bash', () => {
  beforeEach(() => {
    for (const name of ['lab', 'shop']) api.put('/api/v1/namespaces', { metadata: { name } });
    putClaim(api);
  });

  it.each<[string, string[]]>([
    ['kubectl-dynvol expl', ['explain']],
    ['kubectl-dynvol --namespace sh', ['shop']],
    ['kubectl-dynvol --namespace=sh', ['shop']],
    ['kubectl-dynvol --namespace=', ['lab', 'shop']],
    ['kubectl-dynvol explain --namespace=shop ', ['pictures']],
    ['kubectl-dynvol explain --temporal-address host:7233 -n shop pi', ['pictures']],
    ['kubectl-dynvol get --output=y', ['yaml']],
    ['kubectl-dynvol --context arn:aws', [EKS.replace('arn:', '')]],
    ['kubectl-dynvol --context=arn:aws:', [EKS.replace('arn:aws:', '')]],
    ['kubectl-dynvol --kubeconfig ', ['compopt -o default']],
  ])('completes "%s" with %j', async (line, offered) => {
    expect(await pressTab(line)).toEqual(offered);
  });
});
