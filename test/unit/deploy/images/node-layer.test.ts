import { expect, it } from 'vitest';
import { parseLibraries } from '../../../../deploy/images/node-layer.ts';

it('lists each library of several programs once, without the vdso', () => {
  const output = `/a:
	linux-vdso.so.1 (0x00007f)
	libc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007f)
	/lib64/ld-linux-x86-64.so.2 (0x00007f)
/b:
	libc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007f)
`;

  expect(parseLibraries(output)).toEqual([
    '/lib/x86_64-linux-gnu/libc.so.6',
    '/lib64/ld-linux-x86-64.so.2',
  ]);
});
