// Does every look reach its workflow, once, whatever fails and in whatever order looks come?
import * as fc from 'fast-check';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { DynamicVolumeClaim } from '../../../api/dynamic-volume-claim.ts';
import { createBridge } from '../../../watch/bridge.ts';
import type { Bridge, LookReason } from '../../../watch/bridge.ts';
import type { ReconcileSignal } from '../../../workflows/messages.ts';

function aClaim(uid: string, generation = 1, deleting = false): DynamicVolumeClaim {
  return {
    metadata: {
      namespace: 'default',
      name: uid,
      uid,
      generation,
      resourceVersion: '1',
      creationTimestamp: '2026-01-01T00:00:00Z',
      ...(deleting ? { deletionTimestamp: '2026-01-01T00:00:01Z' } : {}),
    },
    spec: {
      selector: { matchLabels: { app: 'web' } },
      mountpoint: '/data',
      readOnly: false,
      s3Config: { bucket: 'bucket', endpoint: 'http://s3' },
    },
  };
}

interface Sent extends ReconcileSignal {
  uid: string;
}

/** A Temporal whose answers the test gives. */
class FakeTemporal {
  readonly sent: Sent[] = [];
  readonly pending: { resolve(): void; reject(error: Error): void }[] = [];
  inFlight = 0;
  most = 0;
  /** Answers of the next signals; true fails. Later ones succeed. */
  failures: boolean[] = [];
  held = false;

  signalWithStart = async (claim: DynamicVolumeClaim, payload: ReconcileSignal): Promise<void> => {
    this.inFlight += 1;
    this.most = Math.max(this.most, this.inFlight);
    try {
      if (this.held) {
        await new Promise<void>((resolve, reject) => this.pending.push({ resolve, reject }));
      } else {
        await Promise.resolve();
      }
      if (this.failures.shift()) throw new Error('Unavailable');
      this.sent.push({ uid: claim.metadata.uid, ...payload });
    } finally {
      this.inFlight -= 1;
    }
  };
}

let temporal: FakeTemporal;
let bridge: Bridge;

function start(concurrency = 50): void {
  temporal = new FakeTemporal();
  const { signalWithStart } = temporal;
  bridge = createBridge({ signalWithStart, concurrency, log: pino({ level: 'silent' }) });
}

/** Lets all that is due within a minute happen. */
const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(60_000);

beforeEach(() => {
  vi.useFakeTimers();
  start();
});

afterEach(async () => {
  await bridge.stop();
  vi.useRealTimers();
});

describe('createBridge', () => {
  it('sends the first look at once', () => {
    bridge.look(aClaim('a', 3));

    expect(temporal.inFlight).toBe(1);
  });

  it('makes one more signal of all that comes while one is in flight', async () => {
    temporal.held = true;
    bridge.look(aClaim('a', 1));
    bridge.look(aClaim('a', 2));
    bridge.look(aClaim('a', 3, true));

    temporal.held = false;
    temporal.pending[0]?.resolve();
    await settle();

    expect(temporal.sent).toEqual([
      { uid: 'a', generation: 1, deleting: false },
      { uid: 'a', generation: 3, deleting: true },
    ]);
  });

  it('tells of a claim that vanished as of one being deleted', async () => {
    bridge.look(aClaim('a'), { vanished: true });
    await settle();

    expect(temporal.sent).toEqual([{ uid: 'a', generation: 1, deleting: true, vanished: true }]);
  });

  it.each<[string, LookReason[], object]>([
    ['vanished, and was looked at before', [{}, { vanished: true }], { vanished: true }],
    ['vanished, and was looked at after', [{ vanished: true }, {}], { vanished: true }],
    ['was only looked at', [{}, {}], { deleting: false }],
  ])('tells in one signal of a claim that %s', async (_what, reasons, told) => {
    temporal.held = true;
    bridge.look(aClaim('a'));
    for (const reason of reasons) bridge.look(aClaim('a'), reason);
    temporal.held = false;
    temporal.pending[0]?.resolve();
    await settle();

    expect(temporal.sent[1]).toMatchObject(told);
    expect(temporal.sent[1]).toHaveProperty('deleting', 'vanished' in told);
  });

  it('does not call a claim vanished whose deletion was seen', async () => {
    temporal.held = true;
    const claim = aClaim('a');
    bridge.look(claim);
    bridge.look(aClaim('a', 1, true));
    bridge.look(claim, { vanished: true });
    temporal.held = false;
    temporal.pending[0]?.resolve();
    await settle();

    expect(temporal.sent[1]).toEqual({ uid: 'a', generation: 1, deleting: true });
  });

  it('asks for a recheck once, also when a plain look comes before or after it', async () => {
    temporal.held = true;
    bridge.look(aClaim('a'));
    bridge.look(aClaim('a'));
    bridge.look(aClaim('a'), { recheck: true });
    bridge.look(aClaim('a'));
    temporal.held = false;
    temporal.pending[0]?.resolve();
    await settle();
    bridge.look(aClaim('a'));
    await settle();

    expect(temporal.sent.map(({ recheck }) => recheck)).toEqual([undefined, true, undefined]);
  });

  it('repeats a failed signal, with what came meanwhile', async () => {
    temporal.failures = [true, true, true];
    bridge.look(aClaim('a', 1, true));
    await vi.advanceTimersByTimeAsync(10);
    bridge.look(aClaim('a', 2));
    await settle();

    expect(temporal.sent).toEqual([{ uid: 'a', generation: 2, deleting: true }]);
  });

  it('does not let a failing claim hold up another', async () => {
    start(1);
    temporal.failures = [true];
    bridge.look(aClaim('a'));
    bridge.look(aClaim('b'));
    await vi.advanceTimersByTimeAsync(10);

    expect(temporal.sent.map(({ uid }) => uid)).toEqual(['b']);
    await settle();
    expect(temporal.sent.map(({ uid }) => uid)).toEqual(['b', 'a']);
  });

  it('sends nothing after stop and waits for what is in flight', async () => {
    temporal.held = true;
    bridge.look(aClaim('a'));
    bridge.look(aClaim('a', 2));
    const stopped = bridge.stop();
    bridge.look(aClaim('b'));

    temporal.pending[0]?.reject(new Error('Unavailable'));
    await stopped;
    await settle();

    expect(temporal.sent).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('tells each workflow the latest of its claim, in any order, with any failures', async () => {
    const look = fc.record({
      uid: fc.constantFrom('a', 'b', 'c', 'd'),
      generation: fc.integer({ min: 1, max: 5 }),
      deleting: fc.boolean(),
      recheck: fc.boolean(),
      pauseMs: fc.constantFrom(0, 0, 50, 500),
    });
    const property = fc.asyncProperty(
      fc.array(look, { maxLength: 30 }),
      fc.array(fc.boolean(), { maxLength: 30 }),
      fc.integer({ min: 1, max: 3 }),
      async (looks, failures, concurrency) => {
        start(concurrency);
        temporal.failures = failures;
        for (const { uid, generation, deleting, recheck, pauseMs } of looks) {
          bridge.look(aClaim(uid, generation, deleting), { recheck });
          if (pauseMs > 0) await vi.advanceTimersByTimeAsync(pauseMs);
        }
        await vi.advanceTimersByTimeAsync(1_000_000);

        const uids = new Set(looks.map((each) => each.uid));
        expect(new Set(temporal.sent.map((each) => each.uid))).toEqual(uids);
        for (const uid of uids) {
          const told = temporal.sent.filter((each) => each.uid === uid);
          const meant = looks.filter((each) => each.uid === uid);
          const newest = (all: ReconcileSignal[]): number =>
            Math.max(...all.map((each) => each.generation));
          expect(newest(told)).toBe(newest(meant));
          expect(told.some((each) => each.deleting)).toBe(meant.some((each) => each.deleting));
          expect(told.some((each) => each.recheck)).toBe(meant.some((each) => each.recheck));
          expect(told.length).toBeLessThanOrEqual(meant.length);
        }
        expect(temporal.most).toBeLessThanOrEqual(concurrency);
      },
    );
    await fc.assert(property, { numRuns: 200 });
  });

  it('tells how many claims wait, and for how long the oldest change has', async () => {
    temporal.failures = [true, true];
    expect(bridge.backlog()).toEqual({ claims: 0, oldestMs: 0 });
    bridge.look(aClaim('a'));
    await vi.advanceTimersByTimeAsync(40);
    bridge.look(aClaim('a', 2));
    bridge.look(aClaim('b'));

    expect(bridge.backlog()).toEqual({ claims: 2, oldestMs: 40 });
    await settle();
    expect(bridge.backlog()).toEqual({ claims: 0, oldestMs: 0 });
  });

  it('counts a change that came during a signal from when it came', async () => {
    temporal.held = true;
    bridge.look(aClaim('a'));
    await vi.advanceTimersByTimeAsync(300);
    bridge.look(aClaim('a', 2));
    await vi.advanceTimersByTimeAsync(20);
    temporal.pending[0]?.resolve();
    await vi.advanceTimersByTimeAsync(10);

    expect(bridge.backlog()).toEqual({ claims: 1, oldestMs: 30 });
    temporal.pending[1]?.resolve();
    await settle();
  });

  it('tells of each signal that was taken, and how long after the first change', async () => {
    const seconds: number[] = [];
    const { signalWithStart } = temporal;
    const onSignalled = (_claim: unknown, took: number) => void seconds.push(took);
    bridge = createBridge({ signalWithStart, log: pino({ level: 'silent' }), onSignalled });
    temporal.failures = [true];
    bridge.look(aClaim('a'));
    await settle();

    expect(seconds).toHaveLength(1);
    expect(seconds[0]).toBeGreaterThan(0.04);
  });

  it('sends no signal again because it could not be noted, and says so', async () => {
    const lines: object[] = [];
    const write = (line: string) => lines.push(JSON.parse(line) as object);
    const onSignalled = () => {
      throw new Error('odd');
    };
    const { signalWithStart } = temporal;
    bridge = createBridge({ signalWithStart, log: pino({}, { write }), onSignalled });
    bridge.look(aClaim('a'));
    bridge.look(aClaim('a', 2));
    await settle();

    expect(temporal.sent.map(({ generation }) => generation)).toEqual([1, 2]);
    expect(bridge.backlog().claims).toBe(0);
    const line = { claim: 'default/a', msg: 'Signal could not be noted' };
    expect(lines).toMatchObject([line, line]);
  });
});
