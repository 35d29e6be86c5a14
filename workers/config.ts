// Which settings does each process take from its environment?
import { z } from 'zod';

const Required = z.string({ error: 'must be set' });
const Port = z.coerce.number().int().min(1).max(65_535);
const LogLevel = z.enum(['trace', 'debug', 'info', 'warn', 'error']).default('info');

/** Environment of the controller. */
export const ControllerEnvironment = z.object({
  /** `host:port` of Temporal's frontend. */
  TEMPORAL_ADDRESS: Required.regex(/^.+:\d+$/, 'must be host:port'),
  TEMPORAL_NAMESPACE: z.string().default('default'),
  /** Base address of Temporal's UI for people; without it the status of a claim has no link. */
  TEMPORAL_UI_URL: z.url({ protocol: /^https?$/ }).optional(),
  /** Directory with `tls.crt`, `tls.key` and `ca.crt`: who the controller is to agents that it calls, and that enrol. */
  AGENT_TLS_DIR: z.string().default('/etc/dynvol/agent-tls'),
  /** Directory with `tls.crt` and `tls.key` of the authority that signs agents' certificates. */
  AUTHORITY_DIR: z.string().default('/etc/dynvol/authority'),
  MOUNT_POD_IMAGE: Required,
  MOUNT_POD_PRIORITY_CLASS: z.string().optional(),
  /** ConfigMap, in the mount pods' namespace, with further CA certificates. */
  TRUSTED_CA_CONFIG_MAP: z.string().optional(),
  /** File made by `bundle-workflows.ts`. */
  WORKFLOW_BUNDLE: z.string().default('/app/workflow-bundle.js'),
  HEALTH_PORT: Port.default(9812),
  LOG_LEVEL: LogLevel,
});
export type ControllerEnvironment = z.infer<typeof ControllerEnvironment>;

/** Environment of the webhook. */
export const WebhookEnvironment = z.object({
  /** Directory with `tls.crt` and `tls.key`; read again when they change. */
  TLS_DIR: z.string().default('/etc/dynvol/webhook-tls'),
  PORT: Port.default(9443),
  HEALTH_PORT: Port.default(9813),
  LOG_LEVEL: LogLevel,
});
export type WebhookEnvironment = z.infer<typeof WebhookEnvironment>;

/** The environment is not usable; the message names every problem, on one line. */
export class ConfigError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ConfigError';
  }
}

/**
 * Parses an environment; an empty variable counts as unset, as a chart writes it for a value that is not given.
 * @throws ConfigError
 */
export function parseEnvironment<S extends z.ZodType>(
  schema: S,
  environment: Record<string, string | undefined>,
): z.infer<S> {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value));
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new ConfigError(`Configuration is not usable: ${problems.join('; ')}`);
}

/** Parses this process's environment; ends the process with status 2 when it is not usable. */
export function loadEnvironment<S extends z.ZodType>(schema: S): z.infer<S> {
  try {
    return parseEnvironment(schema, process.env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return process.exit(2);
  }
}
