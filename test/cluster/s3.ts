// How do the tests fill and look at buckets, without any of our own code in between?
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runOk } from './programs.ts';

// The stack's S3 as its administrator: address and keys come from the environment (AWS_*).
const remote = (place: string) => `:s3,provider=Other,env_auth,force_path_style:${place}`;
const quick = ['--retries', '1', '--low-level-retries', '2'];

function certificates(): string[] {
  const bundle = process.env['AWS_CA_BUNDLE'];
  return bundle ? ['--ca-cert', bundle] : [];
}

async function rclone(...args: string[]): Promise<string> {
  return await runOk('rclone', buildArguments(args));
}

function buildArguments(args: string[]): string[] {
  const server = ['--s3-endpoint', process.env['AWS_ENDPOINT_URL'] ?? '', '--config', ''];
  return [...args, ...quick, ...certificates(), ...server];
}

/** Deletes an object as a process would that has the network of another one. */
export async function deleteObjectFrom(pid: number, bucket: string, key: string): Promise<void> {
  const args = buildArguments(['deletefile', remote(`${bucket}/${key}`)]);
  await runOk('nsenter', ['-t', String(pid), '-n', '--', 'rclone', ...args]);
}

export async function createBucket(bucket: string): Promise<void> {
  await rclone('mkdir', remote(bucket));
}

export async function bucketExists(bucket: string): Promise<boolean> {
  const buckets = await rclone('lsf', remote(''));
  return buckets.split('\n').includes(`${bucket}/`);
}

export async function putObject(bucket: string, key: string, file: string): Promise<void> {
  await rclone('copyto', file, remote(`${bucket}/${key}`));
}

export async function getObject(bucket: string, key: string): Promise<string> {
  return await rclone('cat', remote(`${bucket}/${key}`));
}

/** Puts objects, text by key, in one go. */
export async function putTexts(bucket: string, texts: Record<string, string>): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'dynvol-test-'));
  for (const [key, text] of Object.entries(texts)) {
    const file = path.join(folder, key);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, text);
  }
  await rclone('copy', folder, remote(bucket));
  await rm(folder, { recursive: true });
}

/** Keys of all objects of a bucket, sorted. */
export async function listObjects(bucket: string): Promise<string[]> {
  const text = await rclone('lsf', '--recursive', '--files-only', remote(bucket));
  return text.split('\n').filter(Boolean).sort();
}

/** Makes a user of the S3 server; an `admin` may use every bucket. */
export async function createUser(
  key: string,
  secret: string,
  role: 'user' | 'admin',
): Promise<void> {
  await administer('create-user', '--access', key, '--secret', secret, '--role', role);
}

export async function deleteUser(key: string): Promise<void> {
  await administer('delete-user', '--access', key);
}

export async function giveBucket(bucket: string, owner: string): Promise<void> {
  await administer('change-bucket-owner', '--bucket', bucket, '--owner', owner);
}

async function administer(...args: string[]): Promise<void> {
  const read = (name: string) => process.env[name] ?? '';
  const keys = ['--access', read('AWS_ACCESS_KEY_ID'), '--secret', read('AWS_SECRET_ACCESS_KEY')];
  const server = ['--endpoint-url', read('AWS_ENDPOINT_URL'), '--allow-insecure'];
  await runOk('versitygw', ['admin', ...keys, ...server, ...args]);
}
