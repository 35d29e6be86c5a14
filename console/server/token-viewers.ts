// Whose is a bearer token, and what may its owner see?
import { createHash } from 'node:crypto';
import type { ReviewedUser, WantedAccess } from './access-review.ts';
import { Decisions } from './decisions.ts';
import { ConsoleRefusal } from './refusal.ts';
import { ReviewQueue } from './review-queue.ts';
import type { Viewer } from './viewer.ts';

/** `status` of an `authentication.k8s.io/v1` TokenReview, the fields that are used. */
export interface ReviewedToken {
  authenticated?: boolean;
  user?: ReviewedUser;
}

export interface TokenViewersOptions {
  reviewToken(token: string, signal: AbortSignal): Promise<ReviewedToken>;
  reviewAccess(user: ReviewedUser, access: WantedAccess, signal: AbortSignal): Promise<boolean>;
  /** Milliseconds of a clock that does not go back. */
  nowMs(): number;
}

/** Longer than any token, and shorter than what is expensive to hash. */
const MAX_TOKEN_LENGTH = 16 * 1024;

/** Anybody in the cluster reaches the port, and each new token costs the API server a request. */
const MAX_TOKEN_REVIEWS = 16;

const REVIEW_DEADLINE_MS = 3_000;

/**
 * Tells who is behind a request.
 *
 * @param authorization the header of that name
 * @returns what its owner may see
 * Throws ConsoleRefusal 401 when there is no token, or none that the API server accepts; 503 when it does not answer.
 */
export type FindViewer = (authorization: string | undefined) => Promise<Viewer>;

/** Asks the API server about tokens and rights. Its answers count for 30 s. */
export function createTokenViewers(options: TokenViewersOptions): FindViewer {
  const users = new Decisions<ReviewedUser | undefined>(options.nowMs);
  const rights = new Decisions<boolean>(options.nowMs);
  const queue = new ReviewQueue();
  let tokenReviews = 0;

  async function reviewToken(token: string): Promise<ReviewedToken> {
    if (tokenReviews >= MAX_TOKEN_REVIEWS)
      throw new ConsoleRefusal(503, 'Too many ask at once; try again');
    tokenReviews += 1;
    try {
      return await review((signal) => options.reviewToken(token, signal));
    } finally {
      tokenReviews -= 1;
    }
  }

  async function findUser(token: string, key: string): Promise<ReviewedUser> {
    const user = await users.get(key, async () => {
      const { authenticated, user } = await reviewToken(token);
      return authenticated === true ? user : undefined;
    });
    if (user !== undefined) return user;
    throw new ConsoleRefusal(
      401,
      'The Kubernetes API server does not accept this bearer token; get a fresh one, as with `kubectl create token`',
    );
  }

  return async (authorization) => {
    const token = readToken(authorization);
    // The token itself is kept for no longer than somebody reads.
    const key = createHash('sha256').update(token).digest('base64');
    const user = await findUser(token, key);
    const { username = key } = user;
    const may = (access: WantedAccess): Promise<boolean> =>
      rights.get(`${key} ${access.verb} ${access.namespace ?? ''}`, () =>
        queue.run(username, () => review((signal) => options.reviewAccess(user, access, signal))),
      );
    return {
      user: username,
      check: async () => void (await findUser(token, key)),
      mayListAll: () => may({ verb: 'list' }),
      mayList: (namespace) => may({ verb: 'list', namespace }),
      mayGet: (namespace) => may({ verb: 'get', namespace }),
    };
  };
}

async function review<T>(ask: (signal: AbortSignal) => Promise<T>): Promise<T> {
  try {
    return await ask(AbortSignal.timeout(REVIEW_DEADLINE_MS));
  } catch {
    throw new ConsoleRefusal(
      503,
      'The Kubernetes API server does not say who you are and what you may see; try again',
    );
  }
}

function readToken(authorization: string | undefined): string {
  const token = /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1];
  if (token !== undefined && token.length <= MAX_TOKEN_LENGTH) return token;
  throw new ConsoleRefusal(
    401,
    'The console takes a bearer token of the cluster here (header Authorization); over `kubectl port-forward` it takes none',
  );
}
