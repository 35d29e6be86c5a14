// How does the page read the console's API?
import {
  buildClaimPath,
  buildTimelinePath,
  CONSOLE_PATHS,
  type ClaimDetail,
  type ErrorAnswer,
  type Timeline,
} from '../model/views.ts';
import { ConsoleError, kindOfStatus } from './console-error.ts';
import type { ClaimRef } from './view-state.ts';

/** Milliseconds within which an answer has to be there; the server itself gives up earlier. */
const DEADLINE_MS = 15_000;

export interface ConsoleApi {
  readClaim(claim: ClaimRef, signal: AbortSignal): Promise<ClaimDetail>;
  readTimeline(claim: ClaimRef, signal: AbortSignal): Promise<Timeline>;
  /**
   * The bytes of the stream of server-sent events.
   *
   * @param namespace whose claims alone are told of; undefined for all that the reader may list
   */
  openStream(
    signal: AbortSignal,
    namespace: string | undefined,
  ): Promise<ReadableStream<Uint8Array>>;
}

/**
 * @param token bearer token; the loopback listener needs none. It is kept in memory alone.
 * All methods throw a {@link ConsoleError}.
 */
export function createConsoleApi(token: string | undefined): ConsoleApi {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const get = async (path: string, signal: AbortSignal): Promise<Response> => {
    // Relative to the page, so that it also works behind a proxy with a path of its own.
    const asked = fetch(`.${path}`, { headers, signal, cache: 'no-store' });
    const answer = await asked.catch((error: unknown) => {
      throw new ConsoleError('unreachable', 'The controller does not answer.', { cause: error });
    });
    if (answer.ok) return answer;
    throw new ConsoleError(kindOfStatus(answer.status), await readMessage(answer));
  };
  const getJson = async <T>(path: string, signal: AbortSignal): Promise<T> => {
    const bounded = AbortSignal.any([signal, AbortSignal.timeout(DEADLINE_MS)]);
    const answer = await get(path, bounded);
    return (await answer.json()) as T;
  };
  return {
    readClaim: ({ namespace, name }, signal) => getJson(buildClaimPath(namespace, name), signal),
    readTimeline: ({ namespace, name }, signal) =>
      getJson(buildTimelinePath(namespace, name), signal),
    openStream: async (signal, namespace) => {
      const query = namespace === undefined ? '' : `?namespace=${encodeURIComponent(namespace)}`;
      const { body } = await get(`${CONSOLE_PATHS.stream}${query}`, signal);
      if (body) return body;
      throw new ConsoleError('unreachable', 'The stream has no body.');
    },
  };
}

/** With a full stop: more is said after it. */
async function readMessage(answer: Response): Promise<string> {
  const body = (await answer.json().catch(() => ({}))) as Partial<ErrorAnswer>;
  const { message = `The controller answers with ${answer.status}` } = body;
  return message.replace(/\.?$/, '.');
}
