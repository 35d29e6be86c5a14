// Does every reason end in one command that can be run?
import { KubeConfig } from '@kubernetes/client-node';
import { describe, expect, it } from 'vitest';
import { ALL_REASONS } from '../../../api/conditions.ts';
import { buildNextStep } from '../../../cli/next-step.ts';
import type { NextStepInput } from '../../../cli/next-step.ts';
import { aDetail } from '../../builders/claim-detail.ts';
import { runCommand } from '../../builders/command-line.ts';

const SECRET = { namespace: 'default', name: 'keys' };

function buildCommand(reason: string, input: Partial<NextStepInput> = {}): string {
  const step = buildNextStep({ detail: aDetail({ reason }), ...input });
  return step?.command ?? 'none';
}

describe('the next step of a reason', () => {
  it.each(ALL_REASONS.map((reason) => [reason]))('%s has a cause and a command', (reason) => {
    const step = buildNextStep({ detail: aDetail({ reason }), secret: SECRET });
    expect(step?.cause).not.toBe('');
    expect(step?.command).toMatch(/^kubectl [a-z]/);
    expect(step?.command).not.toMatch(/undefined|\s$/);
  });

  it.each(ALL_REASONS.map((reason) => [reason]))(
    '%s names no command that we lack',
    async (reason) => {
      const [verb, ...rest] =
        /^kubectl dynvol (.*)$/.exec(buildCommand(reason))?.[1]?.split(' ') ?? [];
      if (verb === undefined) return;
      const { exitCode, stdout } = await runCommand([verb, '--help'], new KubeConfig());
      expect(exitCode).toBe(0);
      for (const flag of rest.filter((word) => word.startsWith('-'))) {
        expect(stdout).toContain(flag.split('=')[0]);
      }
    },
  );

  it.each([
    [
      'CredentialsRejected',
      `kubectl patch secret keys -n default -p '{"stringData":{"access-key-id":"KEY","secret-access-key":"SECRET"}}'`,
    ],
    [
      'SecretMissing',
      'kubectl create secret generic keys -n default --from-literal=access-key-id=KEY --from-literal=secret-access-key=SECRET',
    ],
    ['Detached', 'kubectl dynvol attach pictures -n shop'],
    ['BucketNotFound', 'kubectl edit dvc pictures -n shop'],
  ])('%s is %s', (reason, command) => {
    expect(buildCommand(reason, { secret: SECRET })).toBe(command);
  });

  it('for keys is the class, when the user may not read it', () => {
    expect(buildCommand('CredentialsRejected')).toBe(
      'kubectl describe storageproviderclass s3-sample',
    );
  });

  it('looks at the pod that shows the reason, else at the first without the storage', () => {
    const pods = [
      { name: 'web-1', uid: '1', state: 'Attached' as const },
      { name: 'web-2', uid: '2', state: 'Failed' as const, reason: 'InUse' },
      { name: 'web-3', uid: '3', state: 'Pending' as const, reason: 'PodStarting' },
    ];
    const detail = aDetail({ reason: 'PodStarting', pods });
    expect(buildCommand('', { detail })).toBe('kubectl describe pod web-3 -n shop');
    const others = aDetail({ reason: 'NotInjected', pods });
    expect(buildCommand('', { detail: others })).toBe('kubectl describe pod web-2 -n shop');
    const none = aDetail({ reason: 'NotInjected', pods: [] });
    expect(buildCommand('', { detail: none })).toBe('kubectl get pods -n shop');
  });

  it('looks at the mount pod that does not run', () => {
    const [running] = aDetail().mountPods;
    const waiting = { ...running!, name: 's3-web-2', state: 'ImagePullBackOff' };
    const detail = aDetail({ reason: 'MountPodNotReady', mountPods: [running!, waiting] });
    expect(buildCommand('', { detail })).toBe('kubectl describe pod s3-web-2 -n dynvol-mounts');
  });

  it.each([
    ['Deleting' as const, 'kubectl dynvol wait pictures -n shop --for=deleted'],
    ['Reconciling' as const, 'kubectl dynvol tree pictures -n shop'],
  ])('while detaching, %s, is %s', (phase, command) => {
    expect(buildCommand('', { detail: aDetail({ reason: 'Detaching', phase }) })).toBe(command);
  });

  it.each([
    ['Deleting' as const, 'kubectl dynvol wait pictures -n shop --for=deleted'],
    ['Failed' as const, 'kubectl describe pod web-2 -n shop'],
  ])('while in use, %s, is %s, which takes the storage from nobody', (phase, command) => {
    const pods = [
      { name: 'web-1', uid: '1', state: 'Pending' as const, reason: 'PodStarting' },
      { name: 'web-2', uid: '2', state: 'Detaching' as const, reason: 'InUse' },
    ];
    expect(buildCommand('', { detail: aDetail({ reason: 'InUse', phase, pods }) })).toBe(command);
  });

  it('never takes storage away, and never gives up what was written', () => {
    const phases = ['Deleting', 'Failed', 'Reconciling'] as const;
    const commands = ALL_REASONS.flatMap((reason) =>
      phases.map((phase) => buildCommand('', { detail: aDetail({ reason, phase }) })),
    );
    expect(commands.filter((command) => /--force|detach/.test(command))).toEqual([]);
  });

  it.each([[''], ['OfAnotherVersion'], ['constructor']])('of "%s" is not known', (reason) => {
    expect(buildNextStep({ detail: aDetail({ reason }) })).toBeUndefined();
  });
});
