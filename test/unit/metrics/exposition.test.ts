// Does each process tell exactly the metrics of the table, with exactly its labels?
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createAdmissionServer } from '../../../admission/server.ts';
import { findMetric, METRICS } from '../../../api/metrics.ts';
import type { MetricName, MetricProcess } from '../../../api/metrics.ts';
import { AttachTimer } from '../../../csi-node/attach-timer.ts';
import { addCsiServices } from '../../../csi-node/csi-services.ts';
import type { Config } from '../../../csi-node/config.ts';
import { addAgentService } from '../../../csi-node/agent-service.ts';
import { Locks } from '../../../csi-node/locks.ts';
import { AgentMetrics } from '../../../csi-node/metrics.ts';
import type { NodeAgent } from '../../../csi-node/node-agent.ts';
import { ServedSources } from '../../../csi-node/served-sources.ts';
import { listenForHealth, listenOnSocket, makeServer } from '../../../csi-node/servers.ts';
import { SourceReports } from '../../../csi-node/source-reports.ts';
import { createBridge } from '../../../watch/bridge.ts';
import { startClaimWatcher } from '../../../watch/claim-watcher.ts';
import { connectKubernetes } from '../../../watch/kubernetes-connection.ts';
import { PATHS } from '../../../watch/kubernetes.ts';
import { createControllerMetrics } from '../../../workers/controller-metrics.ts';
import type { Need } from '../../../workers/controller-metrics.ts';
import { startHealthServer } from '../../../workers/health.ts';
import { createWebhookMetrics } from '../../../workers/webhook-metrics.ts';
import { podWith } from '../../bad-input/pod-cases.ts';
import { FakeAgents } from '../../builders/fake-agents.ts';
import { aReview, lookUps } from '../../builders/reviews.ts';
import { type Exposition, findValue, listLabels, parseExposition } from '../../exposition.ts';
import { FakeApiServer } from '../../fakes/fake-api-server.ts';
import { dialSocket, PROTO_DIR } from '../../node/agent-client.ts';
import { findFreePort } from '../../node/storage.ts';

const log = pino({ level: 'silent' });
const EXPIRY = 'dynvol_certificate_expiry_timestamp_seconds';
const tlsDir = mkdtempSync(join(tmpdir(), 'dynvol-metrics-'));
const endings: (() => unknown)[] = [];

beforeAll(() => {
  const files = ['-keyout', `${tlsDir}/tls.key`, '-out', `${tlsDir}/tls.crt`];
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const args = ['req', '-x509', ...key, ...files, '-subj', '/CN=test', '-days', '2'];
  execFileSync('openssl', args, { stdio: 'ignore' });
});
afterAll(async () => {
  for (const end of endings.toReversed()) await end();
  rmSync(tlsDir, { recursive: true });
});

async function scrape(port: number): Promise<Exposition> {
  const answer = await fetch(`http://127.0.0.1:${port}/metrics`);
  expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  return parseExposition(await answer.text());
}

/** Scrapes a process of the control plane. */
async function scrapeHealthServer(expose: () => Promise<string>): Promise<Exposition> {
  const port = await findFreePort();
  const health = await startHealthServer(port, () => [], expose);
  endings.push(() => health.close());
  return scrape(port);
}

function expectTable(told: Exposition, process: MetricProcess): void {
  const names = (Object.keys(METRICS) as MetricName[]).filter((name) =>
    findMetric(name).processes.includes(process),
  );
  const table = names.map((name) => [name, Object.keys(findMetric(name).labels).sort()]);
  expect(listLabels(told)).toEqual(Object.fromEntries(table));
  expect(Object.fromEntries(told.types)).toEqual(
    Object.fromEntries(names.map((name) => [name, findMetric(name).type])),
  );
  expect(Object.fromEntries(told.help)).toEqual(
    Object.fromEntries(names.map((name) => [name, findMetric(name).help])),
  );
}

/** A certificate of two days, seen within the time that a test takes. */
function expectTwoDays(expirySeconds: number | undefined): void {
  const hours = ((expirySeconds ?? 0) - Date.now() / 1_000) / 3_600;
  expect(hours).toBeGreaterThan(47);
  expect(hours).toBeLessThan(49);
}

/** A controller's parts over an API server with one claim, which is being deleted, and one class. */
async function runController() {
  const api = await FakeApiServer.start();
  endings.push(() => api.stop());
  const claim = { namespace: 'shop', name: 'pictures', generation: 1 };
  const spec = { selector: { matchLabels: { app: 'web' } }, mountpoint: '/data' };
  const creationTimestamp = new Date(Date.now() - 60_000).toISOString();
  api.put(PATHS.claims, { metadata: { ...claim, creationTimestamp }, spec });
  const waitingFor = new Set<Need>(['Temporal']);
  const metrics = createControllerMetrics({ tlsDir, authorityDir: tlsDir, waitingFor, log });
  const signalWithStart = vi.fn<() => Promise<void>>(() => Promise.resolve());
  const bridge = createBridge({
    signalWithStart,
    log,
    onSignalled: (_claim, seconds) => metrics.noteSignalled(seconds),
  });
  const abort = new AbortController();
  const connection = connectKubernetes(api.kubeConfig);
  const options = { connection, log, onLook: bridge.look, observer: metrics.watches };
  const caches = startClaimWatcher(options, abort.signal);
  endings.push(async () => {
    abort.abort();
    await Promise.all([caches.stopped, bridge.stop()]);
    connection.close();
  });
  metrics.follow({ view: caches, bridge });
  await caches.synced;
  await vi.waitFor(() => expect(bridge.backlog().claims).toBe(0));
  return { metrics, signalWithStart };
}

/** An agent's servers over Unix sockets, with all that the agent API needs before the caller is known. */
async function runAgent(metrics: AgentMetrics, reports: SourceReports) {
  const [csi, api] = [makeServer(metrics.csiCalls), makeServer(metrics.agentCalls)];
  const config = { protoDir: PROTO_DIR, nodeName: 'node1' } as Config;
  const served = new ServedSources(() => {});
  addCsiServices(csi, { config, version: '1', locks: new Locks(), served, log });
  const stopping = new AbortController().signal;
  addAgentService(api, { agent: {} as NodeAgent, protoDir: PROTO_DIR, log, stopping });
  for (const [server, name] of [[csi, 'csi'] as const, [api, 'api'] as const]) {
    await listenOnSocket(server, join(tlsDir, name));
    endings.push(() => server.forceShutdown());
  }
  const expiry = Date.now() + 48 * 3_600_000;
  metrics.follow({ reports, findExpiryMs: () => expiry });
  const health = { isReady: () => true, exposeMetrics: () => metrics.expose() };
  const server = await listenForHealth(0, health);
  endings.push(() => server.close());
  return (server.address() as AddressInfo).port;
}

const result = (code: string, mountpoint = 'data') => ({
  ...{ podUid: 'p', mountpoint, code, message: '', processes: [], pendingUploads: 0 },
  ...{ rung: '' as const, ownerUid: '' },
});

describe('/metrics', () => {
  it('of the webhook tells what the table says of it', async () => {
    const { registry, ...observers } = createWebhookMetrics(log);
    const server = createAdmissionServer({ tlsDir, log, lookUps: lookUps(), ...observers });
    endings.push(() => server.close());
    const post = (url: string, payload: object) => server.inject({ method: 'POST', url, payload });
    await post('/mutate-pods', aReview(podWith({})));
    await post('/mutate-pods', { kind: 'Nonsense' });
    await post('/unknown', aReview(podWith({})));

    const told = await scrapeHealthServer(() => registry.expose());

    expectTable(told, 'webhook');
    const count = (labels: Record<string, string>) =>
      findValue(told, 'dynvol_webhook_requests_total', { webhook: 'mutate-pods', ...labels });
    expect(count({ result: 'allowed', reason: 'none' })).toBe(1);
    expect(count({ result: 'failed', reason: 'malformed' })).toBe(1);
    expect(findValue(told, 'dynvol_webhook_duration_seconds', { webhook: 'mutate-pods' })).toBe(2);
    expect(JSON.stringify(told.series)).not.toContain('unknown');
    expectTwoDays(findValue(told, EXPIRY, { certificate: 'webhook' }));
  });

  it('of the webhook tells of the certificate that it serves, whatever is in the file by now', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'dynvol-renewed-'));
    endings.push(() => rmSync(dir, { recursive: true }));
    for (const file of ['tls.crt', 'tls.key']) copyFileSync(join(tlsDir, file), join(dir, file));
    const { registry, ...observers } = createWebhookMetrics(log);
    const options = { tlsDir: dir, log, lookUps: lookUps(), ...observers };
    const server = createAdmissionServer(options);
    endings.push(() => server.close());

    writeFileSync(join(dir, 'tls.crt'), 'half of a certificate');

    const told = await scrapeHealthServer(() => registry.expose());
    expectTwoDays(findValue(told, EXPIRY, { certificate: 'webhook' }));
  });

  it('of the controller tells what the table says of it', async () => {
    const { metrics, signalWithStart } = await runController();
    const fakes = new FakeAgents();
    const agents = metrics.observe(fakes);
    const how = { signal: new AbortController().signal, deadlineMs: 1_000 };
    await agents.list('node1', { mountPodUids: [] }, how);
    fakes.isUnreachable = true;
    await expect(agents.list('node1', { mountPodUids: [] }, how)).rejects.toMatchObject({
      code: 'AGENT_UNREACHABLE',
    });

    const told = await scrapeHealthServer(() => metrics.registry.expose());

    expectTable(told, 'controller');
    expect(signalWithStart).toHaveBeenCalledTimes(1);
    expect(findValue(told, 'dynvol_claim_signal_duration_seconds', {})).toBe(1);
    expect(findValue(told, 'dynvol_claims', { ready: 'False', reason: 'Unknown' })).toBe(1);
    expect(findValue(told, 'dynvol_claim_not_ready_max_age_seconds', {})).toBeGreaterThan(50);
    for (const kind of ['claims', 'classes', 'pods']) {
      const at = findValue(told, 'dynvol_watch_last_sync_timestamp_seconds', { kind }) ?? 0;
      expect(Math.abs(at - Date.now() / 1_000)).toBeLessThan(60);
      expect(findValue(told, 'dynvol_watch_failures_total', { kind })).toBe(0);
    }
    const calls = (code: string) =>
      findValue(told, 'dynvol_agent_rpc_client_duration_seconds', { method: 'List', code });
    expect([calls('OK'), calls('UNAVAILABLE')]).toEqual([1, 1]);
    expectTwoDays(findValue(told, EXPIRY, { certificate: 'authority' }));
  });

  it('of a controller that Temporal keeps from all else tells of this wait', async () => {
    const waitingFor = new Set<Need>(['Temporal', 'caches']);
    const { registry } = createControllerMetrics({ tlsDir, authorityDir: tlsDir, waitingFor, log });
    waitingFor.delete('caches');

    const told = await scrapeHealthServer(() => registry.expose());

    const wait = (need: Need) =>
      findValue(told, 'dynvol_controller_waiting_seconds', { for: need });
    expect(wait('Temporal')).toBeGreaterThan(0);
    expect(wait('caches')).toBe(0);
  });

  it('of the node agent tells what the table says of it', async () => {
    const metrics = new AgentMetrics(log);
    const reports = new SourceReports();
    const port = await runAgent(metrics, reports);
    const [identity, agent] = [
      dialSocket(join(tlsDir, 'csi'), 'csi.proto', 'csi.v1.Identity'),
      dialSocket(join(tlsDir, 'api'), 'node-agent.proto', 'dynvol.node.v1.NodeAgent'),
    ];
    endings.push(() => [identity, agent].forEach((caller) => caller.close()));
    await identity.call('Probe', {});
    await expect(agent.call('List', { mountPodUids: [] })).rejects.toMatchObject({
      status: 'UNAUTHENTICATED',
    });
    metrics.noteTimes(new AttachTimer().end());
    metrics.noteAttached([result(''), result('BUCKET_NOT_FOUND', 'other')]);
    const report = { sourceKey: 'a.b', code: '' as const, message: '', targets: [] };
    for (const state of ['dead', 'recovered'] as const) reports.tell({ ...report, state });

    const told = await scrape(port);

    expectTable(told, 'csi-node');
    const operations = (result: string) =>
      findValue(told, 'dynvol_mount_operations_total', { op: 'attach', provider: 's3', result });
    expect([operations('OK'), operations('BUCKET_NOT_FOUND')]).toEqual([1, 1]);
    expect(findValue(told, 'dynvol_recoveries_total', { provider: 's3' })).toBe(1);
    for (const state of ['serving', 'failing', 'hung', 'dead'])
      expect(findValue(told, 'dynvol_mounts', { state })).toBe(0);
    const csi = { method: 'Probe', code: 'OK' };
    expect(findValue(told, 'dynvol_csi_grpc_duration_seconds', csi)).toBe(1);
    const refused = { method: 'List', code: 'UNAUTHENTICATED' };
    expect(findValue(told, 'dynvol_agent_rpc_server_duration_seconds', refused)).toBe(1);
    expectTwoDays(findValue(told, EXPIRY, { certificate: 'agent' }));
  });

  it('fails as a request when nothing can be told, and the process goes on', async () => {
    const exposeMetrics = () =>
      Promise.reject(new Error('no mount table', { cause: new Error('EACCES') }));
    const server = await listenForHealth(0, { isReady: () => true, exposeMetrics });
    endings.push(() => server.close());
    const { port } = server.address() as AddressInfo;

    const answer = await fetch(`http://127.0.0.1:${port}/metrics`);
    expect(answer.status).toBe(500);
    expect(await answer.text()).toBe('no mount table: EACCES\n');
    expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBe(200);
  });
});
