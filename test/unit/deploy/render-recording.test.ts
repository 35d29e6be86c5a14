// Does a recording become a picture that plays?
import { expect, it } from 'vitest';
import { renderRecording } from '../../../deploy/demo/render-recording.ts';

it('a recording shows each line when it appeared, and what was typed after a prompt', () => {
  const svg = renderRecording('a <claim>', [
    { text: 'kubectl apply -f a && b', typed: true, atMs: 0 },
    { text: 'created', atMs: 812.4 },
    { text: 'x'.repeat(200), atMs: 900 },
  ]);

  expect(svg).toContain('<title>a &lt;claim&gt;</title>');
  expect(svg).toMatch(
    /class="typed" style="animation-delay:0ms">\$ kubectl apply -f a &amp;&amp; b</,
  );
  expect(svg).toMatch(/style="animation-delay:812ms">created</);
  expect(svg).toContain(`>${'x'.repeat(99)}…<`);
  expect(svg).toContain('prefers-reduced-motion');
});
