// Does Temporal know the search attributes of claims' workflows?
import { status } from '@grpc/grpc-js';
import type { NativeConnection } from '@temporalio/worker';
import { SEARCH_ATTRIBUTES } from '../api/names.ts';

/** `temporal.api.enums.v1.IndexedValueType`. */
const INDEXED_VALUE_TYPES = { Keyword: 2, Int: 3 } as const;

/**
 * Registers the search attributes that a namespace lacks. Without them Temporal refuses to start the
 * workflows. A server that has just learned of them may need a few seconds to accept them.
 *
 * @throws Error Temporal is away or refuses, or an attribute exists with another type
 */
export async function ensureSearchAttributes(
  connection: Pick<NativeConnection, 'operatorService'>,
  namespace: string,
): Promise<void> {
  const { operatorService } = connection;
  const { customAttributes } = await operatorService.listSearchAttributes({ namespace });
  const wanted = Object.values(SEARCH_ATTRIBUTES);
  const missing = wanted.filter(({ name }) => customAttributes[name] === undefined);
  const wrong = wanted.find(({ name, type }) => {
    const known = customAttributes[name];
    return known !== undefined && Number(known) !== INDEXED_VALUE_TYPES[type];
  });
  if (wrong) {
    throw new Error(
      `Search attribute ${wrong.name} of Temporal's namespace "${namespace}" is not of type ${wrong.type}; remove it, the controller registers it anew`,
    );
  }
  if (missing.length === 0) return;
  const searchAttributes = Object.fromEntries(
    missing.map(({ name, type }) => [name, INDEXED_VALUE_TYPES[type]]),
  );
  try {
    await operatorService.addSearchAttributes({ namespace, searchAttributes });
  } catch (error) {
    // Another controller was quicker.
    if ((error as { code?: unknown }).code !== status.ALREADY_EXISTS) throw error;
  }
}
