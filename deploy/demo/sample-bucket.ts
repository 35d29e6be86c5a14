// What is in the bucket that the demo shows?
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { run } from '../stack/shell.ts';
import { bucket } from './kubectl.ts';

const FILES: Record<string, string> = {
  'hello.txt': 'Hello from an S3 bucket.\n',
  'numbers.csv': 'n,square\n2,4\n3,9\n',
  'reports/hello.txt': 'Hello from the folder "reports".\n',
};

/** Fills the bucket; repeating it changes nothing. */
export async function fillBucket(): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'dynvol-demo-'));
  for (const [key, text] of Object.entries(FILES)) {
    await mkdir(path.dirname(path.join(folder, key)), { recursive: true });
    await writeFile(path.join(folder, key), text);
  }
  const remote = `:s3,provider=Other,env_auth,force_path_style:${bucket}`;
  const endpoint = ['--s3-endpoint', process.env['AWS_ENDPOINT_URL'] ?? ''];
  const trust = ['--ca-cert', process.env['AWS_CA_BUNDLE'] ?? '', '--config', ''];
  await run(['rclone', 'copy', folder, remote, ...endpoint, ...trust]);
  await rm(folder, { recursive: true });
}
