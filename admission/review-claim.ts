// May this claim be made, and what should its author know?
import { z } from 'zod';
import { checkRestrictions } from '../api/class-restrictions.ts';
import { checkEndpoint } from '../api/endpoint.ts';
import { parseMountpoint } from '../api/paths.ts';
import { DeniedError } from './denied-error.ts';
import type { LookUps } from './look-ups.ts';
import type { AdmissionRequest, Verdict } from './review.ts';

/** The API server has checked it against the schema; these are the fields that are used. */
const AdmittedClaim = z.looseObject({
  metadata: z.looseObject({ name: z.string().optional() }),
  spec: z.looseObject({
    mountpoint: z.string(),
    s3Config: z.looseObject({ endpoint: z.string() }),
    storageProviderClassName: z.string().optional(),
  }),
});
type AdmittedClaim = z.infer<typeof AdmittedClaim>;

/**
 * A claim that is new or whose spec has changed. A claim without a class is checked when its pods tell the class; all of
 * it is checked again then, so that what cannot be looked up now is a warning.
 */
export async function reviewClaim(request: AdmissionRequest, lookUps: LookUps): Promise<Verdict> {
  const claim = AdmittedClaim.parse(request.object);
  const namespace = request.namespace ?? '';
  const fault = checkEndpoint(claim.spec.s3Config.endpoint);
  if (fault !== undefined) throw new DeniedError(fault);
  const warnings = await Promise.all([
    checkClass(claim, namespace, lookUps),
    findTwin(claim, namespace, lookUps),
  ]);
  return { warnings: warnings.filter((warning) => warning !== undefined) };
}

async function checkClass(
  { spec }: AdmittedClaim,
  namespace: string,
  { findClass, findNamespace }: LookUps,
): Promise<string | undefined> {
  const name = spec.storageProviderClassName;
  if (name === undefined) return undefined;
  const found = await Promise.all([findClass(name), findNamespace(namespace)]).catch(() => null);
  if (found === null) {
    return `spec.storageProviderClassName: StorageProviderClass "${name}" could not be looked up; the claim was admitted unchecked`;
  }
  const [cls, space] = found;
  if (cls === undefined) {
    return `spec.storageProviderClassName: StorageProviderClass "${name}" does not exist; nothing is attached before it does`;
  }
  const { endpoint } = spec.s3Config;
  const fault = checkRestrictions(cls, { namespace, labels: space?.labels ?? {}, endpoint });
  if (fault !== undefined) throw new DeniedError(fault);
  return undefined;
}

/** Asked for a mountpoint with capitals only: for every claim, a namespace of many claims would be listed each time. */
async function findTwin(
  { metadata, spec }: AdmittedClaim,
  namespace: string,
  { listClaims }: LookUps,
): Promise<string | undefined> {
  const wanted = parseMountpoint(spec.mountpoint);
  if (wanted === wanted.toLowerCase()) return undefined;
  const claims = await listClaims(namespace).catch(() => []);
  const twin = claims.find((other) => {
    const theirs = parseMountpoint(other.spec.mountpoint);
    return theirs !== wanted && theirs.toLowerCase() === wanted.toLowerCase();
  });
  if (twin === undefined || twin.metadata.name === metadata.name) return undefined;
  return `spec.mountpoint: "${spec.mountpoint}" differs only by case from "${twin.spec.mountpoint}" of the claim "${twin.metadata.name}"; they are two directories`;
}
