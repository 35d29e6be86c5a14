// Which cluster and namespace does a command take, and what does it say when there is none?
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EXIT_CODES } from '../../../cli/exit-codes.ts';
import { loadKubeConfig, readNamespace } from '../../../cli/kube-config.ts';

const CONFIG = `
apiVersion: v1
kind: Config
current-context: here
contexts:
  - { name: here, context: { cluster: a, user: u, namespace: shop } }
  - { name: there, context: { cluster: a, user: u } }
  - { name: broken, context: { cluster: lost, user: u } }
clusters: [{ name: a, cluster: { server: 'https://a.example.com' } }]
users: [{ name: u, user: {} }]
`;

let folder: string;
let kubeconfig: string;

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'kubeconfig-'));
  kubeconfig = path.join(folder, 'config');
  writeFileSync(kubeconfig, CONFIG);
});

afterAll(() => rmSync(folder, { recursive: true }));

describe('a kubeconfig', () => {
  it('gives the namespace of its context', () => {
    expect(readNamespace(loadKubeConfig({ kubeconfig }, {}))).toBe('shop');
  });

  it('gives another context, and the namespace default', () => {
    const config = loadKubeConfig({ kubeconfig, context: 'there' }, {});
    expect(config.getCurrentContext()).toBe('there');
    expect(readNamespace(config)).toBe('default');
  });

  it('without the context that is asked for names those that it has', () => {
    expect(() => loadKubeConfig({ kubeconfig, context: 'away' }, {})).toThrow(
      expect.objectContaining({
        exitCode: EXIT_CODES.notFound,
        message: 'The kubeconfig has no context "away"; it has "here", "there", "broken"',
      }),
    );
  });

  it('with a context of no cluster says so', () => {
    expect(() => loadKubeConfig({ kubeconfig, context: 'broken' }, {})).toThrow(
      'The kubeconfig has no cluster for its context "broken"',
    );
  });

  it('that is not there is named', () => {
    const missing = path.join(folder, 'missing');
    expect(() => loadKubeConfig({ kubeconfig: missing }, {})).toThrow(
      expect.objectContaining({
        exitCode: EXIT_CODES.usage,
        message: expect.stringContaining(`The kubeconfig ${missing} cannot be read: ENOENT`),
      }),
    );
  });
});
