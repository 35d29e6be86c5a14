// Which lines connect a claim, its pods and their mount pods, and what do they say? (pure)
import type { TopologyEdge } from '../model/topology.ts';
import { EDGE_MARKS, POD_MARKS, type MarkKind } from './marks.ts';
import type { Box, NodeBox, PodBox } from './topology-layout.ts';

interface Point {
  x: number;
  y: number;
}

export interface DrawnEdge {
  /** Unique in the drawing. */
  key: string;
  /** SVG path data. */
  path: string;
  /** Decides colour and dashes of the line and the shape of its mark. */
  mark: MarkKind;
  /** Middle of the mark. */
  at: Point;
}

interface EdgesInput {
  claim: Box;
  nodes: NodeBox[];
  edges: TopologyEdge[];
  isNarrow: boolean;
}

export function buildDrawnEdges({ claim, nodes, edges, isNarrow }: EdgesInput): DrawnEdge[] {
  const toPods = nodes.flatMap((node) =>
    node.pods.map((pod) => connectClaim(claim, node, pod, isNarrow)),
  );
  return [...toPods, ...edges.flatMap((edge) => connectMountPod(edge, nodes))];
}

/** The marks of a claim's edges lie on the border of the node. */
function connectClaim(claim: Box, node: NodeBox, to: PodBox, isNarrow: boolean): DrawnEdge {
  const y = middle(to);
  const from = { x: claim.x + claim.width, y: middle(claim) };
  return {
    key: `claim-${to.pod.uid}`,
    path: isNarrow ? alongSpine(claim, to.x, y) : across(from, { x: node.x, y }, to.x),
    mark: POD_MARKS[to.pod.state],
    at: { x: node.x, y },
  };
}

function connectMountPod(edge: TopologyEdge, nodes: NodeBox[]): DrawnEdge[] {
  const pod = nodes.flatMap(({ pods }) => pods).find(({ pod }) => pod.uid === edge.podUid);
  const mountPod = nodes
    .flatMap(({ mountPods }) => mountPods)
    .find((one) => one.mountPod.uid === edge.mountPodUid);
  if (!pod || !mountPod) return [];
  const from = { x: pod.x + pod.width, y: middle(pod) };
  const to = { x: mountPod.x, y: middle(mountPod) };
  return [
    {
      key: `${edge.podUid}-${edge.mountPodUid}`,
      path: across(from, to, to.x),
      mark: EDGE_MARKS[edge.state],
      at: { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 },
    },
  ];
}

/** A curve that ends at `bend`, and from there a straight line to `endX`. */
function across(from: Point, bend: Point, endX: number): string {
  const half = (from.x + bend.x) / 2;
  return `M${from.x} ${from.y}C${half} ${from.y} ${half} ${bend.y} ${bend.x} ${bend.y}H${endX}`;
}

/** Down at the left of the nodes, then round a corner to the pod. */
function alongSpine(claim: Box, endX: number, endY: number): string {
  const [x, radius] = [claim.x + 9, 8];
  return `M${x} ${claim.y + claim.height}V${endY - radius}q0 ${radius} ${radius} ${radius}H${endX}`;
}

function middle({ y, height }: Box): number {
  return y + height / 2;
}
