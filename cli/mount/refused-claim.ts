// Why does the API server not take the claim that `mount` writes? (pure)
import type { KubernetesError } from '../../watch/kubernetes-error.ts';
import type { WrittenClaim } from './build-claim.ts';

/** One sentence about the claim; undefined when the refusal is not about it. */
export function explainRefusal(
  { metadata }: WrittenClaim,
  { reason, message }: KubernetesError,
): string | undefined {
  if (reason === 'AlreadyExists') {
    return `There is a claim "${metadata.name}" in namespace ${metadata.namespace} already; give another name with --name, or delete it`;
  }
  const said = readRule(message) ?? readWebhook(message);
  return said === undefined ? undefined : `The claim is refused: ${said}`;
}

/** A rule's own sentence begins with its field, and the API server says field and value before it once more. */
function readRule(message: string): string | undefined {
  const [, faults] = / is invalid: (.+)$/s.exec(message) ?? [];
  return faults?.replace(/(spec\.[\w.]+): Invalid value: .*?: \1: /g, '$1: ');
}

function readWebhook(message: string): string | undefined {
  return /denied the request: (.+)$/s.exec(message)?.[1];
}
