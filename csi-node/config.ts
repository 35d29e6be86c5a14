// How is the node agent configured? (environment, read once)
import { join } from 'node:path';
import { AGENT_PORT, DRIVER_NAME, ENROLMENT_PORT, SYSTEM_NAMESPACE } from '../api/names.ts';
import { KUBELET_DIR } from '../api/paths.ts';
import { buildWildcardTarget } from '../api/wildcard.ts';
import { LOG_LEVELS, type LogLevel } from '../logging/logger.ts';
import { type Failpoint, FAILPOINTS } from './failpoints.ts';

/** Everything that can be set; see `parseConfig` for the variables. */
export interface Config {
  nodeName: string;
  kubeletDir: string;
  csiSocket: string;
  registrationSocket: string;
  /** `address:port` of the agent API. */
  agentListen: string;
  /** `host:port` where the agent gets its certificate. */
  enrolmentAddress: string;
  /** Holds `ca.crt`, and `token` with which the agent enrols. */
  enrolmentDir: string;
  /** Where the agent keeps its key and certificate for its next start; memory, never a disk. */
  identityDir: string;
  healthPort: number;
  probeBinary: string;
  protoDir: string;
  logLevel: LogLevel;
  /** Followed, and wins over `logLevel` while it is there; "" is none. */
  logLevelFile: string;
  /** How long a mount may not answer before its storage client is ended. */
  hungMountTimeoutSeconds: number;
  /** Kernel features that shall count as missing. */
  featuresOff: string[];
  /** For tests: where this process ends itself (failpoints.ts); "" is nowhere. */
  failpoint: Failpoint | '';
}

function findKubeletDir(environment: NodeJS.ProcessEnv): string {
  return environment['KUBELET_DIR'] || KUBELET_DIR;
}

/** Folder of this node's kubelet, below which its pods are; `Config.kubeletDir` of this process. */
export const kubeletFolder = findKubeletDir(process.env);

/** A configuration that cannot be used; the message lists every problem on one line. */
export class ConfigError extends Error {}

/** Reads this process's environment; see `parseConfig`. */
export function readConfig(bundleDir: string): Config {
  return parseConfig(process.env, bundleDir);
}

/**
 * Parses an environment.
 *
 * @param environment NODE_NAME is required; KUBELET_DIR, CSI_SOCKET, REGISTRATION_SOCKET, AGENT_LISTEN,
 *   ENROLMENT_ADDRESS, ENROLMENT_DIR, IDENTITY_DIR, HEALTH_PORT, PROBE_BINARY, PROTO_DIR, LOG_LEVEL,
 *   LOG_LEVEL_FILE, HUNG_MOUNT_TIMEOUT_SECONDS and KERNEL_FEATURES_OFF (comma-separated) have defaults; FAILPOINT is for
 *   tests
 * @param bundleDir the directory of the running program; the protos lie beside it
 * @throws ConfigError
 */
export function parseConfig(environment: NodeJS.ProcessEnv, bundleDir: string): Config {
  const get = (name: string, otherwise: string) => environment[name] || otherwise;
  const kubeletDir = findKubeletDir(environment);
  const failpoint = get('FAILPOINT', '');
  const logLevel = get('LOG_LEVEL', 'info');
  const config: Config = {
    nodeName: get('NODE_NAME', ''),
    kubeletDir,
    csiSocket: get('CSI_SOCKET', join(kubeletDir, 'plugins', DRIVER_NAME, 'csi.sock')),
    registrationSocket: get(
      'REGISTRATION_SOCKET',
      join(kubeletDir, 'plugins_registry', `${DRIVER_NAME}-reg.sock`),
    ),
    agentListen: get('AGENT_LISTEN', buildWildcardTarget(AGENT_PORT)),
    enrolmentAddress: get(
      'ENROLMENT_ADDRESS',
      `dynvol-enrolment.${SYSTEM_NAMESPACE}.svc:${ENROLMENT_PORT}`,
    ),
    enrolmentDir: get('ENROLMENT_DIR', '/etc/dynvol/enrolment'),
    identityDir: get('IDENTITY_DIR', '/run/dynvol/identity'),
    healthPort: Number(get('HEALTH_PORT', '9811')),
    probeBinary: get('PROBE_BINARY', '/usr/bin/dynvol-probe'),
    protoDir: get('PROTO_DIR', join(bundleDir, 'proto')),
    logLevel: LOG_LEVELS.find((level) => level === logLevel) ?? 'info',
    logLevelFile: get('LOG_LEVEL_FILE', ''),
    hungMountTimeoutSeconds: Number(get('HUNG_MOUNT_TIMEOUT_SECONDS', '60')),
    featuresOff: get('KERNEL_FEATURES_OFF', '').split(',').filter(Boolean),
    failpoint: FAILPOINTS.find((name) => name === failpoint) ?? '',
  };
  const problems = findProblems(config, { failpoint, logLevel });
  if (problems.length > 0) throw new ConfigError(problems.join('; '));
  return config;
}

function findProblems(config: Config, given: { failpoint: string; logLevel: string }): string[] {
  const { nodeName, healthPort, csiSocket, registrationSocket, enrolmentAddress } = config;
  const { failpoint, logLevel } = given;
  const hungSeconds = config.hungMountTimeoutSeconds;
  return [
    nodeName === '' && 'NODE_NAME is missing: set it from spec.nodeName',
    !(Number.isInteger(healthPort) && healthPort > 0 && healthPort < 65536) &&
      'HEALTH_PORT must be a port number',
    !csiSocket.startsWith('/') && 'CSI_SOCKET must be an absolute path',
    !registrationSocket.startsWith('/') && 'REGISTRATION_SOCKET must be an absolute path',
    !/^.+:\d+$/.test(enrolmentAddress) && 'ENROLMENT_ADDRESS must be host:port',
    !(Number.isInteger(hungSeconds) && hungSeconds > 0) &&
      'HUNG_MOUNT_TIMEOUT_SECONDS must be a whole number of seconds',
    config.logLevel !== logLevel && `LOG_LEVEL must be one of ${LOG_LEVELS.join(', ')}`,
    config.failpoint !== failpoint &&
      `FAILPOINT must be one of the names of csi-node/failpoints.ts, not "${failpoint}"`,
  ].filter((problem) => problem !== false);
}
