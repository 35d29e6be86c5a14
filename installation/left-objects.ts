// Which objects are left, who hears of them, and how long are they waited for?
import { sleep } from '../watch/backoff.ts';
import type { KubernetesConnection } from '../watch/kubernetes-connection.ts';
import { isNotFound } from '../watch/kubernetes-error.ts';

const PAGE = 500;
const NAMES_TOLD = 5;

/** The parts of objects that are looked at. */
export interface Named {
  metadata: { namespace?: string; name: string };
}

interface ClaimStatus {
  status?: { conditions?: { type: string; reason: string; message: string }[] };
}

/** How long objects are waited for, and who hears of it. */
export interface WaitOptions {
  connection: Pick<KubernetesConnection, 'send'>;
  /** Gets a line now and then. */
  tell(line: string): void;
  /** Milliseconds for all objects together to go. */
  timeoutMs: number;
  /** Milliseconds between two looks; 1,000 when absent. */
  everyMs?: number;
}

/** Aborts `timeoutMs` after the beginning, whatever has been waited for until then. */
export type Waiting = WaitOptions & { deadline: AbortSignal };

/** What objects are called, one of them and several. */
export type Noun = readonly [one: string, many: string];

/**
 * Waits until a look finds nothing; tells who is left whenever their number has changed.
 *
 * @throws Error after the deadline, with who is left and what the first of them says
 */
export async function waitUntilGone(
  options: Omit<Waiting, 'connection'>,
  noun: Noun,
  look: () => Promise<(Named & ClaimStatus)[]>,
): Promise<void> {
  const { timeoutMs, deadline, everyMs = 1_000, tell } = options;
  let told = 0;
  for (let left = await look(); left.length > 0; left = await look()) {
    if (deadline.aborted) {
      const seconds = Math.round(timeoutMs / 1_000);
      throw new Error(
        `After ${seconds} s there still ${count(left, noun)}: ${tellNames(left)}. ${tellReason(left)}Uninstall again when that is mended.`,
      );
    }
    if (left.length !== told) tell(`Waiting: there ${count(left, noun)}: ${tellNames(left)}`);
    told = left.length;
    await sleep(everyMs, deadline);
  }
}

/** What the first of them says of itself. */
function tellReason([first]: (Named & ClaimStatus)[]): string {
  const ready = first?.status?.conditions?.find(({ type }) => type === 'Ready');
  return ready === undefined ? '' : `The first says ${ready.reason}: ${ready.message} `;
}

/** Objects of a kind, page by page: a Job has not the memory for all pods. A kind that the API server does not know has none. */
export async function list<T>(
  connection: Pick<KubernetesConnection, 'send'>,
  path: string,
  {
    labelSelector = '',
    keep = () => true,
  }: { labelSelector?: string; keep?(object: T): boolean } = {},
): Promise<T[]> {
  const found: T[] = [];
  let next = '';
  do {
    const query = new URLSearchParams({ limit: String(PAGE), labelSelector, continue: next });
    try {
      const page = (await connection.send({
        method: 'GET',
        path: `${path}?${query.toString()}`,
      })) as {
        items: T[];
        metadata?: { continue?: string };
      };
      found.push(...page.items.filter(keep));
      next = page.metadata?.continue ?? '';
    } catch (error) {
      if (!isNotFound(error)) throw error;
      return [];
    }
  } while (next !== '');
  return found;
}

/** As in "There are 2 claims". */
export function count({ length }: unknown[], [one, many]: Noun): string {
  return length === 1 ? `is 1 ${one}` : `are ${length} ${many}`;
}

/** The first of them, and how many more there are. */
export function tellNames(objects: Named[]): string {
  const names = objects
    .slice(0, NAMES_TOLD)
    .map(({ metadata: { namespace, name } }) => (namespace ? `${namespace}/${name}` : name));
  const more = objects.length - names.length;
  return names.join(', ') + (more > 0 ? ` and ${more} more` : '');
}
