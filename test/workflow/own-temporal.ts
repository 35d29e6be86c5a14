// A Temporal server of a test's own, to be stopped, started again and robbed of its database.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Connection } from '@temporalio/client';
import { waitUntil } from '../wait-until.ts';
import { findTemporal } from './lab.ts';

/** Listens at the same address after each start. */
export class OwnTemporal {
  readonly address: string;
  readonly #folder: string;
  #process: ChildProcess | undefined;

  private constructor(port: number, folder: string) {
    this.address = `127.0.0.1:${port}`;
    this.#folder = folder;
  }

  static async start(): Promise<OwnTemporal> {
    const folder = await mkdtemp(path.join(tmpdir(), 'dynvol-temporal-'));
    const temporal = new OwnTemporal(await findFreePort(), folder);
    await temporal.start();
    return temporal;
  }

  /** Starts it on the database that it had, and waits until it answers. */
  async start(): Promise<void> {
    const [ip = '', port = ''] = this.address.split(':');
    const place = ['--ip', ip, '--port', port, '--db-filename', this.#database];
    const speed = ['--dynamic-config-value', 'history.transferProcessorMaxPollRPS=2000'];
    const args = ['server', 'start-dev', '--headless', '--log-level', 'error', ...place, ...speed];
    this.#process = spawn(findTemporal(), args, { stdio: 'ignore' });
    await waitUntil('Temporal answers', () => this.#answers());
  }

  /** Ends it without a warning. */
  async stop(): Promise<void> {
    const stopped = this.#process;
    this.#process = undefined;
    if (stopped === undefined || stopped.exitCode !== null) return;
    const exited = once(stopped, 'exit');
    stopped.kill('SIGKILL');
    await exited;
  }

  /** Takes the database of a stopped server away. */
  async loseDatabase(): Promise<void> {
    for (const suffix of ['', '-wal', '-shm']) await rm(this.#database + suffix, { force: true });
  }

  /** Stops it for good. */
  async remove(): Promise<void> {
    await this.stop();
    await rm(this.#folder, { recursive: true });
  }

  get #database(): string {
    return path.join(this.#folder, 'temporal.db');
  }

  async #answers(): Promise<boolean> {
    if (this.#process?.exitCode != null) throw new Error('Temporal has ended');
    try {
      const connection = await Connection.connect({ address: this.address, connectTimeout: 1_000 });
      await connection.workflowService.describeNamespace({ namespace: 'default' });
      await connection.close();
      return true;
    } catch {
      return false;
    }
  }
}

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
