// Does the command line steer a claim's workflow, wait for it, and read it where there is no console?
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { EXIT_CODES } from '../../cli/exit-codes.ts';
import { PATHS } from '../../watch/kubernetes.ts';
import { runCommand } from '../builders/command-line.ts';
import type { Ran } from '../builders/command-line.ts';
import { CLAIM } from '../builders/objects.ts';
import { FakeApiServer } from '../fakes/fake-api-server.ts';
import { waitUntil } from '../wait-until.ts';
import { Lab } from './lab.ts';
import type { ClaimStory } from './lab.ts';

const collection = PATHS.claims.replace(/\/([^/]+)$/, `/namespaces/${CLAIM.namespace}/$1`);

let lab: Lab;
let server: FakeApiServer;
beforeAll(async () => {
  lab = await Lab.start();
});
afterAll(async () => {
  await lab.stop();
});
beforeEach(async () => {
  server = await FakeApiServer.start();
});
afterEach(async () => {
  await server.stop();
});

/** Runs a command on the claim, as it stands in the cluster of the story. */
function tell(claim: ClaimStory, ...words: string[]): Promise<Ran> {
  const object = claim.object;
  if (object === undefined) throw new Error('The claim is gone');
  server.put(collection, { ...object, metadata: { ...object.metadata } });
  const [command = '', ...flags] = words;
  return runCommand([command, CLAIM.name, '-n', CLAIM.namespace, ...flags], server.kubeConfig, {
    environment: { TEMPORAL_ADDRESS: lab.environment.address, TEMPORAL_NAMESPACE: 'default' },
  });
}

describe('remount', () => {
  it("prints the workflow's answer and waits until every source is a fresh one", async () => {
    await lab.run(async (scene) => {
      const claim = await scene.attached();
      const [former] = scene.agents.staged.keys();

      const ran = await tell(claim, 'remount', '--wait');

      expect(ran).toMatchObject({ exitCode: EXIT_CODES.ok });
      expect(ran.stdout).toBe(
        'A fresh source is mounted beneath the present one; open files stay readable.\n' +
          `${CLAIM.namespace}/${CLAIM.name} serves (1/1 pods)\n`,
      );
      const { mounts } = await claim.query<{
        mounts: Record<string, { served?: { sourceKey: string } }>;
      }>('status');
      expect(Object.values(mounts).map(({ served }) => served?.sourceKey)).not.toContain(former);
      await claim.end();
    });
  });
});

describe('detach and attach', () => {
  it('take the storage away and bring it back', async () => {
    await lab.run(async (scene) => {
      const claim = await scene.attached();

      const away = await tell(claim, 'detach', '--grace', '5', '--wait');
      expect(away).toMatchObject({ exitCode: EXIT_CODES.ok });
      expect(away.stdout).toContain('who uses it is given 5 s; send attach to bring it back.\n');
      expect(scene.agents.staged.size).toBe(0);

      const back = await tell(claim, 'attach', '--wait');
      expect(back).toMatchObject({ exitCode: EXIT_CODES.ok });
      expect(back.stdout).toContain('serves (1/1 pods)');
      await waitUntil('the storage is mounted', () => scene.agents.staged.size === 1);
      await claim.end();
    });
  });

  it('end with the sentence of the workflow where it refuses', async () => {
    await lab.run(async (scene) => {
      const claim = await scene.attached();

      expect(await tell(claim, 'attach')).toEqual({
        exitCode: EXIT_CODES.failed,
        stdout: '',
        stderr: 'The claim is not detached; send remount for a fresh source.\n',
      });
      expect(await tell(claim, 'detach', '--grace', '5', '--force')).toEqual({
        exitCode: EXIT_CODES.failed,
        stdout: '',
        stderr:
          'graceSeconds is 5 and force is true; give one of them, because force gives no grace.\n',
      });
      await claim.end();
    });
  });
});

describe('a claim that nothing looks after', () => {
  it('is told of, with the command that finds out why', async () => {
    await lab.run(async (scene) => {
      const ran = await tell(scene.create(), 'remount');

      expect(ran).toMatchObject({ exitCode: EXIT_CODES.notFound, stdout: '' });
      expect(ran.stderr).toMatch(
        /^Nothing looks after claim shop\/pictures: its workflow does not run in namespace .+ of Temporal at .+:\d+, as --temporal-address or TEMPORAL_ADDRESS says; /,
      );
      expect(ran.stderr).toContain('kubectl dynvol doctor');
    });
  });
});

describe('without the console, from Temporal', () => {
  const WITHOUT_CONSOLE = ['--console', 'http://localhost:1'];

  it('history tells the steps of the workflow', async () => {
    await lab.run(async (scene) => {
      const claim = await scene.attached();

      const ran = await tell(claim, 'history', ...WITHOUT_CONSOLE);

      expect(ran).toMatchObject({ exitCode: EXIT_CODES.ok });
      expect(ran.stderr).toMatch(
        /^The console at .* cannot be reached: .*; reading Temporal instead\.\n$/,
      );
      expect(ran.stdout).toMatch(/ ✓ .+\n/);
      expect(ran.stdout).toMatch(new RegExp(`\nWorkflow ${claim.workflowId} goes on\\.\n$`));
      await claim.end();
    });
  });

  it('explain tells what the workflow says', async () => {
    await lab.run(async (scene) => {
      const claim = await scene.attached();
      const explanation = await claim.query<string>('explain');

      const ran = await tell(claim, 'explain', '-o', 'json', ...WITHOUT_CONSOLE);

      expect(ran).toMatchObject({ exitCode: EXIT_CODES.ok });
      expect(ran.stderr).toMatch(
        /^The console at .* cannot be reached: .*; asking Temporal instead\.\n$/,
      );
      expect(JSON.parse(ran.stdout)).toMatchObject({ reason: 'Attached', explanation });
      await claim.end();
    });
  });
});
