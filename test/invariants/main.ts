// Does an invariant break while something else runs? (a program of its own, inside the stack)
import { appendFileSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { Checker } from './checker.ts';
import { Observer } from './observe.ts';

const usage = `usage: main.ts --report FILE [--s3-log FILE]… [--until-stdin-closes]
  --report               violations as lines of JSON, and a summary as the last line
  --s3-log               access log of the S3 server
  --until-stdin-closes   then looks for leaks and ends; without it one look is taken`;

const { values } = parseArgs({
  options: {
    report: { type: 'string' },
    's3-log': { type: 'string', multiple: true, default: [] },
    'until-stdin-closes': { type: 'boolean', default: false },
  },
});
const { report } = values;
const kubeconfig = process.env['KUBECONFIG'];
if (report === undefined || kubeconfig === undefined) {
  console.error(`KUBECONFIG must be set.\n${usage}`);
  process.exit(2);
}
writeFileSync(report, '');
const checker = new Checker(new Observer(kubeconfig, values['s3-log']), (line) => {
  appendFileSync(report, `${JSON.stringify(line)}\n`);
});

async function lookUntilStdinCloses(): Promise<string> {
  const ended = new AbortController();
  process.stdin.resume();
  void once(process.stdin, 'close').then(() => ended.abort());
  await checker.lookUntil(ended.signal);
  return await checker.tellLeaks();
}

async function lookOnce(): Promise<string> {
  await checker.look();
  return 'not looked for: one look';
}

const leaks = await (values['until-stdin-closes'] ? lookUntilStdinCloses() : lookOnce());
// A question that hangs must not keep the program.
process.exit(checker.tellSummary(leaks) ? 0 : 1);
