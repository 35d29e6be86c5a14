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

<!-- not run: needs a registry -->

\`\`\`sh
docker push
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
      notRun: ['needs a registry'],
    });
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
