// What should an administrator know about the class that he has made?
import { z } from 'zod';
import type { AdmissionRequest, Verdict } from './review.ts';

const AdmittedClass = z.looseObject({
  metadata: z.looseObject({ name: z.string() }),
  spec: z.looseObject({
    allowedNamespaces: z.unknown().optional(),
    allowedEndpoints: z.unknown().optional(),
  }),
});

/** Warns of a class whose keys everybody may use, or send anywhere: a claim chooses the server that they are used with. */
export function reviewClass(request: AdmissionRequest): Verdict {
  const { metadata, spec } = AdmittedClass.parse(request.object);
  const open = [
    spec.allowedNamespaces === undefined &&
      'claims of every namespace may use its credentials (spec.allowedNamespaces is not set)',
    spec.allowedEndpoints === undefined &&
      'claims may use them with every server (spec.allowedEndpoints is not set)',
  ].filter((sentence) => sentence !== false);
  if (open.length === 0) return {};
  return { warnings: [`StorageProviderClass "${metadata.name}": ${open.join(', and ')}`] };
}
