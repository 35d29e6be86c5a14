// How is an AdmissionReview answered?
import { z } from 'zod';
import { DeniedError } from './denied-error.ts';
import type { AddOperation } from './inject-volume.ts';

/** `admission.k8s.io/v1`, the fields that are used. */
const AdmissionReview = z.looseObject({
  apiVersion: z.literal('admission.k8s.io/v1'),
  kind: z.literal('AdmissionReview'),
  request: z.looseObject({
    uid: z.string().min(1),
    namespace: z.string().optional(),
    name: z.string().optional(),
    operation: z.string(),
    object: z.looseObject({}),
  }),
});

/** One question of the API server. */
export type AdmissionRequest = z.infer<typeof AdmissionReview>['request'];

/** What is consented to: additions, and words for the person. */
export interface Verdict {
  patch?: AddOperation[];
  warnings?: string[];
}

/** Decides about one kind of object. @throws DeniedError the object is refused */
export type Judge = (request: AdmissionRequest) => Verdict | Promise<Verdict>;

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

/**
 * Answers a review: additions, a refusal with its sentence, or plain consent.
 * @throws z.ZodError the body is no AdmissionReview of the judge's kind of object
 */
export async function answerReview(body: unknown, judge: Judge): Promise<AdmissionAnswer> {
  const { request } = AdmissionReview.parse(body);
  const { uid } = request;
  try {
    const { patch = [], warnings = [] } = await judge(request);
    return buildAnswer({
      uid,
      allowed: true,
      ...encodePatch(patch),
      ...(warnings.length > 0 ? { warnings } : {}),
    });
  } catch (error) {
    if (!(error instanceof DeniedError)) throw error;
    const { code, message } = error;
    return buildAnswer({ uid, allowed: false, status: { code, message } });
  }
}

function encodePatch(operations: AddOperation[]): Partial<AdmissionResponse> {
  if (operations.length === 0) return {};
  const patch = Buffer.from(JSON.stringify(operations)).toString('base64');
  return { patchType: 'JSONPatch', patch };
}

function buildAnswer(response: AdmissionResponse): AdmissionAnswer {
  return { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response };
}
