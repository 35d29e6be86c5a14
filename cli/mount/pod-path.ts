// Which pod, and which place in it, does POD:/path name? (pure)
import { CliError } from '../cli-error.ts';
import { EXIT_CODES } from '../exit-codes.ts';

export interface PodPath {
  pod: string;
  /** As given: below the volume root, or from the root of the container. */
  path: string;
}

/**
 * Parses the target of `mount`; `pod/NAME:/path` is the same.
 * @throws CliError it is none
 */
export function parsePodPath(text: string): PodPath {
  const [, pod, path] = /^(?:pods?\/)?([^:/]+):(.+)$/.exec(text) ?? [];
  if (pod === undefined || path === undefined) {
    throw new CliError(
      `The target is "${text}"; give it as POD:/PATH, such as web-0:/data`,
      EXIT_CODES.usage,
    );
  }
  return { pod, path };
}

/**
 * The mountpoint of a claim that a path means. One that begins with the volume root is the full path in the
 * container, and what follows the root is meant.
 *
 * @param rootPath of the pod's volume root, such as `/volumes`
 * @throws CliError the path is the volume root itself
 */
export function buildMountpoint(path: string, rootPath: string): string {
  const absolute = `/${path.replace(/^\/+|\/+$/g, '')}`;
  if (absolute !== '/' && absolute !== rootPath) {
    return absolute.startsWith(`${rootPath}/`) ? absolute.slice(rootPath.length) : absolute;
  }
  throw new CliError(
    `The path "${path}" is the volume root of the pod; name a folder in it, such as ${rootPath}/data`,
    EXIT_CODES.usage,
  );
}
