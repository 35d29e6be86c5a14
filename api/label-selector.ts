// How does a user choose objects by their labels?
import { z } from 'zod';

const LabelValue = z.string().max(63);

/** A Kubernetes label selector (`metav1.LabelSelector`). */
export const LabelSelector = z.object({
  matchLabels: z
    .record(z.string(), LabelValue)
    .optional()
    .describe('Labels that the object must carry, each with exactly this value.'),
  matchExpressions: z
    .array(
      z.object({
        key: z.string().min(1).max(317).describe('Label key.'),
        operator: z
          .enum(['In', 'NotIn', 'Exists', 'DoesNotExist'])
          .describe('How the label is compared with the values.'),
        values: z
          .array(LabelValue)
          .max(64)
          .optional()
          .describe('Values for In and NotIn; empty for Exists and DoesNotExist.'),
      }),
    )
    .max(16)
    .optional()
    .describe('Label requirements that must all hold.'),
});
export type LabelSelector = z.infer<typeof LabelSelector>;
