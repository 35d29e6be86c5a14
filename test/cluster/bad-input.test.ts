// Is every bad claim, class and pod refused with the sentence that the catalogue promises?
import { afterAll, describe, expect, it } from 'vitest';
import { API_VERSION, CLAIM_PLURAL, CLASS_PLURAL, GROUP } from '../../api/names.ts';
import { connectKubernetes } from '../../watch/kubernetes-connection.ts';
import { loadKubeConfig } from '../../watch/kubernetes.ts';
import { ALLOWED_CLAIMS, REFUSED_CLAIMS } from '../bad-input/claim-cases.ts';
import { ALLOWED_CLASSES, REFUSED_CLASSES } from '../bad-input/class-cases.ts';
import { REFUSED_PODS } from '../bad-input/pod-cases.ts';
import { FORBIDDEN_ENDPOINTS } from '../bad-input/endpoint-cases.ts';
import { claimWith, s3With } from '../bad-input/schema-case.ts';

const connection = connectKubernetes(loadKubeConfig());
afterAll(() => connection.close());

const API = `/apis/${GROUP}/${API_VERSION}`;
const PATHS: Record<string, string> = {
  DynamicVolumeClaim: `${API}/namespaces/default/${CLAIM_PLURAL}`,
  StorageProviderClass: `${API}/${CLASS_PLURAL}`,
  Pod: '/api/v1/namespaces/default/pods',
};
/** As `kubectl create --dry-run=server` asks. */
const DRY_RUN = 'dryRun=All&fieldValidation=Strict&fieldManager=dynvol-test';

/** What the API server says to a new object, or "accepted". Nothing is stored. */
async function answerTo(object: Record<string, unknown>): Promise<string> {
  const path = `${PATHS[String(object['kind'])]}?${DRY_RUN}`;
  try {
    await connection.send({ method: 'POST', path, body: object });
    return 'accepted';
  } catch (error) {
    return (error as Error).message;
  }
}

describe('a claim or class that is refused', () => {
  const refused = [...REFUSED_CLAIMS, ...REFUSED_CLASSES];

  it.each(refused)('row $row: $title', async ({ object, message }) => {
    expect(await answerTo(object)).toContain(message);
  });

  it.each(refused.filter(({ silentAbout }) => silentAbout !== undefined))(
    'row $row: $title, and is not repeated',
    async ({ object, silentAbout = '' }) => {
      expect(await answerTo(object)).not.toContain(silentAbout);
    },
  );
});

describe('a pod that is refused', () => {
  // The API server itself refuses a runtime that the cluster does not have.
  const reachable = REFUSED_PODS.filter(({ message }) => !message.startsWith('spec.runtimeClass'));

  it.each(reachable)('row $row: $title', async ({ pod, message }) => {
    expect(await answerTo(pod)).toContain(`denied the request: ${message}`);
  });
});

describe('a claim that a mount pod must not reach the server of', () => {
  it.each(FORBIDDEN_ENDPOINTS)('row $row: $endpoint', async ({ endpoint, host }) => {
    expect(await answerTo(s3With({ endpoint }))).toContain(
      `denied the request: spec.s3Config.endpoint: names a loopback, link-local or metadata address ("${host}")`,
    );
  });
});

describe('a claim or class that is accepted by design', () => {
  it.each([...ALLOWED_CLAIMS, ...ALLOWED_CLASSES])('row $row: $title', async ({ object }) => {
    expect(await answerTo(object)).toBe('accepted');
  });
});

describe('a claim that is edited', () => {
  const name = `bad-input-edit-${Date.now()}`;
  const path = `${PATHS['DynamicVolumeClaim']}/${name}`;
  const edit = (spec: object) =>
    connection.send({
      method: 'PATCH',
      path: `${path}?${DRY_RUN}`,
      patch: 'merge',
      body: { spec },
    });

  it('row 21 and 58: keeps its mountpoint, and may change its provider block', async () => {
    const claim = claimWith({ selector: { matchLabels: { app: name } } }, { name });
    await connection.send({
      method: 'POST',
      path: String(PATHS['DynamicVolumeClaim']),
      body: claim,
    });
    try {
      await expect(edit({ mountpoint: '/other' })).rejects.toThrow(
        'spec.mountpoint: cannot be changed (from "/data" to "/other"); create a new claim instead',
      );
      await edit({ mountpoint: 'data' });
      await edit({ s3Config: { bucket: 'other', prefix: 'team/data' } });
    } finally {
      await connection.send({ method: 'DELETE', path });
    }
  });
});
