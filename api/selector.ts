// Which objects does a label selector match? (pure)
import type { LabelSelector } from './label-selector.ts';

type Requirement = NonNullable<LabelSelector['matchExpressions']>[number];

/**
 * Kubernetes' rules: all parts must hold; `NotIn` also holds where the label is absent.
 * An empty selector, which claims may not have, matches nothing here: better no pod than every pod.
 */
export function matchesSelector(selector: LabelSelector, labels: Record<string, string>): boolean {
  const wanted = Object.entries(selector.matchLabels ?? {});
  const requirements = selector.matchExpressions ?? [];
  if (wanted.length + requirements.length === 0) return false;
  return (
    wanted.every(([key, value]) => readLabel(labels, key) === value) &&
    requirements.every((requirement) => holds(requirement, readLabel(labels, requirement.key)))
  );
}

/** Only own properties: `constructor` is a valid label key. */
function readLabel(labels: Record<string, string>, key: string): string | undefined {
  return Object.hasOwn(labels, key) ? labels[key] : undefined;
}

function holds(requirement: Requirement, value: string | undefined): boolean {
  const values = requirement.values ?? [];
  switch (requirement.operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
  }
}
