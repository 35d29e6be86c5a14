// Where does the topology of a claim lie in the drawing? (pure: the same claim and width give the same drawing)
import type { Topology, TopologyMountPod, TopologyNode, TopologyPod } from '../model/topology.ts';
import { buildDrawnEdges, type DrawnEdge } from './topology-edges.ts';

/** In CSS pixels, from the upper left corner of the drawing. */
export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface PodBox extends Box {
  pod: TopologyPod;
}
export interface MountPodBox extends Box {
  mountPod: TopologyMountPod;
}
/** A node, around the pods and mount pods that are on it. */
export interface NodeBox extends Box {
  /** "" for what is on no node yet. */
  name: string;
  pods: PodBox[];
  mountPods: MountPodBox[];
}

export interface TopologyDrawing {
  width: number;
  height: number;
  /** Too narrow for three columns: the claim lies above the nodes. */
  isNarrow: boolean;
  claim: Box;
  nodes: NodeBox[];
  edges: DrawnEdge[];
  /** Where the pods that the claim's status leaves out are told of. */
  more?: Box;
}

const NARROW_BELOW = 560;
const CLAIM_HEIGHT = 54;
const CARD_HEIGHT = 46;
const CARD_GAP = 10;
const NODE_HEAD = 30;
const NODE_FOOT = 14;
const NODE_GAP = 14;
const MORE_HEIGHT = 34;

/** Horizontal measures; the rest of the width is shared by pods and mount pods. */
interface Measures {
  claimWidth: number;
  /** Left edge of the nodes. */
  nodeX: number;
  padding: number;
  /** Between pods and mount pods: room for an edge and its mark. */
  gap: number;
  /** Top of the first node. */
  top: number;
}

/** @param width of the place for the drawing, CSS pixels */
export function layoutTopology(topology: Topology, width: number): TopologyDrawing {
  const isNarrow = width < NARROW_BELOW;
  const measures = measure(width, isNarrow);
  const nodes = stackNodes(topology, width, measures);
  const bottom = findBottom(nodes) ?? measures.top;
  const more = placeMorePods(topology.morePods, width, bottom, measures);
  const height = Math.max(more ? more.y + more.height : bottom, CLAIM_HEIGHT);
  const claim = box(
    0,
    isNarrow ? 0 : (height - CLAIM_HEIGHT) / 2,
    measures.claimWidth,
    CLAIM_HEIGHT,
  );
  const edges = buildDrawnEdges({ claim, nodes, isNarrow, edges: topology.edges });
  return { width, height, isNarrow, claim, nodes, edges, ...(more ? { more } : {}) };
}

function measure(width: number, isNarrow: boolean): Measures {
  if (isNarrow)
    return { claimWidth: width, nodeX: 22, padding: 14, gap: 32, top: CLAIM_HEIGHT + 14 };
  const claimWidth = Math.round(width * 0.24);
  return { claimWidth, nodeX: claimWidth + 56, padding: 18, gap: 60, top: 0 };
}

function placeMorePods(
  count: number,
  width: number,
  bottom: number,
  { nodeX }: Measures,
): Box | undefined {
  return count > 0 ? box(nodeX, bottom + NODE_GAP, width - nodeX, MORE_HEIGHT) : undefined;
}

function stackNodes(topology: Topology, width: number, measures: Measures): NodeBox[] {
  const placed: NodeBox[] = [];
  for (const node of topology.nodes) {
    const bottom = findBottom(placed);
    const y = bottom === undefined ? measures.top : bottom + NODE_GAP;
    const frame = box(measures.nodeX, y, width - measures.nodeX, 0);
    placed.push(layoutNode(node, topology, frame, measures));
  }
  return placed;
}

function layoutNode(
  { name, pods, mountPods }: TopologyNode,
  topology: Topology,
  frame: Box,
  { padding, gap }: Measures,
): NodeBox {
  const cardWidth = Math.floor((frame.width - 2 * padding - gap) / 2);
  const x = frame.x + padding;
  const first = box(x, frame.y + NODE_HEAD, cardWidth, CARD_HEIGHT);
  const podBoxes = pods.map((pod, index) => ({ ...down(first, index), pod }));
  const besides = { ...first, x: x + cardWidth + gap };
  const mountPodBoxes = placeMountPods(mountPods, podBoxes, besides, topology);
  const bottom = findBottom([first, ...podBoxes, ...mountPodBoxes]) ?? 0;
  const height = bottom + NODE_FOOT - frame.y;
  return { ...frame, height, name, pods: podBoxes, mountPods: mountPodBoxes };
}

/** Each beside the middle of the pods that it is for, as far as the ones above leave room. */
function placeMountPods(
  mountPods: TopologyMountPod[],
  pods: PodBox[],
  first: Box,
  topology: Topology,
): MountPodBox[] {
  const wanted = mountPods
    .map((mountPod) => ({ mountPod, y: findMiddle(mountPod, pods, topology) ?? Infinity }))
    .sort((one, other) => compare(one.y, other.y));
  const placed: MountPodBox[] = [];
  for (const { mountPod, y } of wanted) {
    const bottom = findBottom(placed);
    const free = bottom === undefined ? first.y : bottom + CARD_GAP;
    placed.push({ ...first, y: Number.isFinite(y) ? Math.max(free, y) : free, mountPod });
  }
  return placed;
}

function findMiddle({ uid }: TopologyMountPod, pods: PodBox[], { edges }: Topology) {
  const served = edges.filter(({ mountPodUid }) => mountPodUid === uid);
  const tops = pods
    .filter(({ pod }) => served.some(({ podUid }) => podUid === pod.uid))
    .map(({ y }) => y);
  return tops.length > 0 ? Math.round((Math.min(...tops) + Math.max(...tops)) / 2) : undefined;
}

function down(first: Box, index: number): Box {
  return { ...first, y: first.y + index * (CARD_HEIGHT + CARD_GAP) };
}

function findBottom(boxes: Box[]): number | undefined {
  const bottoms = boxes.map(({ y, height }) => y + height);
  return bottoms.length > 0 ? Math.max(...bottoms) : undefined;
}

function compare(one: number, other: number): number {
  return one < other ? -1 : Number(one > other);
}

function box(x: number, y: number, width: number, height: number): Box {
  return { x, y, width, height };
}
