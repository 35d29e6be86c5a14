// Which volume root does a pod ask for with its annotations?
import { POD_ANNOTATIONS } from '../api/names.ts';

/** What a pod asks for. */
export interface VolumeRoot {
  className: string;
  /** Absolute and normalised. */
  rootPath: string;
  dispatchPolicy: string;
}

/** Why a pod is refused, in one sentence for the person who wrote it. */
export class DeniedError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'DeniedError';
  }
}

const DISPATCH_POLICIES: readonly string[] = ['independent'];

/** What a container cannot do without; a mount there, or below, breaks or deceives it. */
const RESERVED_PATHS = ['/proc', '/sys', '/dev', '/etc', '/var/run/secrets', '/run/secrets'];

/**
 * Reads the annotations; undefined when the pod asks for nothing.
 * @throws DeniedError naming the annotation, its value and what is allowed
 */
export function parseVolumeRoot(annotations: Record<string, string>): VolumeRoot | undefined {
  const className = annotations[POD_ANNOTATIONS.className];
  const rootPath = annotations[POD_ANNOTATIONS.rootPath];
  if (className === undefined && rootPath === undefined) return undefined;
  if (className === undefined) throw missing(POD_ANNOTATIONS.className, POD_ANNOTATIONS.rootPath);
  if (rootPath === undefined) throw missing(POD_ANNOTATIONS.rootPath, POD_ANNOTATIONS.className);
  checkClassName(className);
  checkRootPath(rootPath);
  const dispatchPolicy = annotations[POD_ANNOTATIONS.dispatchPolicy] ?? 'independent';
  checkDispatchPolicy(dispatchPolicy);
  return { className, rootPath, dispatchPolicy };
}

/** Is one of these absolute paths the other, or below it? */
export function areNested(a: string, b: string): boolean {
  return isAtOrBelow(a, b) || isAtOrBelow(b, a);
}

function checkClassName(className: string): void {
  if (className.length <= 63 && /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(className)) return;
  throw refuse(
    POD_ANNOTATIONS.className,
    className,
    'must be the name of a StorageProviderClass: at most 63 lower-case letters, digits and "-", beginning and ending with a letter or digit',
  );
}

function checkRootPath(rootPath: string): void {
  const deny = (why: string): DeniedError => refuse(POD_ANNOTATIONS.rootPath, rootPath, why);
  if (!rootPath.startsWith('/')) throw deny('must be an absolute path, such as "/volumes"');
  if (rootPath === '/') throw deny('must be a directory below "/", such as "/volumes"');
  if (rootPath.length > 512) throw deny('must have at most 512 characters');
  // ":" is refused in mount paths by container runtimes; control characters cannot be read in a log.
  // oxlint-disable-next-line no-control-regex
  if (/[:\u0000-\u001f\u007f]/.test(rootPath)) {
    throw deny('must not contain ":" or control characters');
  }
  const parts = rootPath.slice(1).split('/');
  if (parts.some((part) => part === '' || part === '.' || part === '..')) {
    throw deny('must be written without "..", ".", "//" and a "/" at the end');
  }
  const reserved = RESERVED_PATHS.find((path) => isAtOrBelow(rootPath, path));
  if (reserved !== undefined) {
    throw deny(`must not be in a directory of the system (${RESERVED_PATHS.join(', ')})`);
  }
}

function checkDispatchPolicy(policy: string): void {
  if (DISPATCH_POLICIES.includes(policy)) return;
  const allowed = DISPATCH_POLICIES.map((each) => `"${each}"`).join(', ');
  throw refuse(POD_ANNOTATIONS.dispatchPolicy, policy, `must be ${allowed}, or be left out`);
}

function isAtOrBelow(path: string, directory: string): boolean {
  return (
    path === directory || path.startsWith(directory.endsWith('/') ? directory : `${directory}/`)
  );
}

function missing(absent: string, present: string): DeniedError {
  return new DeniedError(
    `the annotation "${absent}" is missing: a pod with "${present}" needs both`,
  );
}

function refuse(annotation: string, value: string, why: string): DeniedError {
  return new DeniedError(`the annotation "${annotation}" is ${JSON.stringify(value)}: it ${why}`);
}
