// Which claims does the webhook refuse or comment, and which classes?
import { describe, expect, it } from 'vitest';
import { reviewClaim } from '../../../admission/review-claim.ts';
import { reviewClass } from '../../../admission/review-class.ts';
import { claimWith, classWith, s3With } from '../../bad-input/schema-case.ts';
import { aClaim, aClass } from '../../builders/objects.ts';
import { aRequest, lookUps, unanswered } from '../../builders/reviews.ts';

const GOLD = { storageProviderClassName: 'gold' };
const restricted = (spec: object) =>
  lookUps({
    findClass: (name) =>
      Promise.resolve({ ...aClass(name), spec: { ...aClass(name).spec, ...spec } }),
    findNamespace: () => Promise.resolve({ labels: { team: 'a' }, annotations: {} }),
  });

describe('a claim', () => {
  it('without a class passes, and nothing is looked up', async () => {
    const none = lookUps({
      findClass: unanswered,
      findNamespace: unanswered,
      listClaims: unanswered,
    });

    expect(await reviewClaim(aRequest(claimWith({})), none)).toEqual({ warnings: [] });
  });

  it.each([
    ['another endpoint', { allowedEndpoints: ['other.test'] }, 'spec.allowedEndpoints allows'],
    [
      'another namespace',
      { allowedNamespaces: { matchLabels: { team: 'b' } } },
      'may not be used in the namespace "shop"',
    ],
  ])('is refused when its class is for %s', async (_title, spec, sentence) => {
    const review = reviewClaim(aRequest(claimWith(GOLD)), restricted(spec));

    await expect(review).rejects.toThrow(`StorageProviderClass "gold" may not be used`);
    await expect(review).rejects.toThrow(sentence);
  });

  it('passes when its class allows namespace and endpoint', async () => {
    const spec = {
      allowedNamespaces: { matchLabels: { team: 'a' } },
      allowedEndpoints: ['*.example.com'],
    };

    expect(await reviewClaim(aRequest(claimWith(GOLD)), restricted(spec))).toEqual({
      warnings: [],
    });
  });

  it('is refused with a metadata service as endpoint, whatever its class', async () => {
    const claim = s3With({ endpoint: 'http://169.254.169.254' });

    await expect(reviewClaim(aRequest(claim), lookUps())).rejects.toThrow(
      'spec.s3Config.endpoint: names a loopback, link-local or metadata address',
    );
  });

  it('may come before its class, with a warning', async () => {
    const { warnings } = await reviewClaim(
      aRequest(claimWith(GOLD)),
      lookUps({ findClass: () => Promise.resolve(undefined) }),
    );

    expect(warnings).toEqual([
      'spec.storageProviderClassName: StorageProviderClass "gold" does not exist; nothing is attached before it does',
    ]);
  });

  it.each(['findClass', 'findNamespace'] as const)(
    'passes with a warning when %s is not answered',
    async (lookUp) => {
      const { warnings } = await reviewClaim(
        aRequest(claimWith(GOLD)),
        lookUps({ [lookUp]: unanswered }),
      );

      expect(warnings).toEqual([
        'spec.storageProviderClassName: StorageProviderClass "gold" could not be looked up; the claim was admitted unchecked',
      ]);
    },
  );
});

describe('a mountpoint with capitals', () => {
  const others = (name: string, mountpoint: string) =>
    lookUps({
      listClaims: () => Promise.resolve([aClaim({ metadata: { name }, spec: { mountpoint } })]),
    });
  const review = (name: string, mountpoint: string) =>
    reviewClaim(aRequest(claimWith({ mountpoint: '/Data' })), others(name, mountpoint));

  it('is told of a claim that differs only by case', async () => {
    expect((await review('pictures', 'data')).warnings).toEqual([
      'spec.mountpoint: "/Data" differs only by case from "data" of the claim "pictures"; they are two directories',
    ]);
  });

  it.each([
    ['the same mountpoint', 'pictures', 'Data'],
    ['another mountpoint', 'pictures', '/other'],
    ['the claim itself', 'bad-input', '/data'],
  ])('is not told of %s', async (_title, name, mountpoint) => {
    expect((await review(name, mountpoint)).warnings).toEqual([]);
  });
});

describe('a class', () => {
  it.each([
    [{}, ['spec.allowedNamespaces is not set', 'spec.allowedEndpoints is not set']],
    [{ allowedEndpoints: ['s3.example.com'] }, ['spec.allowedNamespaces is not set']],
    [{ allowedNamespaces: { matchLabels: { team: 'a' } } }, ['spec.allowedEndpoints is not set']],
  ])('with %j is admitted with one warning', (spec, sentences) => {
    const { warnings = [] } = reviewClass(aRequest(classWith({}, spec)));

    expect(warnings).toHaveLength(1);
    for (const sentence of sentences) expect(warnings[0]).toContain(sentence);
    expect(warnings[0]?.match(/is not set/g)).toHaveLength(sentences.length);
  });

  it('that says who and where passes in silence', () => {
    const spec = {
      allowedNamespaces: { matchLabels: { team: 'a' } },
      allowedEndpoints: ['s3.example.com'],
    };

    expect(reviewClass(aRequest(classWith({}, spec)))).toEqual({});
  });
});
