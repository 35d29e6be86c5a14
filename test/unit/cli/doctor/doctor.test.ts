// How does doctor end, for whoever may see everything, and for whoever may see nothing?
import { afterEach, beforeEach, expect, it } from 'vitest';
import { EXIT_CODES } from '../../../../cli/exit-codes.ts';
import type { Finding } from '../../../../cli/doctor/checks.ts';
import { runCommand } from '../../../builders/command-line.ts';
import { FakeApiServer } from '../../../fakes/fake-api-server.ts';

let server: FakeApiServer;
beforeEach(async () => {
  server = await FakeApiServer.start();
});
afterEach(async () => {
  await server.stop();
});

async function examine(): Promise<{ exitCode: number; checks: Finding[] }> {
  const { exitCode, stdout } = await runCommand(['doctor', '-o', 'json'], server.kubeConfig);
  return { exitCode, ...(JSON.parse(stdout) as { checks: Finding[] }) };
}

it('fails where something is broken, and has a fix for each', async () => {
  const { exitCode, checks } = await examine();

  expect(exitCode).toBe(EXIT_CODES.failed);
  const broken = checks.filter(({ level }) => level === 'broken');
  expect(broken.map(({ check }) => check)).toContain('CSIDriver');
  expect(broken.filter(({ fix }) => !fix)).toEqual([]);
});

it('names the right that each check needs, and does not fail for lack of one', async () => {
  server.faults.refuse = ({ pathname }) =>
    pathname === '/version' ? undefined : { status: 403, reason: 'Forbidden' };

  const { exitCode, checks } = await examine();

  expect(exitCode).toBe(EXIT_CODES.ok);
  const [version, ...others] = checks;
  expect(version?.level).toBe('ok');
  for (const { level, message } of others) {
    expect(level).toBe('unchecked');
    expect(message).toMatch(/^not checked: needs (get|list) \w+/);
  }
});

it('says in one sentence that the API server does not answer at all', async () => {
  const config = server.kubeConfig;
  await server.stop();
  const ran = await runCommand(['doctor'], config);
  server = await FakeApiServer.start();

  expect(ran).toMatchObject({ exitCode: EXIT_CODES.noAccess, stdout: '' });
  expect(ran.stderr).toMatch(/^The API server \S+ cannot be reached: .*\n$/);
});
