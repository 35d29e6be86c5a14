// How is an AdmissionReview of a pod answered?
import { z } from 'zod';
import { POD_ANNOTATIONS } from '../api/names.ts';
import { planInjection } from './inject-volume.ts';
import type { AdmittedPod } from './inject-volume.ts';
import { DeniedError, parseVolumeRoot } from './volume-root.ts';

const Container = z.looseObject({
  name: z.string(),
  volumeMounts: z.array(z.looseObject({ name: z.string(), mountPath: z.string() })).optional(),
});

/** `admission.k8s.io/v1`, the fields that are used. */
const AdmissionReview = z.looseObject({
  apiVersion: z.literal('admission.k8s.io/v1'),
  kind: z.literal('AdmissionReview'),
  request: z.looseObject({
    uid: z.string().min(1),
    operation: z.string(),
    object: z.looseObject({
      metadata: z.looseObject({ annotations: z.record(z.string(), z.string()).optional() }),
      spec: z.looseObject({
        volumes: z.array(z.looseObject({ name: z.string() })).optional(),
        containers: z.array(Container).optional(),
        initContainers: z.array(Container).optional(),
      }),
    }),
  }),
});

/** The answer, as it is sent. */
export interface AdmissionResponse {
  uid: string;
  allowed: boolean;
  status?: { code: number; message: string };
  patchType?: 'JSONPatch';
  /** Base64 of the JSON patch. */
  patch?: string;
  warnings?: string[];
}

export interface AdmissionAnswer {
  apiVersion: 'admission.k8s.io/v1';
  kind: 'AdmissionReview';
  response: AdmissionResponse;
}

/** Does this StorageProviderClass exist? Asked live, because a cache may be older than the class. */
export type FindClass = (name: string) => Promise<boolean>;

/**
 * Answers a review: additions, a refusal with its sentence, or plain consent.
 *
 * A class that cannot be looked up (the API server does not answer) is believed to exist, with a warning: a claim will
 * tell if it does not, while a refused pod is an outage.
 *
 * @throws z.ZodError the body is no AdmissionReview of a pod
 */
export async function answerReview(body: unknown, findClass: FindClass): Promise<AdmissionAnswer> {
  const { request } = AdmissionReview.parse(body);
  const consent: AdmissionResponse = { uid: request.uid, allowed: true };
  if (request.operation !== 'CREATE') return buildAnswer(consent);
  try {
    const addition = await planAddition(request.object as AdmittedPod, findClass);
    return buildAnswer({ ...consent, ...addition });
  } catch (error) {
    if (!(error instanceof DeniedError)) throw error;
    const status = { code: 403, message: error.message };
    return buildAnswer({ uid: request.uid, allowed: false, status });
  }
}

async function planAddition(
  pod: AdmittedPod,
  findClass: FindClass,
): Promise<Partial<AdmissionResponse>> {
  const root = parseVolumeRoot(pod.metadata?.annotations ?? {});
  if (root === undefined) return {};
  const operations = planInjection(pod, root);
  const warnings = await checkClass(root.className, findClass);
  return { ...encodePatch(operations), ...(warnings.length > 0 ? { warnings } : {}) };
}

async function checkClass(name: string, findClass: FindClass): Promise<string[]> {
  let exists: boolean;
  try {
    exists = await findClass(name);
  } catch {
    return [
      `StorageProviderClass "${name}" could not be looked up; the pod was admitted unchecked`,
    ];
  }
  if (exists) return [];
  throw new DeniedError(
    `the annotation "${POD_ANNOTATIONS.className}" is "${name}": there is no StorageProviderClass of this name; create it first or correct the annotation`,
  );
}

function encodePatch(operations: object[]): Partial<AdmissionResponse> {
  if (operations.length === 0) return {};
  const patch = Buffer.from(JSON.stringify(operations)).toString('base64');
  return { patchType: 'JSONPatch', patch };
}

function buildAnswer(response: AdmissionResponse): AdmissionAnswer {
  return { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response };
}
