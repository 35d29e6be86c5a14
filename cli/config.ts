// Which environment does the command line have?
import type { Environment } from './context.ts';

/** The environment of this process. */
export function readEnvironment(): Environment {
  return process.env;
}
