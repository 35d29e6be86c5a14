// How are objects of the cluster read, with few requests?
import { find } from '../../watch/kubernetes-requests.ts';
import type { CliContext } from '../context.ts';
import { listObjects } from '../list-objects.ts';

export type Context = Pick<
  CliContext,
  'kubernetes' | 'kubeConfig' | 'namespace' | 'now' | 'signal'
>;

/** One object; undefined when there is none. */
export async function read<T>(
  { kubernetes, signal }: Context,
  path: string,
): Promise<T | undefined> {
  return (await find(kubernetes(), path, signal)) as T | undefined;
}

/** Several objects, by a name for each. */
export async function readAll<T>(
  context: Context,
  paths: Record<string, string>,
): Promise<Record<string, T | undefined>> {
  const pairs = Object.entries(paths).map(
    async ([name, path]) => [name, await read<T>(context, path)] as const,
  );
  return Object.fromEntries(await Promise.all(pairs));
}

/** A whole collection. */
export async function list<T>(
  { kubernetes, signal }: Context,
  path: string,
  query: Record<string, string> = {},
): Promise<T[]> {
  return (await listObjects<T>(kubernetes(), path, query, signal)).items;
}
