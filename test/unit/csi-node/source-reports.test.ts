// Is everybody told once of each change, and a newcomer of what does not serve?
import { expect, test } from 'vitest';
import type { SourceReport, SourceState } from '../../../api/node-agent.ts';
import { SourceReports } from '../../../csi-node/source-reports.ts';

const report = (sourceKey: string, state: SourceState, message = ''): SourceReport => ({
  ...{ sourceKey, state, code: '', message, targets: [] },
});

function listen(reports: SourceReports) {
  const heard: string[] = [];
  const stop = reports.subscribe(({ sourceKey, state }) => heard.push(`${sourceKey} ${state}`));
  return { heard, stop };
}

test('tells a newcomer what does not serve now, then every change until it stops', () => {
  const reports = new SourceReports();
  reports.tell(report('a', 'dead'));
  reports.tell(report('b', 'hung'));
  reports.tell(report('b', 'recovered'));
  const { heard, stop } = listen(reports);
  reports.tell(report('c', 'hung'));
  stop();
  reports.tell(report('c', 'recovered'));

  expect(heard).toEqual(['a dead', 'c hung']);
  expect(reports.get('a')?.state).toBe('dead');
  expect(reports.get('c')).toBeUndefined();
});

test('says nothing twice, but another reason', () => {
  const reports = new SourceReports();
  const { heard } = listen(reports);
  for (const message of ['one', 'one', 'two']) reports.tell(report('a', 'dead', message));
  expect(heard).toEqual(['a dead', 'a dead']);
});

test.each<[SourceState, boolean]>([
  ['dead', false],
  ['hung', false],
  ['failing', true],
])('a source that is %s serves: %s', (state, isServing) => {
  const reports = new SourceReports();
  reports.tell(report('a', state));
  expect(reports.isServing('a')).toBe(isServing);
  expect(reports.isServing('other')).toBe(true);
});

test.each<[SourceState, SourceState]>([
  ['dead', 'recovered'],
  ['failing', 'healthy'],
  ['failing', 'recovered'],
])('tells a newcomer nothing of a %s source that is %s', (bad, well) => {
  const reports = new SourceReports();
  reports.tell(report('a', bad));
  reports.tell(report('a', well));
  expect(listen(reports).heard).toEqual([]);
});

test('forgets what nobody shows any more', () => {
  const reports = new SourceReports();
  reports.tell(report('a', 'dead'));
  reports.tell(report('b', 'dead'));
  reports.keepShown((key) => key === 'b');
  expect(listen(reports).heard).toEqual(['b dead']);
});
