// Are pods injected, and claims checked? (pure)
import { X509Certificate } from 'node:crypto';
import { MOUNT_NAMESPACE, POD_ANNOTATIONS, SYSTEM_NAMESPACE } from '../../../api/names.ts';
import type { AnnotatedPod, Facts, WebhookConfiguration } from '../facts.ts';
import { broken, count, judgeSeen, listNames, ok, warn } from '../verdict.ts';
import type { Verdict } from '../verdict.ts';

const DAY_MS = 24 * 60 * 60 * 1_000;
/** Time enough for whoever looks once a month. */
const WARNING_DAYS = 30;

const RENEW = 'Renew the certificates: docs/how-to/rotate-certificates.md';
const INSTALL = 'Run `helm upgrade --install` with the chart of dynvol';

/** Who injects, and whether the API server knows whom to trust there. */
export function judgeWebhookConfiguration({ admission, now }: Facts): Verdict {
  return judgeSeen(admission, ({ mutating, validating, warning, hasPolicy }) => {
    if (mutating === undefined && !hasPolicy) {
      return broken(
        'nothing injects pods: MutatingWebhookConfiguration dynvol is missing',
        INSTALL,
      );
    }
    if (validating === undefined) {
      return broken(
        'ValidatingWebhookConfiguration dynvol is missing: claims are not checked',
        INSTALL,
      );
    }
    const configurations = [mutating, validating, warning].filter((each) => each !== undefined);
    const fault = configurations.map(findBundleFault).find((each) => each !== undefined);
    if (fault !== undefined) return broken(fault, RENEW);
    const ends = configurations.flatMap(readBundles).map((each) => each.validToDate.getTime());
    const how =
      mutating === undefined ? 'pods are injected by policy' : 'pods are injected by webhook';
    return judgeDays(`${how}; CA bundle`, new Date(Math.min(...ends)), now);
  });
}

function findBundleFault({ webhooks = [] }: WebhookConfiguration): string | undefined {
  const without = webhooks.filter(({ clientConfig }) => !clientConfig?.caBundle);
  if (without.length > 0) {
    return `${listNames(without.map(({ name }) => name))} ${without.length === 1 ? 'has' : 'have'} no CA bundle`;
  }
  try {
    readBundles({ webhooks });
    return webhooks.length === 0 ? 'a configuration of dynvol has no webhooks' : undefined;
  } catch {
    return 'a CA bundle is no certificate';
  }
}

/** The certificate of each bundle that is valid longest: the other ones are on their way out. */
function readBundles({ webhooks = [] }: WebhookConfiguration): X509Certificate[] {
  const bundles = new Set(webhooks.map(({ clientConfig }) => clientConfig?.caBundle ?? ''));
  return [...bundles].map((bundle) => {
    const pem = Buffer.from(bundle, 'base64').toString();
    const texts = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
    const [latest] = texts
      .map((text) => new X509Certificate(text))
      .sort((a, b) => b.validToDate.getTime() - a.validToDate.getTime());
    if (latest === undefined) throw new Error('no certificate');
    return latest;
  });
}

/** The certificate that the webhook shows, as the API server judges it. */
export function judgeServedCertificate({ served, now }: Facts): Verdict {
  return judgeSeen(served, ({ pod, refusal, notAfter }) => {
    if (refusal !== undefined) {
      return broken(`the API server does not accept what ${pod} shows: ${refusal}`, RENEW);
    }
    return judgeDays('accepted', notAfter, now);
  });
}

function judgeDays(what: string, end: Date, now: Date): Verdict {
  const days = Math.floor((end.getTime() - now.getTime()) / DAY_MS);
  if (days < 0) return broken(`${what}: expired on ${formatDay(end)}`, RENEW);
  const told = `${what}: valid until ${formatDay(end)}, ${count(days, 'day')} left`;
  return days < WARNING_DAYS ? warn(told, RENEW) : ok(told);
}

function formatDay(date: Date): string {
  return date.toISOString().slice(0, 10);
}

/** Never asked of the webhook (deploy/chart/templates/certificates.yaml). */
const LEFT_ALONE: readonly string[] = ['kube-system', SYSTEM_NAMESPACE, MOUNT_NAMESPACE];

/** A pod that has both annotations and no volume root was missed: it can never get one. */
export function judgeInjection({ pods }: Facts): Verdict {
  return judgeSeen(pods, (all) => {
    const injected = all.filter(({ view }) => view.volumeRoot !== undefined);
    const missed = all.filter(isMissed);
    if (missed.length === 0) return ok(`${count(injected.length, 'pod')} with a volume root`);
    const names = missed.map(({ view }) => `${view.namespace}/${view.name}`);
    return broken(
      `annotated, but without a volume root: ${listNames(names)}`,
      `Replace these pods; if new ones are missed too, look at the webhook: kubectl logs -n ${SYSTEM_NAMESPACE} deployment/webhook`,
    );
  });
}

function isMissed({ view, annotations }: AnnotatedPod): boolean {
  if (view.volumeRoot !== undefined || LEFT_ALONE.includes(view.namespace)) return false;
  return [POD_ANNOTATIONS.className, POD_ANNOTATIONS.rootPath].every((key) => annotations[key]);
}
