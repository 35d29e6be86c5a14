// With which certificates or key does Temporal know us?
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import type { TLSConfig } from '@temporalio/client';
import type { ControllerEnvironment } from './config.ts';

/** The part of an environment that is about Temporal. */
export type TemporalSettings = Pick<
  ControllerEnvironment,
  | 'TEMPORAL_ADDRESS'
  | 'TEMPORAL_TLS'
  | 'TEMPORAL_TLS_DIR'
  | 'TEMPORAL_TLS_SERVER_NAME'
  | 'TEMPORAL_API_KEY_FILE'
>;

/** What both kinds of connections of the SDK take. */
export interface TemporalOptions {
  address: string;
  tls?: TLSConfig;
  apiKey?: string;
}

/**
 * Reads the files that the settings name.
 * @throws Error one of them cannot be read, or only one of the client's certificate and key is there
 */
export function readTemporalOptions(settings: TemporalSettings): TemporalOptions {
  const { TEMPORAL_ADDRESS: address, TEMPORAL_API_KEY_FILE: keyFile } = settings;
  return {
    address,
    ...(settings.TEMPORAL_TLS ? { tls: readTls(settings) } : {}),
    ...(keyFile === undefined ? {} : { apiKey: readFileSync(keyFile, 'utf8').trim() }),
  };
}

function readTls(settings: TemporalSettings): TLSConfig {
  const { TEMPORAL_TLS_DIR: dir, TEMPORAL_TLS_SERVER_NAME: serverNameOverride } = settings;
  const read = (name: string): Buffer | undefined => {
    const file = join(dir ?? '', name);
    return dir !== undefined && existsSync(file) ? readFileSync(file) : undefined;
  };
  const [crt, key] = [read('tls.crt'), read('tls.key')];
  if ((crt === undefined) !== (key === undefined)) {
    const [there, missing] = crt ? ['tls.crt', 'tls.key'] : ['tls.key', 'tls.crt'];
    throw new Error(`${dir} has ${there} and no ${missing}: a client certificate needs both`);
  }
  return {
    // The image has no public authorities that the SDK would find; Node brings its own.
    serverRootCACertificate: read('ca.crt') ?? Buffer.from(rootCertificates.join('\n')),
    ...(crt && key ? { clientCertPair: { crt, key } } : {}),
    ...(serverNameOverride === undefined ? {} : { serverNameOverride }),
  };
}
