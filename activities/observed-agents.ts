// How long do the calls of the node agents take, and how do they end?
import { ERRORS, VolumeError } from '../api/errors.ts';
import type { ObserveCall } from '../metrics/observe-call.ts';
import type { CallOptions, NodeAgents } from './node-agents.ts';

type Call<Request, Response> = (
  node: string,
  request: Request,
  options: CallOptions,
) => Promise<Response>;

/** The same agents, each of whose calls is told when it has ended; `watch`, which lasts, is not. */
export function observeAgents(agents: NodeAgents, observe: ObserveCall): NodeAgents {
  const time =
    <Request, Response>(method: string, call: Call<Request, Response>): Call<Request, Response> =>
    async (node, request, options) => {
      const startedMs = performance.now();
      let code = 'OK';
      try {
        return await call(node, request, options);
      } catch (error) {
        code = findStatus(error, options.signal);
        throw error;
      } finally {
        observe(method, code, (performance.now() - startedMs) / 1_000);
      }
    };
  return {
    attach: time('Attach', (...call) => agents.attach(...call)),
    detach: time('Detach', (...call) => agents.detach(...call)),
    list: time('List', (...call) => agents.list(...call)),
    readStatistics: time('ReadStatistics', (...call) => agents.readStatistics(...call)),
    watch: (...call) => agents.watch(...call),
    close: () => agents.close(),
  };
}

/** A call whose time is over was not cancelled, whichever of its two clocks ends it. */
function findStatus(error: unknown, { aborted, reason }: AbortSignal): string {
  if (!aborted) return ERRORS[VolumeError.from(error).code].grpc;
  return reason instanceof DOMException && reason.name === 'TimeoutError'
    ? 'DEADLINE_EXCEEDED'
    : 'CANCELLED';
}
