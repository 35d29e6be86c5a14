// Is the console small, and may browsers keep it?
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { DynamicVolumeClaimSpec } from '../../../../api/dynamic-volume-claim.ts';
import { buildConsole } from '../../../../console/build.ts';
import { buildClaimText } from '../../../../console/page/samples.ts';

const MAX_GZIPPED_BYTES = 150 * 1024;

const files = new Map((await buildConsole()).map(({ name, content }) => [name, content]));

it('is three files of at most 150 KB in all, gzipped', () => {
  expect([...files.keys()]).toEqual(['index.html', 'app.js', 'app.css']);
  const sizes = [...files.values()].map((content) => gzipSync(content).length);
  expect(sizes.reduce((sum, size) => sum + size)).toBeLessThan(MAX_GZIPPED_BYTES);
});

it('has no inline script or style, and asks for its files by their hashes', () => {
  const index = String(files.get('index.html'));
  expect(index).not.toMatch(/<script(?![^>]* src=)|<style| style=| on\w+=/);
  for (const name of ['app.js', 'app.css']) {
    const hash = createHash('sha256')
      .update(files.get(name) ?? '')
      .digest('hex');
    const [, asked = ''] = new RegExp(`"${name}\\?([0-9a-f]+)"`).exec(index) ?? [];
    expect(asked.length).toBeGreaterThanOrEqual(8);
    expect(hash.startsWith(asked)).toBe(true);
  }
});

it('brings none of the libraries of the server', () => {
  expect(String(files.get('app.js'))).not.toMatch(/ZodError|fastify|temporalio/);
});

it('offers a claim to copy that the API server would take', () => {
  const claim = parse(buildClaimText()) as { spec: unknown };
  expect(DynamicVolumeClaimSpec.safeParse(claim.spec).error).toBeUndefined();
});
