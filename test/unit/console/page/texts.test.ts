// Are the short texts of the console right?
import { describe, expect, it } from 'vitest';
import { buildCommandLines } from '../../../../console/page/command-lines.ts';
import { listNews } from '../../../../console/page/list-news.ts';
import { formatAge, formatDuration } from '../../../../console/page/relative-time.ts';
import { safeLink } from '../../../../console/page/safe-link.ts';
import { shortenName } from '../../../../console/page/shorten-name.ts';
import { buildSampleClaim } from '../../../console/claims.ts';
import type { ClaimDetail } from '../../../../console/model/views.ts';

const [second, minute, hour, day] = [1_000, 60_000, 3_600_000, 86_400_000];

describe('an age', () => {
  it.each([
    [-5 * second, '0s'],
    [999, '0s'],
    [119 * second, '119s'],
    [4 * minute + 10 * second, '4m10s'],
    [10 * minute + 59 * second, '10m'],
    [179 * minute, '179m'],
    [3 * hour + 5 * minute, '3h5m'],
    [47 * hour, '47h'],
    [2 * day, '2d'],
    [2 * day + 7 * hour, '2d7h'],
    [45 * day + 3 * hour, '45d'],
  ])('of %i ms is told as kubectl does', (ms, text) => {
    expect(formatAge(ms)).toBe(text);
  });
});

describe('a duration', () => {
  it.each([
    [0, '0 ms'],
    [131.6, '132 ms'],
    [1_310, '1.3 s'],
    [75_200, '75 s'],
    [250_000, '4m10s'],
  ])('of %i ms', (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });
});

describe('a name', () => {
  it.each([
    ['trainer-0', 20, 'trainer-0'],
    ['evaluator-5c7d8-x2x9q', 11, 'evalu…x2x9q'],
    ['evaluator-5c7d8-x2x9q', 10, 'evalu…2x9q'],
    ['evaluator', 1, 'e…r'],
  ])('%s has at most %i letters, and both of its ends', (name, length, shown) => {
    expect(shortenName(name, length)).toBe(shown);
  });
});

describe('a link to Temporal', () => {
  it.each([
    ['https://temporal.example.com/x', true],
    ['http://127.0.0.1:8233/x', true],
    ['javascript:alert(1)', false],
    ['data:text/html,x', false],
    [undefined, false],
  ])('to %s: %s', (address, isLink) => {
    expect(safeLink(address)).toBe(isLink ? address : undefined);
  });
});

describe('an explanation', () => {
  const told = 'There is no bucket "x"';
  it.each([
    ['leaves out what was told', `Claim a: Failed. ${told}.\nNext: wait.`, ['Next: wait.']],
    ['is whole when it tells nothing else', `Claim a: ${told}.`, [`Claim a: ${told}.`]],
    ['has no empty lines', 'One.\n\nTwo.\n', ['One.', 'Two.']],
  ])('%s', (_title, text, lines) => {
    expect(listNews(text, told)).toEqual(lines);
  });

  it('is whole when nothing was told', () => {
    expect(listNews('One.\nTwo.', '')).toEqual(['One.', 'Two.']);
  });
});

describe('the commands for a claim', () => {
  it.each<[string, Partial<ClaimDetail>, string[]]>([
    ['ready', {}, ['explain', 'remount', 'detach', 'logs']],
    ['failed', { phase: 'Failed' }, ['explain', 'remount', 'detach', 'logs']],
    [
      'waiting for pods',
      { phase: 'Waiting', reason: 'NoMatchingPods' },
      ['explain', 'detach', 'logs'],
    ],
    ['detached', { phase: 'Waiting', reason: 'Detached' }, ['explain', 'attach', 'logs']],
    ['under deletion', { phase: 'Deleting' }, ['explain', 'logs']],
  ])('that is %s', (_what, changes, verbs) => {
    const { detail } = buildSampleClaim({ namespace: 'shop', name: 'pictures', ...changes });
    const commands = buildCommandLines(detail).map(({ command }) => command);
    expect(commands).toEqual([
      ...verbs.map((verb) => `kubectl dynvol ${verb} pictures -n shop`),
      'kubectl get dvc pictures -n shop -o yaml',
    ]);
  });
});
