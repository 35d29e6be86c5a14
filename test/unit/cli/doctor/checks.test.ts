// Does doctor make every check, and let a cluster pass in which all is well?
import { expect, it } from 'vitest';
import { judgeAll } from '../../../../cli/doctor/checks.ts';
import { judge, someFacts } from '../../../builders/doctor.ts';

it('passes every check where all is well, and has nothing to mend', () => {
  const findings = judgeAll(someFacts());

  expect(findings.filter(({ level }) => level !== 'ok')).toEqual([]);
  expect(findings.filter(({ fix }) => fix !== undefined)).toEqual([]);
});

it('calls every check by a name of its own', () => {
  const names = judgeAll(someFacts()).map(({ check }) => check);

  expect(new Set(names).size).toBe(names.length);
});

it('says of claims and pods that they are of one namespace alone, where more may not be seen', () => {
  const namespace = 'shop';

  expect(judge('claims', { namespace })?.message).toBe('in namespace shop: 0 of 0 ready');
  expect(judge('nodes', { namespace })?.message).toBe('1 of 1 ready');
  expect(judge('claims', { namespace, claims: { needs: 'list x' } })?.message).toBe(
    'not checked: needs list x',
  );
});
