// Does the agent keep to the CSI specification, by the judgement of csi-sanity?
import { copyFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DRIVER_NAME } from '../../api/names.ts';
import { KUBELET_DIR, STAGE_DIR, XVOLS_DIR } from '../../api/paths.ts';
import { OTHER_SERVICES, RUN, SKIPPED } from '../conformance/sanity-expectations.ts';
import { parseSanityReport, type Spec } from '../conformance/sanity-report.ts';
import { startShim } from '../conformance/shim.ts';
import { Lab } from './lab.ts';
import { until } from './processes.ts';
import { findProgram } from './programs.ts';

let lab: Lab;
let specs: Spec[];

beforeAll(async () => {
  lab = await Lab.make();
  await lab.startAgent();
  specs = await runSanity();
});

afterAll(() => lab[Symbol.asyncDispose]());

/** csi-sanity asks for `…/target`, the kubelet's paths end in `/mount`. There it is either a mount, or nothing. */
const CHECK_PATH = `#!/bin/sh
place="\${1%/target}/mount"
if mountpoint -q "$place"; then echo directory; exit; fi
if [ ! -e "$place" ]; then echo not_found; exit; fi
echo "$place is there and not a mount" >&2
exit 1
`;

/** csi-sanity on the lab's host, as it would run on a node. */
async function runSanity(): Promise<Spec[]> {
  const place = (name: string) => join(lab.directory, name);
  copyFileSync(findProgram('csi-sanity'), place('csi-sanity'));
  writeFileSync(place('check-path'), CHECK_PATH, { mode: 0o755 });
  const pod = lab.makePod();
  const agentSocket = lab.host.path(`${KUBELET_DIR}/plugins/${DRIVER_NAME}/csi.sock`);
  await using _shim = await startShim({ socket: place('shim.sock'), agentSocket, pod });
  // It makes the target's folder before each spec, and fails when something was left in it.
  const folder = dirname(pod.targetPath);
  await lab.host.exec(['rmdir', folder]);
  const args = [
    place('csi-sanity'),
    `--csi.endpoint=unix://${place('shim.sock')}`,
    `--csi.mountdir=${folder}`,
    `--csi.stagingdir=${place('staging')}`,
    `--csi.checkpathcmd=${place('check-path')}`,
    '--ginkgo.focus=Identity Service|Node Service',
    '--ginkgo.no-color',
    `--ginkgo.json-report=${place('report.json')}`,
  ];
  const { child } = await lab.host.start(args, /^Ran \d+ of \d+ Specs/m);
  await until('csi-sanity has ended', () => child.exitCode !== null);
  return parseSanityReport(readFileSync(place('report.json'), 'utf8'));
}

describe('csi-sanity', () => {
  test.for(RUN)('passes: %s', (title) => {
    const spec = specs.find((one) => one.title === title);
    expect([spec?.state, spec?.message]).toEqual(['passed', '']);
  });

  test('runs everything that it has for Identity and Node, but what is listed with a reason', () => {
    const ours = specs.filter(({ suite }) => !OTHER_SERVICES.includes(suite));
    const titles = (state: string) =>
      ours.filter((spec) => spec.state === state).map(({ title }) => title);

    expect(titles('passed').sort()).toEqual(RUN.toSorted());
    expect(titles('skipped').sort()).toEqual(Object.keys(SKIPPED).sort());
    expect(ours).toHaveLength(RUN.length + Object.keys(SKIPPED).length);
  });

  test('has no service that is neither run nor listed', () => {
    const suites = new Set(specs.map(({ suite }) => suite));
    const expected = ['Identity Service', 'Node Service', ...OTHER_SERVICES];
    expect([...suites].sort()).toEqual(expected.sort());
  });

  test('leaves nothing on the node', async () => {
    expect(await lab.mounts()).toEqual([STAGE_DIR]);
    expect(readdirSync(lab.host.path(XVOLS_DIR))).toEqual([]);
  });
});
