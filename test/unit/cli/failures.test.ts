// Is every failure one sentence with what to do, and the right exit code?
import { describe, expect, it } from 'vitest';
import { CliError } from '../../../cli/cli-error.ts';
import { EXIT_CODES } from '../../../cli/exit-codes.ts';
import { explainFailure, explainForbidden } from '../../../cli/failures.ts';
import { KubernetesError } from '../../../watch/kubernetes-error.ts';

const SERVER = 'The API server https://k8s.example.com';
const CLAIMS = '/apis/dynamicvolume.csi.cloudnative101.net/v1alpha1/dynamicvolumeclaims';

function withCode(code: string): Error {
  return Object.assign(new Error(`${code} 10.0.0.1`), { code });
}

describe('a failure', () => {
  const timeout = new DOMException('The operation was aborted due to timeout', 'TimeoutError');

  it.each<[string, unknown, string, number]>([
    ['of ours keeps its words', new CliError('No', EXIT_CODES.usage), 'No', EXIT_CODES.usage],
    [
      'of the connection is told',
      withCode('ECONNREFUSED'),
      `${SERVER} cannot be reached: the connection is refused`,
      EXIT_CODES.noAccess,
    ],
    [
      'of a name with two addresses is told once',
      new AggregateError([withCode('ECONNREFUSED'), withCode('ECONNREFUSED')], ''),
      `${SERVER} cannot be reached: the connection is refused`,
      EXIT_CODES.noAccess,
    ],
    [
      'that fetch hides is found',
      new TypeError('fetch failed', { cause: withCode('ENOTFOUND') }),
      `${SERVER} cannot be reached: its name cannot be resolved`,
      EXIT_CODES.noAccess,
    ],
    [
      'that fetch hides and nobody knows keeps its words',
      new TypeError('fetch failed', { cause: new Error('bad port') }),
      'bad port',
      EXIT_CODES.failed,
    ],
    [
      'of a certificate is told',
      withCode('DEPTH_ZERO_SELF_SIGNED_CERT'),
      `${SERVER} has a certificate that nobody trusted has signed`,
      EXIT_CODES.noAccess,
    ],
    [
      'of a deadline is told, however http wraps it',
      new Error('The operation was aborted', { cause: timeout }),
      `${SERVER} does not answer in time`,
      EXIT_CODES.noAccess,
    ],
    [
      'of the credentials says what to do',
      new KubernetesError(401, 'Unauthorized', 'GET /x was answered 401: Unauthorized'),
      `${SERVER} does not know your credentials: log in again, or choose another context with --context`,
      EXIT_CODES.noAccess,
    ],
    [
      'of a cluster without our kinds says so',
      new KubernetesError(404, '', `GET ${CLAIMS} was answered 404: 404 page not found`),
      'dynvol is not installed in this cluster: its API server knows no dynamicvolumeclaims; apply the CRDs, or choose another context with --context',
      EXIT_CODES.notFound,
    ],
    [
      'of the API server keeps its words',
      new KubernetesError(503, '', 'GET /x was answered 503: etcd is away'),
      `${SERVER} refuses: GET /x was answered 503: etcd is away`,
      EXIT_CODES.noAccess,
    ],
    ['with a stack has one line', new Error('first\n  at second'), 'first', EXIT_CODES.failed],
    ['that is no error is told', 'a text', 'a text', EXIT_CODES.failed],
  ])('%s', (_case, thrown, message, exitCode) => {
    expect(explainFailure(thrown, SERVER)).toEqual({ message, exitCode });
  });

  it('cannot write on the terminal', () => {
    expect(explainFailure(new Error('a\u001B[2J'), SERVER).message).toBe('a^[[2J');
  });
});

describe('a missing right', () => {
  const forbid = (rest: string): string =>
    explainForbidden(`GET /x was answered 403: x is forbidden: User "ann" cannot ${rest}`);

  it('is named with its verb, resource and namespace', () => {
    expect(forbid('list resource "pods" in API group "" in the namespace "shop"')).toBe(
      'User "ann" may not list pods in namespace shop; ask for a Role in namespace shop with the verb "list" on pods',
    );
  });

  it('is named with its subresource', () => {
    expect(forbid('get resource "pods/log" in API group "" in the namespace "dynvol-mounts"')).toBe(
      'User "ann" may not get pods/log in namespace dynvol-mounts; ask for a Role in namespace dynvol-mounts with the verb "get" on pods/log',
    );
  });

  it('for claims of all namespaces has a way round', () => {
    const group = 'dynamicvolume.csi.cloudnative101.net';
    expect(
      forbid(`list resource "dynamicvolumeclaims" in API group "${group}" at the cluster scope`),
    ).toBe(
      `User "ann" may not list dynamicvolumeclaims in all namespaces; ask for a ClusterRole with the verb "list" on dynamicvolumeclaims.${group}, or name one namespace with -n`,
    );
  });

  it('in the words of another authorizer is told as it is', () => {
    expect(explainForbidden('denied by policy')).toBe(
      'The API server does not allow it: denied by policy',
    );
  });
});
