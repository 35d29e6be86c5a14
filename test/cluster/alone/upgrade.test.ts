// Does an upgrade from the previous chart disturb anybody? (one case)
import { expect, it } from 'vitest';
import { expectNothingLeft } from '../nothing-left.ts';
import { Product } from './product.ts';
import { serveTwoNodes } from './two-nodes.ts';

const timeoutMs = 900_000;
const afterMs = 60_000;

it(
  'readers and writers on two nodes go on over the same mounts while the charts are upgraded',
  async () => {
    await using product = await Product.open();
    await product.uninstall();
    await product.installPrevious();
    const site = await serveTwoNodes('upgrade');
    try {
      const before = await site.claim.ready();

      await site.disturb(async () => {
        await product.installCurrent();
        const next = await site.scenario.claim({ name: 'next', mountpoint: '/next' });
        await next.waitAttached(2, afterMs);
      });

      expect(await site.claim.ready()).toEqual(before);
      const { status, stdout } = await product.test();
      expect(stdout).not.toContain('NOT OK');
      expect(status).toBe(0);
      await site.scenario.destroyClaims();
      await expectNothingLeft(site.scenario);
    } finally {
      await site.scenario.destroy();
    }
  },
  timeoutMs,
);
