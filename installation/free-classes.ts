// Which classes wait for somebody who is about to end?
import { CLASS_FINALIZER } from '../api/names.ts';
import type { KubernetesConnection } from '../watch/kubernetes-connection.ts';
import { isConflict, isNotFound } from '../watch/kubernetes-error.ts';
import { PATHS } from '../watch/kubernetes.ts';
import { list, waitUntilGone, type Named, type Noun, type WaitOptions } from './left-objects.ts';

interface ClassParts extends Named {
  metadata: {
    name: string;
    resourceVersion: string;
    deletionTimestamp?: string;
    finalizers?: string[];
  };
}

const CONTROLLER_LABELS = 'app.kubernetes.io/name=dynvol,app.kubernetes.io/component=controller';
const KEPT_CLASSES: Noun = ['class with our finalizer', 'classes with our finalizer'];
const CONTROLLERS: Noun = ['controller that has not ended', 'controllers that have not ended'];

/**
 * Takes our finalizer off the classes that stay, so that they can be deleted when nobody looks after them any more. Waits
 * for the controllers to end, which would put it back.
 *
 * @throws Error a controller does not end
 */
export async function freeClasses(options: WaitOptions): Promise<void> {
  const { connection, tell } = options;
  const deadline = AbortSignal.timeout(options.timeoutMs);
  await waitUntilGone({ ...options, deadline }, CONTROLLERS, () =>
    list(connection, PATHS.pods, { labelSelector: CONTROLLER_LABELS }),
  );
  await waitUntilGone({ ...options, deadline }, KEPT_CLASSES, async () => {
    const classes = await listKeptClasses(connection);
    for (const cls of classes) await freeClass(connection, cls);
    return classes;
  });
  tell('Classes that stay can now be deleted.');
}

/** One that has changed meanwhile is looked at again. */
async function freeClass(
  connection: Pick<KubernetesConnection, 'send'>,
  { metadata: { name, resourceVersion, finalizers = [] } }: ClassParts,
): Promise<void> {
  const others = finalizers.filter((one) => one !== CLASS_FINALIZER);
  await connection
    .send({
      method: 'PATCH',
      path: `${PATHS.classes}/${encodeURIComponent(name)}`,
      patch: 'merge',
      body: { metadata: { resourceVersion, finalizers: others } },
    })
    .catch((error: unknown) => {
      if (!isNotFound(error) && !isConflict(error)) throw error;
    });
}

/** Classes that only the controller lets go. */
export async function listKeptClasses(
  connection: Pick<KubernetesConnection, 'send'>,
): Promise<ClassParts[]> {
  const classes = await list<ClassParts>(connection, PATHS.classes);
  return classes.filter(({ metadata }) => metadata.finalizers?.includes(CLASS_FINALIZER));
}
