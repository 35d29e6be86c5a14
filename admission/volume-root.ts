// Which volume root does a pod ask for with its annotations?
import { DISPATCH_POLICIES, POD_ANNOTATIONS } from '../api/names.ts';
import { DeniedError } from './denied-error.ts';

/** What a pod asks for. */
export interface VolumeRoot {
  className: string;
  /** Absolute and normalised. */
  rootPath: string;
  dispatchPolicy: string;
  /** Names of the containers that shall see it; all of them when absent. */
  containers?: string[];
}

/** What a container cannot do without; a mount there, or below, breaks or deceives it. */
const RESERVED_PATHS = ['/proc', '/sys', '/dev', '/etc', '/var/run/secrets', '/run/secrets'];

const DNS_LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

/** Our annotations, and what each is checked for. */
const CHECKS: [annotation: string, check: (value: string) => void][] = [
  [POD_ANNOTATIONS.className, checkClassName],
  [POD_ANNOTATIONS.rootPath, checkRootPath],
  [POD_ANNOTATIONS.dispatchPolicy, checkDispatchPolicy],
  [POD_ANNOTATIONS.containers, checkContainers],
];

/**
 * Checks each of our annotations that is there, whether or not they are complete.
 * @throws DeniedError naming the annotation, its value and what is allowed
 */
export function checkAnnotations(annotations: Record<string, string>): void {
  for (const [annotation, check] of CHECKS) {
    const value = annotations[annotation];
    if (value !== undefined) check(value);
  }
}

/**
 * Reads the annotations; undefined when they ask for nothing.
 * @throws DeniedError naming the annotation, its value and what is allowed
 */
export function parseVolumeRoot(annotations: Record<string, string>): VolumeRoot | undefined {
  const className = annotations[POD_ANNOTATIONS.className];
  const rootPath = annotations[POD_ANNOTATIONS.rootPath];
  if (className === undefined && rootPath === undefined) return undefined;
  if (className === undefined) throw missing(POD_ANNOTATIONS.className, POD_ANNOTATIONS.rootPath);
  if (rootPath === undefined) throw missing(POD_ANNOTATIONS.rootPath, POD_ANNOTATIONS.className);
  checkAnnotations(annotations);
  const dispatchPolicy = annotations[POD_ANNOTATIONS.dispatchPolicy] ?? DISPATCH_POLICIES[0];
  const containers = annotations[POD_ANNOTATIONS.containers];
  return {
    className,
    rootPath,
    dispatchPolicy,
    ...(containers === undefined ? {} : { containers: splitNames(containers) }),
  };
}

/** Is one of these absolute paths the other, or below it? */
export function areNested(a: string, b: string): boolean {
  return isAtOrBelow(a, b) || isAtOrBelow(b, a);
}

/** What a class name must be. */
export const CLASS_NAME_RULE =
  'must be the name of a StorageProviderClass: at most 63 lower-case letters, digits and "-", beginning and ending with a letter or digit';

export function isClassName(text: string): boolean {
  return DNS_LABEL.test(text);
}

function checkClassName(className: string): void {
  if (isClassName(className)) return;
  throw refuse(POD_ANNOTATIONS.className, className, CLASS_NAME_RULE);
}

function checkRootPath(rootPath: string): void {
  const why = findPathFault(rootPath);
  if (why !== undefined) throw refuse(POD_ANNOTATIONS.rootPath, rootPath, why);
}

/** Says why a volume root cannot lie at this path of a container: what it must or must not. */
export function findPathFault(rootPath: string): string | undefined {
  if (!rootPath.startsWith('/')) return 'must be an absolute path, such as "/volumes"';
  if (rootPath === '/') return 'must be a directory below "/", such as "/volumes"';
  if (rootPath.length > 512) return 'must have at most 512 characters';
  // ":" is refused in mount paths by container runtimes; control characters cannot be read in a log.
  // oxlint-disable-next-line no-control-regex
  if (/[:\u0000-\u001f\u007f]/.test(rootPath)) {
    return 'must not contain ":" or control characters';
  }
  const parts = rootPath.slice(1).split('/');
  if (parts.some((part) => part === '' || part === '.' || part === '..')) {
    return 'must be written without "..", ".", "//" and a "/" at the end';
  }
  const reserved = RESERVED_PATHS.find((path) => isAtOrBelow(rootPath, path));
  if (reserved === undefined) return undefined;
  return `must not be in a directory of the system (${RESERVED_PATHS.join(', ')})`;
}

function checkDispatchPolicy(policy: string): void {
  if (isDispatchPolicy(policy)) return;
  throw refuse(
    POD_ANNOTATIONS.dispatchPolicy,
    policy,
    `must be ${ALLOWED_POLICIES}, or be left out`,
  );
}

/** The dispatch policies, for people. */
export const ALLOWED_POLICIES = DISPATCH_POLICIES.map((each) => `"${each}"`).join(' or ');

export function isDispatchPolicy(text: string | undefined): boolean {
  return DISPATCH_POLICIES.some((policy) => policy === text);
}

/** Whether the pod has such containers is seen when they are looked for. */
function checkContainers(list: string): void {
  if (splitNames(list).every((name) => DNS_LABEL.test(name))) return;
  throw refuse(
    POD_ANNOTATIONS.containers,
    list,
    'must be names of containers of the pod with "," between them, or be left out for all containers',
  );
}

function splitNames(list: string): string[] {
  return list.split(',').map((name) => name.trim());
}

function isAtOrBelow(path: string, directory: string): boolean {
  return (
    path === directory || path.startsWith(directory.endsWith('/') ? directory : `${directory}/`)
  );
}

function missing(absent: string, present: string): DeniedError {
  return new DeniedError(
    `the annotation "${absent}" is missing: a pod with "${present}" needs both`,
    absent,
  );
}

function refuse(annotation: string, value: string, why: string): DeniedError {
  return new DeniedError(
    `the annotation "${annotation}" is ${JSON.stringify(value)}: it ${why}`,
    annotation,
  );
}
