// Are pods treated as admission/ says, to the byte and to the word?
import { randomBytes } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reviewPodUpdate } from '../../admission/review-pod-update.ts';
import { NAMESPACE_INJECTION_LABEL, POD_ANNOTATIONS, ROOT_VOLUME_NAME } from '../../api/names.ts';
import { podWith } from '../bad-input/pod-cases.ts';
import { classWith } from '../bad-input/schema-case.ts';
import { waitUntil } from '../wait-until.ts';
import { ADMISSION_CASES, CLASS, OPTED_IN, type Outcome } from './admission-cases.ts';
import {
  askToAnnotate,
  askToCreate,
  predict,
  type Answer,
  type Place,
} from './admission-answer.ts';
import { apply, remove, type AnyObject, type Ref } from './kube.ts';

/** The runtimes of the cases: the API server itself refuses one that the cluster does not have. */
const RUNTIMES = ['gvisor', 'runsc', 'kata', 'kata-qemu'].map((name) => ({
  apiVersion: 'node.k8s.io/v1',
  kind: 'RuntimeClass',
  metadata: { name },
  handler: 'runc',
}));

/** Registers the tests. They need nothing but the API server and what injects; only one pod is stored, and never runs. */
export function describeAdmission(by: string): void {
  describe(`pods are looked at by ${by}`, () => {
    const places = buildPlaces();
    const placeOf = (defaults: unknown) => places.get(JSON.stringify(defaults)) as Place;
    const plainNamespace = placeOf(undefined).namespace;
    const made: AnyObject[] = [
      classWith({}, {}, { name: CLASS }),
      ...RUNTIMES,
      ...[...places.values()].map(buildNamespace),
    ];
    beforeAll(async () => {
      for (const object of made) await apply(object);
      // The API server learns of a configuration, a class and a runtime by watches of its own.
      await waitUntil('pods are injected', async () => {
        const { spec } = await askToCreate(podWith(OPTED_IN), plainNamespace);
        return JSON.stringify(spec ?? '').includes(ROOT_VOLUME_NAME);
      });
      const wrong = podWith({ ...OPTED_IN, [POD_ANNOTATIONS.rootPath]: '/' });
      await waitUntil('wrong pods are refused', async () => {
        const { spec } = await askToCreate(wrong, plainNamespace);
        return spec === undefined;
      });
    });
    afterAll(async () => {
      for (const object of made) await remove(object as unknown as Ref);
    });

    it.each(ADMISSION_CASES)('$outcome: $title', async ({ outcome, pod, defaults }) => {
      const place = placeOf(defaults);
      // With the defaults that the API server sets, in a namespace that nobody injects.
      const plain = await askToCreate(pod, 'kube-system');
      const { spec = pod['spec'] } = plain;

      const answer = await askToCreate(pod, place.namespace);

      const predicted = await predict({ ...pod, spec }, CLASS, place);
      // What the API server itself finds wrong, it tells after it asked webhooks and before it asks policies.
      expect(plain.spec ? [predicted] : [predicted, plain]).toContainEqual(answer);
      expect(outcomeOf(answer, spec)).toBe(outcome);
    });

    it('injected: the volume of the original article', async () => {
      const { spec } = await askToCreate(podWith(OPTED_IN), plainNamespace);

      expect(spec).toMatchObject({
        volumes: [
          {
            name: 'dynamic-volume-root-path',
            csi: {
              driver: 'dynamicvolume.csi.cloudnative101.net',
              readOnly: true,
              volumeAttributes: {
                mountPodDispatchPolicy: 'independent',
                storageProviderClass: CLASS,
              },
            },
          },
        ],
        containers: [
          {
            volumeMounts: [
              {
                name: 'dynamic-volume-root-path',
                mountPath: '/volumes',
                readOnly: true,
                mountPropagation: 'HostToContainer',
              },
            ],
          },
        ],
      });
    });

    it('warned: annotations on a pod that exists', async () => {
      const metadata = { name: 'exists', namespace: plainNamespace };
      const spec = { schedulingGates: [{ name: 'example.com/never' }] };
      await apply({ ...podWith({}, spec), metadata } as AnyObject);

      expect((await askToAnnotate(metadata, OPTED_IN)).warnings).toEqual(
        reviewPodUpdate().warnings,
      );
      expect((await askToAnnotate(metadata, { note: 'x' })).warnings).toEqual([]);
    });
  });
}

/** A namespace of its own for each that the cases have, by the JSON of its annotations. */
function buildPlaces(): Map<string, Place> {
  const id = randomBytes(3).toString('hex');
  const variants = new Map(
    ADMISSION_CASES.map(({ defaults }) => [JSON.stringify(defaults), defaults]),
  );
  return new Map(
    [...variants].map(([key, defaults], index) => [
      key,
      { namespace: `t-admit-${id}-${index}`, defaults },
    ]),
  );
}

function buildNamespace({ namespace, defaults }: Place): AnyObject {
  const { key, value } = NAMESPACE_INJECTION_LABEL;
  const metadata = defaults && { labels: { [key]: value }, annotations: defaults };
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, ...metadata } };
}

function outcomeOf({ spec, warnings }: Answer, before: unknown): Outcome {
  if (spec === undefined) return 'refused';
  if (warnings.length > 0) return 'warned';
  return isDeepStrictEqual(spec, before) ? 'left alone' : 'injected';
}
