// Which objects does a collection have?
import type { KubernetesConnection } from '../watch/kubernetes-connection.ts';

/** Few requests for thousands of objects, and none that is large. */
const PAGE_SIZE = 500;

export interface ObjectList<T> {
  items: T[];
  /** From where a watch goes on. */
  resourceVersion: string;
}

/**
 * Lists a collection page by page; each request has the connection's deadline.
 *
 * @param query `labelSelector`, `fieldSelector`
 */
export async function listObjects<T>(
  connection: KubernetesConnection,
  path: string,
  query: Record<string, string>,
  signal: AbortSignal,
): Promise<ObjectList<T>> {
  const items: T[] = [];
  for (let token = ''; ;) {
    const more = token === '' ? {} : { continue: token };
    const search = new URLSearchParams({ ...query, limit: String(PAGE_SIZE), ...more });
    const request = { method: 'GET' as const, path: `${path}?${search.toString()}` };
    const page = (await connection.send(request, signal)) as {
      metadata: { continue?: string; resourceVersion: string };
      items: T[];
    };
    items.push(...page.items);
    token = page.metadata.continue ?? '';
    if (token === '') return { items, resourceVersion: page.metadata.resourceVersion };
  }
}
