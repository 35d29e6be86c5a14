// Does doctor find out why pods are not injected, or claims not checked?
import { describe } from 'vitest';
import { POD_ANNOTATIONS } from '../../../../../api/names.ts';
import { CA_BUNDLE } from '../../../../builders/doctor.ts';
import { aPod } from '../../../../builders/objects.ts';
import { itFinds, itFindsNothing } from './finds.ts';

const notMounted = aPod();
delete notMounted.volumeRoot;

const annotations = {
  [POD_ANNOTATIONS.className]: 's3-sample',
  [POD_ANNOTATIONS.rootPath]: '/volumes',
};

const admission = (caBundle: string) => {
  const webhooks = [{ name: 'inject', clientConfig: { caBundle } }];
  return { value: { mutating: { webhooks }, validating: { webhooks }, hasPolicy: false } };
};

const validating = { webhooks: [{ name: 'claims', clientConfig: { caBundle: CA_BUNDLE } }] };

describe('broken, with a fix', () => {
  itFinds('broken', [
    [
      'webhook configuration',
      'missing',
      { admission: { value: { validating, hasPolicy: false } } },
      'nothing injects pods',
    ],
    [
      'webhook configuration',
      'that checks no claims',
      { admission: { value: { hasPolicy: true } } },
      'claims are not checked',
    ],
    [
      'webhook configuration',
      'without a CA bundle',
      { admission: admission('') },
      'inject has no CA bundle',
    ],
    [
      'webhook configuration',
      'with nonsense for a CA bundle',
      { admission: admission('bm9uc2Vuc2U=') },
      'no certificate',
    ],
    [
      'webhook configuration',
      'that cannot warn of annotations that came too late',
      {
        admission: {
          value: { validating, warning: { webhooks: [{ name: 'late' }] }, hasPolicy: true },
        },
      },
      'late has no CA bundle',
    ],
    [
      'webhook configuration',
      'expired',
      { now: new Date('2037-01-01T00:00:00Z') },
      'expired on 2036-01-01',
    ],
    [
      'webhook certificate',
      'not accepted',
      {
        served: {
          value: {
            pod: 'webhook-a',
            refusal: 'CERT_SIGNATURE_FAILURE',
            notAfter: new Date('2030-01-01'),
          },
        },
      },
      'CERT_SIGNATURE_FAILURE',
    ],
    ['injection', 'missed', { pods: { value: [{ view: notMounted, annotations }] } }, 'shop/web-1'],
  ]);
});

describe('a warning, with a fix', () => {
  itFinds('warning', [
    [
      'webhook configuration',
      'that expires soon',
      { now: new Date('2035-12-20T00:00:00Z') },
      '12 days left',
    ],
    [
      'webhook certificate',
      'that expires soon',
      { served: { value: { pod: 'webhook-a', notAfter: new Date('2026-06-02T12:00:00Z') } } },
      '1 day left',
    ],
  ]);
});

describe('no fault', () => {
  itFindsNothing([
    [
      'webhook configuration',
      'a policy instead of the webhook',
      { admission: { value: { validating, hasPolicy: true } } },
    ],
    [
      'injection',
      'a pod of a namespace that is never injected',
      { pods: { value: [{ view: { ...notMounted, namespace: 'kube-system' }, annotations }] } },
    ],
    [
      'injection',
      'one annotation alone',
      {
        pods: { value: [{ view: notMounted, annotations: { [POD_ANNOTATIONS.className]: 'x' } }] },
      },
    ],
  ]);
});
