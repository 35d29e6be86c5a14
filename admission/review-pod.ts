// What becomes of a pod that asks for a volume root, by itself or through its namespace?
// (deploy/chart/templates/_injection.tpl says the same to the API server, in CEL)
import { NAMESPACE_INJECTION_LABEL, POD_ANNOTATIONS, VOLUME_ATTRIBUTES } from '../api/names.ts';
import { DeniedError } from './denied-error.ts';
import { parseHandWrittenVolume } from './hand-written-volume.ts';
import { isInjected, planInjection } from './inject-volume.ts';
import type { LookUps } from './look-ups.ts';
import { AdmittedPod, isMirrorPod, listOurVolumes } from './pod.ts';
import { checkPodSupport } from './pod-support.ts';
import type { AdmissionRequest, Verdict } from './review.ts';
import { checkAnnotations, parseVolumeRoot } from './volume-root.ts';
import type { VolumeRoot } from './volume-root.ts';

type FindClass = LookUps['findClass'];

/** What a namespace may say for its pods; which containers see the volume root is said by each pod. */
const NAMESPACE_ANNOTATIONS = [
  POD_ANNOTATIONS.className,
  POD_ANNOTATIONS.rootPath,
  POD_ANNOTATIONS.dispatchPolicy,
];
const NEEDED = [POD_ANNOTATIONS.className, POD_ANNOTATIONS.rootPath];

/** A new pod with annotations or a volume of ours, in a namespace without the injection label. */
export async function reviewPod(
  request: AdmissionRequest,
  { findClass }: Pick<LookUps, 'findClass'>,
): Promise<Verdict> {
  const pod = AdmittedPod.parse(request.object);
  const root = parseVolumeRoot(pod.metadata.annotations ?? {});
  if (root !== undefined) return inject(pod, root, findClass);
  return listOurVolumes(pod).length > 0 ? reviewHandWritten(pod, findClass) : {};
}

/**
 * Any new pod of a namespace with the injection label. What the pod itself says wrongly is refused; what the namespace
 * says wrongly is a warning: a slip of its administrator must not stop it.
 *
 * @throws Error the namespace cannot be read: a pod that was missed can never get its volume root later
 */
export async function reviewPodOfInjectedNamespace(
  request: AdmissionRequest,
  { findClass, findNamespace }: Pick<LookUps, 'findClass' | 'findNamespace'>,
): Promise<Verdict> {
  const pod = AdmittedPod.parse(request.object);
  const own = pick(pod.metadata.annotations ?? {}, Object.values(POD_ANNOTATIONS));
  checkAnnotations(own);
  const namespace = request.namespace ?? '';
  const defaults = (await findNamespace(namespace))?.annotations ?? {};
  const merged = { ...pick(defaults, NAMESPACE_ANNOTATIONS), ...own };
  try {
    return await injectForNamespace(pod, { own, merged }, findClass);
  } catch (error) {
    if (!(error instanceof DeniedError) || isOwnFault(error, own)) throw error;
    return { warnings: [describeNamespaceFault(namespace, merged, error)] };
  }
}

async function injectForNamespace(
  pod: AdmittedPod,
  annotations: { own: Record<string, string>; merged: Record<string, string> },
  findClass: FindClass,
): Promise<Verdict> {
  const byHand = listOurVolumes(pod).length > 0 && Object.keys(annotations.own).length === 0;
  if (byHand && !isInjectedBy(pod, annotations.merged)) return reviewHandWritten(pod, findClass);
  const root = parseVolumeRoot(annotations.merged);
  if (root === undefined) throw new DeniedError('nothing is asked for', POD_ANNOTATIONS.className);
  return inject(pod, root, findClass);
}

/** Has an earlier look at this pod added its volume already? */
function isInjectedBy(pod: AdmittedPod, annotations: Record<string, string>): boolean {
  try {
    const root = parseVolumeRoot(annotations);
    return root !== undefined && isInjected(pod, root);
  } catch {
    return false;
  }
}

async function inject(pod: AdmittedPod, root: VolumeRoot, findClass: FindClass): Promise<Verdict> {
  // A volume that the object has and the pod has not would make claims wait for it.
  if (isMirrorPod(pod)) return {};
  checkPodSupport(pod);
  const patch = planInjection(pod, root);
  const field = `the annotation "${POD_ANNOTATIONS.className}"`;
  return { patch, warnings: await checkClass(root.className, field, findClass) };
}

async function reviewHandWritten(pod: AdmittedPod, findClass: FindClass): Promise<Verdict> {
  checkPodSupport(pod);
  const { className } = parseHandWrittenVolume(pod);
  const field = `the attribute "${VOLUME_ATTRIBUTES.className}" of the volume`;
  return { warnings: await checkClass(className, field, findClass) };
}

/**
 * A class that cannot be looked up (the API server does not answer) is believed to exist: a claim will tell if it does
 * not, while a refused pod is an outage.
 */
async function checkClass(name: string, field: string, findClass: FindClass): Promise<string[]> {
  let exists: boolean;
  try {
    exists = (await findClass(name)) !== undefined;
  } catch {
    return [
      `StorageProviderClass "${name}" could not be looked up; the pod was admitted unchecked`,
    ];
  }
  if (exists) return [];
  throw new DeniedError(
    `${field} is "${name}": there is no StorageProviderClass of this name; create it first or name another one`,
    POD_ANNOTATIONS.className,
  );
}

function isOwnFault({ annotation }: DeniedError, own: Record<string, string>): boolean {
  return annotation === undefined || Object.hasOwn(own, annotation);
}

function describeNamespaceFault(
  namespace: string,
  merged: Record<string, string>,
  error: DeniedError,
): string {
  const { key, value } = NAMESPACE_INJECTION_LABEL;
  const absent = NEEDED.filter((annotation) => !Object.hasOwn(merged, annotation));
  const fault =
    absent.length === 0
      ? error.message
      : `it has the label "${key}: ${value}" without the annotation ${absent.map((each) => `"${each}"`).join(' and ')}`;
  return `the pod was admitted without a volume root, because of its namespace "${namespace}": ${fault}; mend the annotations of the namespace`;
}

function pick(annotations: Record<string, string>, keys: string[]): Record<string, string> {
  return Object.fromEntries(
    Object.entries(annotations).filter(([annotation]) => keys.includes(annotation)),
  );
}
