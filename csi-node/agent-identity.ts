// How does the agent API come to its certificate, and stay with one?
import type { Logger } from 'pino';
import { type AgentCredentials, buildAgentCredentials } from './agent-credentials.ts';
import { buildEnrolment, enrol, type EnrolmentConfig, readExpected } from './enrol.ts';
import { type Expected, type Identity, loadIdentity, saveIdentity } from './identity.ts';
import { startRenewal } from './renewal.ts';

/** The agent's credentials, which renew themselves. */
export interface AgentIdentity extends Omit<AgentCredentials, 'use'> {
  /** Ends the renewal. */
  stop(): void;
}

/**
 * Takes the stored certificate if it still is of use, else enrols. Returns at once: an agent whose controller is away
 * serves the kubelet all the same.
 *
 * @throws Error `ca.crt` cannot be read
 */
export function startAgentIdentity(
  config: EnrolmentConfig & { identityDir: string },
  log: Logger,
): AgentIdentity {
  const expected = readExpected(config);
  const enrolment = buildEnrolment(config);
  const { credentials, use, isReady, findExpiryMs } = buildAgentCredentials(expected.caCertificate);
  const stored = loadStored(config.identityDir, expected, log);
  if (stored !== undefined) use(stored);
  const { stop } = startRenewal({
    identity: stored,
    enrol: () => enrol(enrolment, expected),
    use(next) {
      use(next);
      saveIdentity(config.identityDir, next);
    },
    log,
  });
  return { credentials, isReady, findExpiryMs, stop };
}

function loadStored(dir: string, expected: Expected, log: Logger): Identity | undefined {
  try {
    return loadIdentity(dir, expected);
  } catch (error) {
    log.warn({ err: error }, 'The stored certificate is of no use');
    return undefined;
  }
}
