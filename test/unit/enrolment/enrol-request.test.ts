// Which requests are not worth a question to the API server?
import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { checkEnrolRequest } from '../../../enrolment/enrol-request.ts';
import { aKeyPair, aRequest } from '../../builders/enrolment.ts';

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const rsaKey = rsa.publicKey.export({ type: 'spki', format: 'der' });
const nothing = Buffer.alloc(0);

describe('checkEnrolRequest', () => {
  it('passes a request with the proof of its key', () => {
    expect(() => checkEnrolRequest(aRequest())).not.toThrow();
  });

  it.each([
    ['no token', { token: '' }, 'INVALID_ARGUMENT', 'token'],
    ['a token of two parts', { token: 'a.b' }, 'INVALID_ARGUMENT', 'token'],
    ['a token with a line break', { token: 'a.b.c\nd' }, 'INVALID_ARGUMENT', 'token'],
    ['a token of 20 KiB', { token: `a.b.${'c'.repeat(20_480)}` }, 'INVALID_ARGUMENT', 'token'],
    ['no key', { publicKey: nothing }, 'INVALID_ARGUMENT', 'publicKey'],
    ['a key of no form', { publicKey: Buffer.from('key') }, 'INVALID_ARGUMENT', 'P-256'],
    ['an RSA key', { publicKey: rsaKey }, 'INVALID_ARGUMENT', 'P-256'],
    ['another curve', { publicKey: aKeyPair('P-384').publicKey }, 'INVALID_ARGUMENT', 'P-256'],
    ['no proof', { proof: nothing }, 'UNAUTHENTICATED', 'proof'],
    ['proof by another key', { proof: aRequest().proof }, 'UNAUTHENTICATED', 'proof'],
    ['proof of another token', { token: 'a.b.c' }, 'UNAUTHENTICATED', 'proof'],
  ])('refuses %s', (_title, change, code, told) => {
    expect(() => checkEnrolRequest({ ...aRequest(), ...change })).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(told) }),
    );
  });
});
