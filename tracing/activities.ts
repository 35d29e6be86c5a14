// Which spans are told of a claim's activities, and of their calls to node agents?
import { SpanKind } from '@opentelemetry/api';
import type { Span } from '@opentelemetry/api';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import type { NodeAgents } from '../activities/node-agents.ts';
import type { TargetResult } from '../api/node-agent.ts';
import { noteFailure } from './spans.ts';
import type { Spans } from './spans.ts';
import { parseTraceHeader } from './trace-header.ts';

/** An activity of which no header tells who asked, such as one of the drift audit, is not told of. */
export function createActivityInterceptors(spans: Spans): ActivityInterceptorsFactory {
  return ({ info }) => ({
    inbound: {
      async execute(input, next) {
        const parent = parseTraceHeader(input.headers);
        if (parent === undefined) return next(input);
        const attributes = {
          'temporal.workflow.id': info.workflowExecution?.workflowId ?? '',
          'temporal.activity.attempt': info.attempt,
        };
        const activity = { name: `activity ${info.activityType}`, kind: SpanKind.CONSUMER };
        return spans.run(parent, { ...activity, attributes }, () => next(input));
      },
    },
  });
}

/** Agents whose calls are spans below the activity that makes them. */
export function traceAgents(spans: Spans, agents: NodeAgents): NodeAgents {
  const call = <T extends object>(method: string, node: string, work: () => Promise<T>) => {
    const parent = spans.current;
    if (parent === undefined) return work();
    const attributes = { 'k8s.node.name': node, 'rpc.system': 'grpc', 'rpc.method': method };
    const description = { name: `agent ${method}`, kind: SpanKind.CLIENT, attributes };
    return spans.run(parent, description, async (span) => {
      const answer = await work();
      if ('results' in answer) noteResults(span, answer.results as TargetResult[]);
      return answer;
    });
  };
  return {
    attach: (node, ...rest) => call('Attach', node, () => agents.attach(node, ...rest)),
    detach: (node, ...rest) => call('Detach', node, () => agents.detach(node, ...rest)),
    list: (node, ...rest) => call('List', node, () => agents.list(node, ...rest)),
    readStatistics: (...all) => agents.readStatistics(...all),
    watch: (...all) => agents.watch(...all),
    close: () => agents.close(),
  };
}

/** A target that failed is an answer, not an error: the span tells it all the same. */
function noteResults(span: Span, results: TargetResult[]): void {
  const failed = results.filter(({ code }) => code !== '');
  span.setAttributes({ 'dynvol.targets': results.length, 'dynvol.targets.failed': failed.length });
  const [first] = failed;
  if (first !== undefined) noteFailure(span, `${first.code}: ${first.message}`);
}
