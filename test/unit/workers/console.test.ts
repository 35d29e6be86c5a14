// Which mount pods of a pod may serve a claim, and what if there is no console?
import type { NativeConnection } from '@temporalio/worker';
import { pino } from 'pino';
import { beforeEach, expect, it } from 'vitest';
import { buildPodScope, buildSharingKey } from '../../../activities/sharing-key.ts';
import type { DynamicVolumeClaim } from '../../../api/dynamic-volume-claim.ts';
import { MOUNT_POD_LABELS } from '../../../api/names.ts';
import { parseClassParameters } from '../../../api/storage-provider-class.ts';
import type { PodView } from '../../../watch/cluster-view.ts';
import type { KubernetesConnection } from '../../../watch/kubernetes-connection.ts';
import { mayServe, startControllerConsole } from '../../../workers/console.ts';
import { FakeAgents } from '../../builders/fake-agents.ts';
import { FakeCluster } from '../../builders/fake-cluster.ts';
import { aMountPod } from '../../builders/mount-pods.ts';
import { aClaim, aClass, aPod } from '../../builders/objects.ts';

const here = aClaimAt('https://here.example.com');
const there = aClaimAt('https://there.example.com');
const nowhere = aClaimAt('https://nowhere.example.com');

let cluster: FakeCluster;

beforeEach(() => {
  cluster = new FakeCluster();
  cluster.classes.set('s3-sample', aClass());
  cluster.putPod(aPod());
  cluster.put(here);
  cluster.put(there);
});

function aClaimAt(endpoint: string): DynamicVolumeClaim {
  return aClaim({
    metadata: { name: new URL(endpoint).hostname, uid: endpoint },
    spec: { s3Config: { bucket: 'photos', endpoint } },
  });
}

/** The one of the sharing key that the claim wants for the pod. */
function aMountPodFor({ spec }: DynamicVolumeClaim): PodView {
  const pod = aMountPod('web-1');
  const wanted = {
    className: 's3-sample',
    endpoint: spec.s3Config.endpoint,
    parameters: parseClassParameters(aClass()),
  };
  pod.labels[MOUNT_POD_LABELS.sharingKey] = buildSharingKey(buildPodScope(aPod(), wanted));
  return pod;
}

it.each([
  ['its own', here, true],
  ["only another claim's", there, false],
  ["nobody's any more", nowhere, true],
])('one of a sharing key that is %s', (_what, wantedBy, expected) => {
  expect(mayServe(cluster.view, here, aMountPodFor(wantedBy))).toBe(expected);
});

it('is done without where it cannot start, which is logged', async () => {
  const logged: string[] = [];
  const log = pino({}, { write: (line: string) => logged.push(line) });

  const started = await startControllerConsole({
    view: cluster.view,
    kubernetes: {} as KubernetesConnection,
    temporal: { connection: {} as NativeConnection, namespace: 'dynvol' },
    agents: new FakeAgents(),
    tlsDir: '/nowhere',
    filesDir: '/nowhere',
    log,
  });

  expect(started).toBeUndefined();
  expect(JSON.parse(logged.at(-1) ?? '')).toMatchObject({
    level: 50,
    err: expect.stringContaining("'/nowhere/tls.crt'") as string,
    msg: 'Console could not be started',
  });
});

it('all of them while the class is not known', () => {
  cluster.classes.clear();
  expect(mayServe(cluster.view, here, aMountPodFor(there))).toBe(true);
});
