// Is a refused request sent again only when that may help, and a missing right told of once?
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type {
  KubernetesConnection,
  KubernetesRequest,
} from '../../../watch/kubernetes-connection.ts';
import { KubernetesError } from '../../../watch/kubernetes-error.ts';
import { handleRefusals } from '../../../watch/refused-requests.ts';

const REQUEST: KubernetesRequest = { method: 'PATCH', path: '/x', body: {} };
const forbidden = (resource: string) =>
  new KubernetesError(
    403,
    'Forbidden',
    `PATCH /x was answered 403: "data" is forbidden: User "system:serviceaccount:a:b" cannot patch resource "${resource}" in API group ""`,
  );

let answers: (Error | string)[];
let sent: number;
let told: object[];
let connection: KubernetesConnection;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  sent = 0;
  told = [];
  const refusing = {
    async send() {
      sent++;
      const answer = answers.length > 1 ? answers.shift() : answers[0];
      if (answer instanceof Error) throw answer;
      return answer;
    },
  } as unknown as KubernetesConnection;
  connection = handleRefusals(refusing, { error: (fields: object) => told.push(fields) });
});

afterEach(() => {
  vi.useRealTimers();
});

/** What comes of a request, and after how many milliseconds. */
async function send(): Promise<{ outcome: unknown; afterMs: number }> {
  const startedMs = performance.now();
  const outcome = connection.send(REQUEST).catch((error: unknown) => error);
  await vi.runAllTimersAsync();
  return { outcome: await outcome, afterMs: performance.now() - startedMs };
}

describe('a request that is refused', () => {
  it('for now is sent again, a little later', async () => {
    answers = [new KubernetesError(429, 'TooManyRequests', 'later'), 'done'];

    const { outcome, afterMs } = await send();

    expect([outcome, sent]).toEqual(['done', 2]);
    expect(afterMs).toBeGreaterThanOrEqual(250);
  });

  it('for long is given up within what a workflow task waits', async () => {
    answers = [new KubernetesError(429, 'TooManyRequests', 'later')];

    const { outcome, afterMs } = await send();

    expect(outcome).toMatchObject({ status: 429 });
    expect(sent).toBe(4);
    expect(afterMs).toBeLessThanOrEqual(3_500);
  });

  it.each([
    [409, 'Conflict'],
    [403, 'Forbidden'],
    [422, 'Invalid'],
    [500, 'InternalError'],
  ])('otherwise (%i) is for the caller to decide', async (status, reason) => {
    answers = [new KubernetesError(status, reason, reason)];

    expect((await send()).outcome).toMatchObject({ status });
    expect(sent).toBe(1);
  });

  it('for want of a right is told of once for all who ask, and again after ten minutes', async () => {
    answers = [forbidden('dynamicvolumeclaims/status')];
    for (let claim = 0; claim < 50; claim++) await send();
    expect(told).toMatchObject([{ right: 'patch dynamicvolumeclaims/status' }]);

    answers = [forbidden('pods')];
    await send();
    expect(told).toHaveLength(2);

    await vi.advanceTimersByTimeAsync(600_000);
    await send();
    expect(told).toHaveLength(3);
  });

  it('by a quota is no missing right', async () => {
    answers = [new KubernetesError(403, 'Forbidden', 'pods "x" is forbidden: exceeded quota: few')];

    await send();

    expect(told).toEqual([]);
  });
});
