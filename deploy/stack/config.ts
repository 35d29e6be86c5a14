// What does the stack take from the caller's environment?
import { join } from 'node:path';

/** The few values read from the environment, once. */
export const config = {
  /** Holds everything that may be deleted at any time and is only slow to make again. */
  cacheFolder: join(
    process.env['XDG_CACHE_HOME'] ?? join(process.env['HOME'] ?? '/root', '.cache'),
    'dynvol',
  ),
  /** What programs started on the host inherit. */
  environment: process.env,
  /** Go is often installed outside the default path. */
  path: [process.env['PATH'] ?? '/usr/sbin:/usr/bin:/sbin:/bin', '/usr/local/go/bin'].join(':'),
} as const;
