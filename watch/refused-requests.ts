// What becomes of a request that the API server refuses for now, or for want of a right?
import type { Logger } from 'pino';
import { buildBackoffMs, sleep } from './backoff.ts';
import type { KubernetesConnection } from './kubernetes-connection.ts';
import { KubernetesError } from './kubernetes-error.ts';

/** Waits of 3.5 s at most in all: an activity within a workflow task has 5 s. */
const BACKOFF = { firstMs: 500, capMs: 2_000 };
const MAX_TRIES = 4;

/** Milliseconds after which a right that still lacks is told of again. */
const TELL_AGAIN_MS = 600_000;

/** As the authorizers word it; a quota or a webhook answers 403, too. */
const LACKS_RIGHT = / cannot (\w+) resource "([^"]+)"/;

/**
 * The same connection, which sends again what the server had no time for (429), each time a little later and never
 * all clients at once; and which tells of each right that our ServiceAccount lacks once, however many claims ask for
 * it. The refusal is thrown all the same: whoever asked tries again.
 */
export function handleRefusals(
  connection: KubernetesConnection,
  log: Pick<Logger, 'error'>,
): KubernetesConnection {
  const toldMs = new Map<string, number>();

  const tellOnce = (error: unknown): void => {
    const right = findLackingRight(error);
    if (right === undefined) return;
    const nowMs = performance.now();
    if (nowMs - (toldMs.get(right) ?? -Infinity) < TELL_AGAIN_MS) return;
    toldMs.set(right, nowMs);
    log.error({ right, err: error }, 'A right is missing: install the roles of the chart again');
  };

  return {
    ...connection,
    async send(request, signal) {
      for (let tries = 1; ; tries++) {
        try {
          return await connection.send(request, signal);
        } catch (error) {
          tellOnce(error);
          if (!isTooMany(error) || tries >= MAX_TRIES) throw error;
        }
        const waitMs = buildBackoffMs(BACKOFF, tries, Math.random());
        await sleep(waitMs, signal ?? new AbortController().signal);
      }
    },
  };
}

function isTooMany(error: unknown): boolean {
  return error instanceof KubernetesError && error.status === 429;
}

/** As `patch dynamicvolumeclaims/status`. */
function findLackingRight(error: unknown): string | undefined {
  if (!(error instanceof KubernetesError) || error.status !== 403) return undefined;
  const [, verb, resource] = LACKS_RIGHT.exec(error.message) ?? [];
  return verb === undefined || resource === undefined ? undefined : `${verb} ${resource}`;
}
