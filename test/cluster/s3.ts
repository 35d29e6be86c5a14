// How do the tests fill and look at buckets, without any of our own code in between?
import { runOk } from './programs.ts';

// The stack's S3 as its administrator: address and keys come from the environment (AWS_*).
const remote = (path: string) => `:s3,provider=Other,env_auth,force_path_style:${path}`;
const quick = ['--retries', '1', '--low-level-retries', '2'];

function certificates(): string[] {
  const bundle = process.env['AWS_CA_BUNDLE'];
  return bundle ? ['--ca-cert', bundle] : [];
}

async function rclone(...args: string[]): Promise<string> {
  return await runOk('rclone', [
    ...args,
    ...quick,
    ...certificates(),
    '--s3-endpoint',
    process.env['AWS_ENDPOINT_URL'] ?? '',
    '--config',
    '',
  ]);
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
