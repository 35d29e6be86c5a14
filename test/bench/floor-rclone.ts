// Floor: how long does a running rclone take to mount a bucket by its remote control until a file is read?
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rmdir, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { waitReadable } from '../../deploy/demo/reader.ts';
import { waitUntil } from '../wait-until.ts';
import { repeat } from './samples.ts';

/** A bare rclone behind its remote control on a Unix socket, in a folder of its own. */
export interface Rclone extends AsyncDisposable {
  pid: number;
  folder: string;
  socket: string;
}

/** Starts one and waits until it answers. */
export async function startRclone(): Promise<Rclone> {
  const folder = await mkdtemp(path.join(tmpdir(), 'dynvol-bench-'));
  const socket = path.join(folder, 'rc.sock');
  const listen = ['--rc-addr', `unix://${socket}`, '--rc-no-auth', '--config', ''];
  const trust = ['--ca-cert', process.env['AWS_CA_BUNDLE'] ?? ''];
  const daemon = spawn('rclone', ['rcd', ...listen, ...trust], { stdio: 'ignore' });
  const answers = () =>
    call(socket, 'rc/noop', {}).then(
      () => true,
      () => false,
    );
  await waitUntil('rclone answers', answers);
  return {
    pid: daemon.pid ?? 0,
    folder,
    socket,
    async [Symbol.asyncDispose]() {
      const ended = once(daemon, 'exit');
      daemon.kill('SIGTERM');
      await ended;
      await rm(socket, { force: true });
      await rmdir(folder);
    },
  };
}

export async function measureRcloneMount(bucket: string, count: number): Promise<number[]> {
  await using rclone = await startRclone();
  const { socket, folder } = rclone;
  return await repeat(count, (index) => measureOnce(socket, bucket, path.join(folder, `${index}`)));
}

async function measureOnce(socket: string, bucket: string, mountPoint: string): Promise<number> {
  await mkdir(mountPoint);
  const fs = {
    type: 's3',
    provider: 'Other',
    env_auth: 'true',
    force_path_style: 'true',
    endpoint: process.env['AWS_ENDPOINT_URL'],
    _root: bucket,
  };
  const startMs = performance.now();
  await call(socket, 'mount/mount', { fs, mountPoint, mountType: 'mount' });
  await waitReadable(path.join(mountPoint, 'hello.txt'));
  const durationMs = performance.now() - startMs;
  await call(socket, 'mount/unmount', { mountPoint });
  await rmdir(mountPoint);
  return durationMs;
}

function call(socketPath: string, method: string, body: unknown): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = { 'Content-Type': 'application/json' };
    const sent = request({ socketPath, path: `/${method}`, method: 'POST', headers }, (answer) => {
      let text = '';
      answer.on('data', (chunk: Buffer) => (text += chunk.toString()));
      answer.on('end', () => (answer.statusCode === 200 ? resolve() : reject(new Error(text))));
    });
    sent.on('error', reject);
    sent.end(JSON.stringify(body));
  });
}
