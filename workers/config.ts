// Which settings does each process take from its environment?
import { z } from 'zod';
import { PULL_POLICIES } from '../api/names.ts';
import { createLogger, LOG_LEVELS } from '../logging/logger.ts';

const Required = z.string({ error: 'must be set' });
const Port = z.coerce.number().int().min(1).max(65_535);
/** `LOG_LEVEL_FILE` is followed and wins; without it, or while it is not there, `LOG_LEVEL` holds. */
const logging = {
  LOG_LEVEL: z.enum(LOG_LEVELS).default('info'),
  LOG_LEVEL_FILE: z.string().default(''),
};

/** How Temporal is reached. */
const temporal = {
  /** `host:port` of Temporal's frontend. */
  TEMPORAL_ADDRESS: Required.regex(/^.+:\d+$/, 'must be host:port'),
  TEMPORAL_NAMESPACE: z.string().default('default'),
  /** Whether TLS is spoken. */
  TEMPORAL_TLS: z.stringbool().optional(),
  /** Directory with any of `ca.crt`, and `tls.crt` with `tls.key`. */
  TEMPORAL_TLS_DIR: z.string().optional(),
  /** Name in Temporal's certificate, if it is not the address's. */
  TEMPORAL_TLS_SERVER_NAME: z.string().optional(),
  TEMPORAL_API_KEY_FILE: z.string().optional(),
};

/** Environment of the controller. */
export const ControllerEnvironment = z.object({
  ...temporal,
  /** Base address of Temporal's UI for people; without it the status of a claim has no link. */
  TEMPORAL_UI_URL: z.url({ protocol: /^https?$/ }).optional(),
  /** Directory with `tls.crt`, `tls.key` and `ca.crt`: who the controller is to agents that it calls, and that enrol. */
  AGENT_TLS_DIR: z.string().default('/etc/dynvol/agent-tls'),
  /** Directory with `tls.crt` and `tls.key` of the authority that signs agents' certificates. */
  AUTHORITY_DIR: z.string().default('/etc/dynvol/authority'),
  MOUNT_POD_IMAGE: Required,
  MOUNT_POD_PRIORITY_CLASS: z.string().optional(),
  MOUNT_POD_PULL_POLICY: z.enum(PULL_POLICIES).optional(),
  /** Names of the Secrets that mount pods pull their image with, with "," between them. */
  MOUNT_POD_PULL_SECRETS: z
    .string()
    .transform((names) => names.split(','))
    .optional(),
  /** ConfigMap, in the mount pods' namespace, with further CA certificates. */
  TRUSTED_CA_CONFIG_MAP: z.string().optional(),
  /** File made by `bundle-workflows.ts`. */
  WORKFLOW_BUNDLE: z.string().default('/app/workflow-bundle.js'),
  /** Directory with the files of the console's page. */
  CONSOLE_FILES: z.string().default('/app/console'),
  HEALTH_PORT: Port.default(9812),
  /** Base address of an OTLP/HTTP receiver, to which traces are sent; without it there are none. */
  TRACING_ENDPOINT: z.url({ protocol: /^https?$/ }).optional(),
  ...logging,
});
export type ControllerEnvironment = z.infer<typeof ControllerEnvironment>;

/** Environment of the webhook. */
export const WebhookEnvironment = z.object({
  /** Directory with `tls.crt` and `tls.key`; read again when they change. */
  TLS_DIR: z.string().default('/etc/dynvol/webhook-tls'),
  PORT: Port.default(9443),
  HEALTH_PORT: Port.default(9813),
  ...logging,
});
export type WebhookEnvironment = z.infer<typeof WebhookEnvironment>;

/** Environment of the Jobs of the chart. */
export const ChartJobEnvironment = {
  check: z.object(temporal),
  uninstall: z.object({ UNINSTALL_CLAIMS: z.enum(['refuse', 'delete']) }),
};

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
  throw new ConfigError(problems.join('; '));
}

/** Parses this process's environment; when it is not usable, says so and ends the process with status 2. */
export function loadEnvironment<S extends z.ZodType>(component: string, schema: S): z.infer<S> {
  try {
    return parseEnvironment(schema, process.env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    createLogger({ component }, 'info').fatal({ err: error }, 'Configuration is not usable');
    return process.exit(2);
  }
}
