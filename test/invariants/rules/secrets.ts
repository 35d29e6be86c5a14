// Does a credential show up in what the API server or the process table tells?
import { nameOf } from '../objects.ts';
import type { Rule } from '../rule.ts';
import type { Snapshot } from '../snapshot.ts';

export const SECRET_RULES: Rule[] = [
  {
    id: 'I6',
    sentence: 'No value of a Secret is in an object, an Event, an argument or an environment.',
    graceMs: 0,
    judge: ({ memory, ...snapshot }) => {
      const secrets = [...memory.secretValues];
      if (secrets.length === 0) return [];
      return listTexts(snapshot).map(({ object, text, marks }) => ({
        object,
        marks,
        broken: secrets.some((secret) => text.includes(secret))
          ? 'A value of a Secret is in it'
          : undefined,
      }));
    },
  },
];

function listTexts(snapshot: Omit<Snapshot, 'memory'>) {
  const { claims, classes, pods, events, processTexts } = snapshot;
  const objects = [
    ...claims.map((object) => ['claim', object] as const),
    ...classes.map((object) => ['class', object] as const),
    ...pods.map((object) => ['pod', object] as const),
    ...events.map((object) => ['event', object] as const),
  ].map(([kind, object]) => ({
    object: nameOf(kind, object),
    text: JSON.stringify(object),
    marks: [object.metadata.namespace, object.metadata.name],
  }));
  const processes = Object.entries(processTexts).map(([process, text]) => ({
    object: `process ${process}`,
    text,
    marks: [],
  }));
  return [...objects, ...processes];
}
