// Which Events does a command mean, while claims and pods come and go?
import { findClaim, listClaims } from './claims.ts';
import type { CliContext } from './context.ts';
import { buildSubject, joinSubjects, sortByLastSeen, tellsOf } from './events.ts';
import type { EventObject, EventSubjects } from './events.ts';

type Context = Pick<CliContext, 'flags' | 'kubernetes' | 'namespace' | 'signal'>;

/**
 * Chooses of each batch the Events that are wanted, the latest last; claims and pods that come later are wanted too.
 *
 * @param name the claim that is meant, with its pods; else those of `-n`, `-A` and `-l`
 */
export function chooseEvents(
  context: Context,
  name: string | undefined,
): (events: EventObject[]) => Promise<EventObject[]> {
  let known: EventSubjects | undefined;
  return async (events) => {
    const found = await findSubjects(context, name, known);
    known = found && known ? joinSubjects(known, found) : found;
    return sortByLastSeen(events.filter((event) => tellsOf(event, known)));
  };
}

/**
 * Undefined for all claims.
 *
 * @param known what stays when the API server does not answer: whoever follows is told of that elsewhere
 */
async function findSubjects(
  context: Context,
  name: string | undefined,
  known: EventSubjects | undefined,
): Promise<EventSubjects | undefined> {
  if (name === undefined && context.flags.selector === undefined) return undefined;
  try {
    return name === undefined ? await findLabelled(context) : await findNamed(context, name);
  } catch (error) {
    if (known === undefined || context.signal.aborted) throw error;
    return known;
  }
}

async function findLabelled(context: Context): Promise<EventSubjects> {
  const { items } = await listClaims(context);
  const claims = items.map(({ metadata }) => buildSubject(metadata.namespace, metadata.name));
  return { claims: new Set(claims), pods: new Set() };
}

async function findNamed(context: Context, name: string): Promise<EventSubjects> {
  const namespace = context.namespace();
  const pods = (await findClaim(context, name))?.status?.pods ?? [];
  return {
    claims: new Set([buildSubject(namespace, name)]),
    pods: new Set(pods.map((pod) => buildSubject(namespace, pod.name))),
  };
}
