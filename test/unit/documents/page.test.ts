// Are a page's commands found, and its output compared?
import { describe, expect, it } from 'vitest';
import { findFaults, parsePage } from '../../documents/page.ts';

const page = `# Title

<!-- also run
kubectl create namespace one
-->

Text with \`code\`.

\`\`\`sh
kubectl apply -f - <<EOF
a: b
EOF
\`\`\`

\`\`\`yaml
not: run
\`\`\`

<!-- run outside of the stack with: 2 -> 1 -->

\`\`\`sh
npm run stack -- up --nodes 2
\`\`\`

\`\`\`console
$ kubectl get dvc \\
  -n one
NAME   READY
photos True
$ kubectl get pods
\`\`\`
`;

describe('a page', () => {
  it('has its commands in order, with the output that it shows', () => {
    expect(parsePage(page)).toEqual({
      steps: [
        { line: 4, script: 'kubectl create namespace one' },
        { line: 10, script: 'kubectl apply -f - <<EOF\na: b\nEOF' },
        {
          line: 26,
          script: 'kubectl get dvc \\\n  -n one',
          output: ['NAME   READY', 'photos True'],
        },
        { line: 30, script: 'kubectl get pods', output: [] },
      ],
      outside: [{ line: 22, script: 'npm run stack -- up --nodes 1' }],
    });
  });

  it('is run with what is there in place of its examples', () => {
    const shown =
      '<!-- run with: example.com -> localhost; 3 -> $(two) -->\n```sh\nget example.com 3\n```';
    expect(parsePage(shown).steps).toEqual([{ line: 3, script: 'get localhost $(two)' }]);
  });

  it('without the example that shall be replaced is refused', () => {
    expect(() => parsePage('<!-- run with: a.com -> b -->\n```sh\nls\n```')).toThrow(
      'There is no "a.com" in: ls',
    );
  });

  it('is told when to end what does not end by itself', () => {
    const shown =
      '<!-- run until http://localhost:1 answers -->\n```sh\nserve\n```\n```sh\nls\n```';
    expect(parsePage(shown).steps).toEqual([
      { line: 3, script: "until_it_answers http://localhost:1 <<'COMMAND'\nserve\nCOMMAND" },
      { line: 6, script: 'ls' },
    ]);
  });

  it('with a block that is not closed is refused', () => {
    expect(() => parsePage('```sh\nls')).toThrow('The block of line 1 is not closed');
  });
});

describe('what a page shows', () => {
  it.each([
    { shown: 'photos   True  1/1  12s', printed: 'x\nphotos True 3/3 4s\n', missing: [] },
    { shown: 'pod app-7f9c is running', printed: 'pod app-1a2b is running', missing: [] },
    { shown: 'The claim … is ready', printed: 'The claim photos in demo is ready', missing: [] },
    { shown: 'photos False', printed: 'photos True', missing: ['photos False'] },
    { shown: 'a … b', printed: 'b a', missing: ['a … b'] },
  ])('as "$shown" is compared with "$printed"', ({ shown, printed, missing }) => {
    expect(findFaults({ line: 1, script: 'x', output: [shown] }, printed)).toEqual(missing);
  });

  it.each([
    { script: 'kubectl exec notebook -- ls -A /volumes', printed: '', faults: [] },
    { script: 'kubectl exec notebook -- ls -A /volumes', printed: 'a\nb\n', faults: ['a', 'b'] },
    { script: 'kubectl dynvol tree photos', printed: 'photos\n', faults: [] },
  ])('as no output of "$script" is compared with "$printed"', ({ script, printed, faults }) => {
    expect(findFaults({ line: 1, script, output: [] }, printed)).toEqual(faults);
  });
});
