// Is an image made anew when anything of ours that is in it has changed?
import { expect, it } from 'vitest';
import { buildBundle } from '../../../../deploy/images/bundle.ts';

const external = ['@temporalio/client'];

it('refuses a process that imports what its image is not made anew for', async () => {
  const sources = ['api', 'installation', 'logging', 'workers'];

  await expect(buildBundle('workers/chart-job.ts', external, sources)).rejects.toThrow(
    /^workers\/chart-job\.ts imports watch\/\S+: name it as a source$/,
  );
});
