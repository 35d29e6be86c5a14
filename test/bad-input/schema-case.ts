// What does a case of the API server's own validation look like?
import { API_VERSION, CLASS_PARAMETERS, GROUP } from '../../api/names.ts';

/** An object that the API server refuses before anything of ours sees it. */
export interface SchemaCase {
  /** Row of the catalogue, `docs/reference/bad-input.md`. */
  row: number;
  title: string;
  object: Record<string, unknown>;
  /** What the answer says, word for word. */
  message: string;
  /** What the answer must not repeat. */
  silentAbout?: string;
}

/** An object that looks odd and is accepted by design. */
export interface AllowedCase {
  row: number;
  title: string;
  object: Record<string, unknown>;
}

const S3 = { bucket: 'photos', endpoint: 'https://s3.example.com' };

/** A good claim with these fields of its spec; undefined takes one away. */
export function claimWith(
  spec: Record<string, unknown>,
  metadata: Record<string, unknown> = {},
): Record<string, unknown> {
  return {
    apiVersion: `${GROUP}/${API_VERSION}`,
    kind: 'DynamicVolumeClaim',
    metadata: { namespace: 'default', name: 'bad-input', ...metadata },
    spec: {
      selector: { matchLabels: { app: 'web' } },
      mountpoint: '/data',
      s3Config: S3,
      ...spec,
    },
  };
}

/** A good claim with these fields of its S3 block. */
export function s3With(s3Config: Record<string, unknown>): Record<string, unknown> {
  return claimWith({ s3Config: { ...S3, ...s3Config } });
}

/** A good class with these parameters (short names of `CLASS_PARAMETERS`); undefined takes one away. */
export function classWith(
  parameters: Partial<Record<keyof typeof CLASS_PARAMETERS, string | undefined>>,
  spec: Record<string, unknown> = {},
  metadata: Record<string, unknown> = {},
): Record<string, unknown> {
  const given = { secretName: 'keys', secretNamespace: 'default', ...parameters };
  return {
    apiVersion: `${GROUP}/${API_VERSION}`,
    kind: 'StorageProviderClass',
    metadata: { name: 'bad-input', ...metadata },
    spec: {
      provider: 's3',
      parameters: Object.fromEntries(
        Object.entries(given).map(([key, value]) => [
          CLASS_PARAMETERS[key as keyof typeof CLASS_PARAMETERS],
          value,
        ]),
      ),
      ...spec,
    },
  };
}
