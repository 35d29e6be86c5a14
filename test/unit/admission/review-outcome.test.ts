// In which class does a review end up?
import { describe, expect, it } from 'vitest';
import { classifyAnswer, classifyFailure } from '../../../admission/review-outcome.ts';

const allowed = { uid: 'u', allowed: true };
const denied = (code: number) => ({ uid: 'u', allowed: false, status: { code, message: 'no' } });

describe('classifyAnswer', () => {
  it.each([
    ['plain consent', allowed, 'allowed', 'none'],
    ['additions', { ...allowed, patch: 'W10=' }, 'patched', 'none'],
    ['additions with a warning', { ...allowed, patch: 'W10=', warnings: ['w'] }, 'patched', 'none'],
    ['a warning', { ...allowed, warnings: ['w'] }, 'warned', 'none'],
    ['a refusal', denied(403), 'denied', 'refused'],
    ['a refusal for now', denied(429), 'denied', 'too_early'],
  ])('%s', (_title, response, result, reason) => {
    expect(classifyAnswer(response)).toEqual({ result, reason });
  });
});

describe('classifyFailure', () => {
  it.each([
    [400, 'malformed'],
    [413, 'malformed'],
    [415, 'malformed'],
    [500, 'internal'],
    [503, 'internal'],
  ])('HTTP status %i is %s', (status, reason) => {
    expect(classifyFailure(status)).toEqual({ result: 'failed', reason });
  });
});
