// What is a component of the stack, before anything is started?
import { stackPaths } from '../stack-paths.ts';

/** One process of the stack: pure data, so that a running stack can be compared with the wanted one. */
export type Component = {
  name: string;
  argv: readonly string[];
  env?: Readonly<Record<string, string>>;
  /** Absolute path -> content of the files it reads at start. */
  files?: Readonly<Record<string, string>>;
  /** Folders that must exist before it starts. */
  folders?: readonly string[];
  /** Where it keeps all that it remembers, if it can do without. */
  dataFolder?: string;
};

/** Path of a program of the stack. */
export function programPath(name: string): string {
  return `${stackPaths.bin}/${name}`;
}

/** Path of a component's configuration file. */
export function configPath(name: string): string {
  return `${stackPaths.config}/${name}`;
}

/** Command line flags from an object; `undefined` leaves one out. */
export function buildFlags(flags: Readonly<Record<string, string | number | boolean>>): string[] {
  return Object.entries(flags).map(([name, value]) => `--${name}=${value}`);
}
