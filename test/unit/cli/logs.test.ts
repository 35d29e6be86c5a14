// Which lines does `logs` print, and which mount pod says each?
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { KubeConfig } from '@kubernetes/client-node';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { MOUNT_NAMESPACE } from '../../../api/names.ts';
import { EXIT_CODES } from '../../../cli/exit-codes.ts';
import {
  aClaimObject,
  aClaimPod,
  aMountPodObject,
  aPodObject,
  claimsOf,
  podsOf,
} from '../../builders/cluster-objects.ts';
import { runCommand } from '../../builders/command-line.ts';

const MOUNT_PODS = podsOf(MOUNT_NAMESPACE);
const PODS = ['web-1', 'web-2'];
const nameMountPod = (pod: string): string => `s3-${pod}-s3-sample`;

let server: Server;
let kubeConfig: KubeConfig;
/** Logs by mount pod; a missing one is refused. */
let logs: Map<string, string>;
let asked: string[];

beforeEach(async () => {
  logs = new Map(PODS.map((pod) => [nameMountPod(pod), `${pod} one\n${pod} two\n`]));
  asked = [];
  server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  kubeConfig = new KubeConfig();
  const cluster = { name: 'c', server: `http://127.0.0.1:${port}`, skipTLSVerify: true };
  kubeConfig.loadFromClusterAndUser(cluster, { name: 'u' });
});

afterEach(() => new Promise((resolve) => server.close(resolve)));

function answer(request: IncomingMessage, response: ServerResponse): void {
  const { pathname, search } = new URL(request.url ?? '', 'http://test');
  const log = /\/pods\/([^/]+)\/log$/.exec(pathname)?.[1];
  if (log !== undefined) return answerLog(response, log, search);
  const list = (items: object[]): object => ({ metadata: { resourceVersion: '1' }, items });
  const answers: Record<string, object> = {
    [`${claimsOf('shop')}/pictures`]: aClaimObject({ pods: PODS.map((pod) => aClaimPod(pod)) }),
    [`${claimsOf('shop')}/empty`]: aClaimObject({ name: 'empty' }),
    [podsOf('shop')]: list(PODS.map((pod) => aPodObject(pod))),
    [MOUNT_PODS]: list(PODS.map((pod) => aMountPodObject(pod))),
  };
  response.end(JSON.stringify(answers[pathname]));
}

function answerLog(response: ServerResponse, name: string, search: string): void {
  asked.push(`${name}${search}`);
  const text = logs.get(name);
  if (text !== undefined) return void response.end(text);
  const message = 'container "rclone" is waiting to start: ContainerCreating';
  response.writeHead(400).end(JSON.stringify({ code: 400, reason: 'BadRequest', message }));
}

const run = (line: string) => runCommand(['-n', 'shop', ...line.split(' ')], kubeConfig);

it('prints the log of each mount pod, and says whom it serves', async () => {
  const ran = await run('logs pictures --tail 5');
  expect(ran).toEqual({
    exitCode: 0,
    stdout: [
      's3-web-1-s3-sample | web-1 one',
      's3-web-1-s3-sample | web-1 two',
      's3-web-2-s3-sample | web-2 one',
      's3-web-2-s3-sample | web-2 two',
      '',
    ].join('\n'),
    stderr: 's3-web-1-s3-sample on node1 serves web-1\ns3-web-2-s3-sample on node1 serves web-2\n',
  });
  expect(asked).toEqual(PODS.map((pod) => `${nameMountPod(pod)}?container=rclone&tailLines=5`));
});

it('prints one log when its pod is named, and follows it', async () => {
  const { stdout } = await run('logs pictures --pod web-2 -f');
  expect(stdout.split('\n')).toHaveLength(3);
  expect(asked).toEqual([`${nameMountPod('web-2')}?container=rclone&tailLines=100&follow=true`]);
});

it('shows what would change the terminal', async () => {
  logs.set(nameMountPod('web-1'), '\u001B[2Jgone\n');
  expect((await run('logs pictures --pod web-1')).stdout).toContain('| ^[[2Jgone\n');
});

it('goes on when a mount pod has no log yet, and fails when none has', async () => {
  logs.delete(nameMountPod('web-1'));
  const ran = await run('logs pictures');
  expect(ran).toMatchObject({ exitCode: 0 });
  expect(ran.stderr).toContain('s3-web-1-s3-sample: the API server refuses: ');
  expect(ran.stderr).toContain('is waiting to start: ContainerCreating.\n');
  logs.clear();
  expect(await run('logs pictures')).toMatchObject({ exitCode: EXIT_CODES.failed, stdout: '' });
});

it('names the pods that are served when another is asked for', async () => {
  expect(await run('logs pictures --pod db-1')).toMatchObject({
    exitCode: EXIT_CODES.notFound,
    stderr: 'No mount pod of claim "pictures" serves pod "db-1"; served are web-1, web-2.\n',
  });
});
