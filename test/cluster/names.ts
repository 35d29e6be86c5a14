// Which names, paths and times do the cluster tests share?
import { API_VERSION, GROUP } from '../../api/names.ts';

export const CLAIM_API = `${GROUP}/${API_VERSION}`;
export const ROOT_PATH = '/volumes';
export const S3_TLS = 'https://s3.storage.svc';
/** Debian's static busybox. */
export const IMAGE = 'dynvol/busybox:0.2.0';

/** Times in issues bound how long a test waits; nothing here asserts speed. */
export const READY_MS = 60_000;
export const REASON_MS = 30_000;
export const HEAL_MS = 45_000;
