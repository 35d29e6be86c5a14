// What is a registry called, and what does skopeo's last word mean? (pure)

/** Where images are pushed to. */
export type Registry = {
  /** `host[:port][/path]`; what the chart's `image.registry` is, without its last slash. */
  address: string;
  /** False for one that has no certificate, or none that this machine trusts. */
  tlsVerify: boolean;
};

const ADDRESS = /^[a-z0-9.-]+(:\d+)?(\/[a-z0-9._-]+)*$/;

/** @throws Error saying what is allowed */
export function parseRegistry(address: string, tlsVerify: string | undefined): Registry {
  const trimmed = address.replace(/\/$/, '');
  if (!ADDRESS.test(trimmed)) {
    throw new Error(
      `--push: ${JSON.stringify(address)} must be host[:port][/path] in lower case, without https://`,
    );
  }
  if (tlsVerify !== undefined && !['true', 'false'].includes(tlsVerify)) {
    throw new Error(`--tls-verify: ${JSON.stringify(tlsVerify)} must be true or false`);
  }
  return { address: trimmed, tlsVerify: tlsVerify !== 'false' };
}

/**
 * Says in one sentence why an image was not pushed, and what to do next.
 *
 * @param name of the image
 * @param said what skopeo wrote, its last line last
 */
export function describePushFailure({ address }: Registry, name: string, said: string): string {
  const reason = readReason(said);
  const host = address.replace(/\/.*/, '');
  if (/server gave HTTP response to HTTPS client/.test(reason)) {
    return `The registry "${host}" speaks HTTP and not HTTPS: add --tls-verify=false if that is meant`;
  }
  if (/x509|certificate/.test(reason)) {
    return `The certificate of the registry "${host}" is not trusted (${lastPart(reason)}): trust its authority on this machine, or add --tls-verify=false`;
  }
  if (/unauthorized|authentication required|denied/i.test(reason)) {
    return `The registry "${host}" refuses "${name}" (${lastPart(reason)}): log in with "skopeo login ${host}", or ask who runs it for the right to push`;
  }
  if (/pinging container registry/.test(reason)) {
    return `The registry "${host}" cannot be reached: ${lastPart(reason)}`;
  }
  return `"${name}" could not be pushed to "${address}": ${reason}`;
}

/** The text of `time="…" level=fatal msg="…"`. */
function readReason(said: string): string {
  const last = said.trim().split('\n').at(-1) ?? '';
  const message = /level=fatal msg=("(?:[^"\\]|\\.)*")/.exec(last)?.[1];
  return message === undefined ? last : (JSON.parse(message) as string);
}

/** What Go's errors end with is the cause, after what was being done: `dial tcp …: connect: connection refused`. */
function lastPart(reason: string): string {
  return reason.split(': ').slice(-2).join(': ');
}
