// How do the samples' user and buckets get into S3?
import { addresses, ports, s3Administrator, sampleBuckets, sampleUser } from './addresses.ts';
import { programPath } from './components/component.ts';
import { run } from './shell.ts';

/** Makes the user of the samples' Secret and the buckets of their claims, which that user owns. */
export async function createSampleBuckets(): Promise<void> {
  const { accessKeyId, secretAccessKey } = sampleUser;
  await administer('create-user', [
    ...['--access', accessKeyId, '--secret', secretAccessKey, '--role', 'userplus'],
  ]);
  for (const bucket of sampleBuckets) {
    await administer('create-bucket', ['--owner', accessKeyId, '--bucket', bucket]);
  }
}

async function administer(verb: string, args: readonly string[]): Promise<void> {
  const endpoint = `http://${addresses.s3Plain}:${ports.s3Plain}`;
  await run([programPath('versitygw'), 'admin', '--endpoint-url', endpoint, verb, ...args], {
    env: {
      ADMIN_ACCESS_KEY: s3Administrator.accessKeyId,
      ADMIN_SECRET_KEY: s3Administrator.secretAccessKey,
    },
  });
}
