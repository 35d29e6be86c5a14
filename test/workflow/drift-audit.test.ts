// Does the scheduled audit mend what differs after two looks, and stop where it would remove too much?
import { ScheduleOverlapPolicy } from '@temporalio/client';
import type { ScheduleHandle } from '@temporalio/client';
import { Worker } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createActivities } from '../../activities/index.ts';
import { AUDIT_SCHEDULE_ID, AUDIT_WORKFLOW_TYPE } from '../../api/names.ts';
import { ensureAuditSchedule } from '../../workers/audit-schedule.ts';
import { aPod, KEY_A } from '../builders/objects.ts';
import { waitUntil } from '../wait-until.ts';
import { formatHistory, listEventNames } from './history-file.ts';
import { Lab, Scene } from './lab.ts';

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.start();
});

afterAll(async () => {
  await lab.stop();
});

/** The schedule of a scene of its own, run by hand. */
class Audits {
  readonly scene = new Scene(lab);
  readonly rechecked: string[] = [];

  /** As a controller does at its start. */
  async ensure(): Promise<void> {
    const connection = lab.environment.nativeConnection;
    const target = { connection, namespace: 'default', taskQueue: this.scene.taskQueue };
    await ensureAuditSchedule(target);
  }

  get schedule(): ScheduleHandle {
    return lab.environment.client.schedule.getHandle(AUDIT_SCHEDULE_ID);
  }

  /** Milliseconds between two audits. */
  async every(): Promise<number | undefined> {
    return (await this.schedule.describe()).spec.intervals?.[0]?.every;
  }

  createWorker(): Promise<Worker> {
    const { cluster, agents, taskQueue } = this.scene;
    return Worker.create({
      connection: lab.environment.nativeConnection,
      taskQueue,
      workflowBundle: { code: lab.code },
      activities: createActivities({
        view: cluster.view,
        kubernetes: cluster.kubernetes,
        agents,
        settings: { mountPodImage: 'dynvol/mount-pod:test', temporalNamespace: 'default' },
        look: ({ metadata }) => this.rechecked.push(metadata.name),
      }),
    });
  }

  async run(story: () => Promise<void>): Promise<void> {
    await this.ensure();
    // Only audits that the story asks for.
    await this.schedule.pause();
    const worker = await this.createWorker();
    try {
      await worker.runUntil(story());
    } finally {
      await this.schedule.delete();
    }
  }

  /** One audit, to its end. */
  async audit(): Promise<{ status: string; events: string[]; history: string }> {
    const before = (await this.schedule.describe()).info.numActionsTaken;
    await this.schedule.trigger(ScheduleOverlapPolicy.SKIP);
    let handle: ReturnType<typeof lab.environment.client.workflow.getHandle> | undefined;
    await waitUntil('the audit has ended', async () => {
      const { info } = await this.schedule.describe();
      const last = info.recentActions.at(-1)?.action.workflow;
      if (info.numActionsTaken === before || !last || info.runningActions.length > 0) return false;
      handle = lab.environment.client.workflow.getHandle(last.workflowId, last.firstExecutionRunId);
      return true;
    });
    if (!handle) throw new Error('The audit has no workflow');
    const history = await handle.fetchHistory();
    const { status } = await handle.describe();
    return {
      status: status.name,
      events: listEventNames(history),
      history: formatHistory(history),
    };
  }

  /** Mounts in pods of their own, which no claim accounts for. */
  addOrphans(count: number): void {
    const { agents, cluster } = this.scene;
    agents.staged.set(KEY_A, 'mp');
    for (let index = 0; index < count; index++) {
      const name = `orphan-${index}`;
      cluster.putPod(aPod({ name }));
      const mount = { sourceKey: KEY_A, readOnly: false, mountPodUid: 'mp', bucket: 'photos' };
      agents.mounts.set(`uid-${name}/elsewhere`, { ...mount, node: 'node1' });
    }
  }
}

describe('driftAuditWorkflow', () => {
  it('is one short run without a write when all is well', async () => {
    const audits = new Audits();
    await audits.run(async () => {
      const { status, events } = await audits.audit();

      expect(status).toBe('COMPLETED');
      expect(events.filter((name) => name === 'ActivityTaskScheduled')).toHaveLength(1);
      expect(events.length).toBeLessThanOrEqual(11);
      expect(audits.scene.cluster.writes).toEqual([]);
      expect(audits.scene.cluster.events.size).toBe(0);
    });
  });

  it('removes an orphaned mount with the second look', async () => {
    const audits = new Audits();
    await audits.run(async () => {
      audits.addOrphans(1);

      await audits.audit();
      expect(audits.scene.agents.mounts.size).toBe(1);

      await audits.audit();
      expect(audits.scene.agents.mounts.size).toBe(0);
    });
  });

  it('does nothing and fails when it would remove too much, until that is over', async () => {
    const audits = new Audits();
    await audits.run(async () => {
      audits.addOrphans(6);
      await audits.audit();

      const { status, history } = await audits.audit();
      expect(status).toBe('FAILED');
      expect(history).toContain('no claim accounts for 6 of 6 mounts on node1');
      expect(audits.scene.agents.mounts.size).toBe(6);
      const [event] = audits.scene.cluster.events.values();
      expect(event).toMatchObject({
        reason: 'DriftAuditStopped',
        regarding: { kind: 'CSIDriver' },
      });

      audits.scene.agents.mounts.delete('uid-orphan-0/elsewhere');
      audits.scene.agents.mounts.delete('uid-orphan-1/elsewhere');
      expect((await audits.audit()).status).toBe('COMPLETED');
      expect(audits.scene.agents.mounts.size).toBe(0);
    });
  });

  it('has a claim look again whose mount has gone', async () => {
    const audits = new Audits();
    await audits.run(async () => {
      const { object } = audits.scene.create();
      const pods = [{ name: 'web-1', uid: 'uid-web-1', state: 'Attached' as const }];
      if (object) object.status = { matched: 1, attached: 1, pods };

      await audits.audit();

      expect(audits.rechecked).toEqual(['pictures']);
    });
  });
});

describe('ensureAuditSchedule', () => {
  it('leaves one schedule, paused if a person paused it, when two controllers start', async () => {
    const audits = new Audits();
    await Promise.all([audits.ensure(), audits.ensure()]);
    await audits.schedule.pause('maintenance');

    await audits.ensure();

    const { state, spec, action, policies } = await audits.schedule.describe();
    expect(state).toMatchObject({ paused: true, note: 'maintenance' });
    expect(spec.intervals).toEqual([expect.objectContaining({ every: 60_000 })]);
    expect(action.workflowType).toBe(AUDIT_WORKFLOW_TYPE);
    expect(policies).toMatchObject({ overlap: 'SKIP', catchupWindow: 10_000 });
    await audits.schedule.delete();
  });

  it('brings a schedule of another version up to date', async () => {
    const audits = new Audits();
    await audits.ensure();
    const state = { paused: true, note: 'maintenance' };
    const intervals = [{ every: 7_000_000 }];
    await audits.schedule.update((former) => ({ ...former, spec: { intervals }, state }));
    await waitUntil('it is of another version', async () => (await audits.every()) === 7_000_000);

    await audits.ensure();

    await waitUntil('it is up to date', async () => (await audits.every()) === 60_000);
    expect((await audits.schedule.describe()).state).toMatchObject(state);
    await audits.schedule.delete();
  });
});
