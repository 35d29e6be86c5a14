// Where is the storage of a claim, and what serves it? (drawn)
import type { RefObject } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { buildTopology } from '../model/topology.ts';
import type { ClaimDetail } from '../model/views.ts';
import { MarkShape } from './mark.tsx';
import { POD_WORDS } from './marks.ts';
import { Notice } from './notice.tsx';
import { shortenName } from './shorten-name.ts';
import type { DrawnEdge } from './topology-edges.ts';
import {
  layoutTopology,
  type Box,
  type MountPodBox,
  type NodeBox,
  type PodBox,
} from './topology-layout.ts';

/** Widths of a letter, CSS pixels: the names have a monospaced font of 12 px, the notes are smaller. */
const NAME_LETTER = 7.3;
const NOTE_LETTER = 6.2;
const CARD_PADDING = 10;

export function TopologyView({ detail }: { detail: ClaimDetail }) {
  const isEmpty = detail.pods.length === 0 && detail.mountPods.length === 0;
  return isEmpty ? <NoPods detail={detail} /> : <Frame detail={detail} />;
}

/** As wide as there is room. */
function Frame({ detail }: { detail: ClaimDetail }) {
  const frame = useRef<HTMLDivElement>(null);
  const width = useWidth(frame);
  return (
    <div class="topology" ref={frame}>
      {width > 0 && <Drawing detail={detail} width={width} />}
    </div>
  );
}

function Drawing({ detail, width }: { detail: ClaimDetail; width: number }) {
  const topology = useMemo(() => buildTopology(detail), [detail]);
  const drawing = useMemo(() => layoutTopology(topology, width), [topology, width]);
  const { height, claim, nodes, edges, more } = drawing;
  return (
    <svg
      viewBox={`0 0 ${width} ${height}`}
      width={width}
      height={height}
      role="img"
      aria-label={describe(detail, nodes)}
    >
      {nodes.map((node) => (
        <NodeFrame key={node.name} node={node} />
      ))}
      {edges.map((edge) => (
        <path key={edge.key} class={`edge edge-${edge.mark}`} d={edge.path} />
      ))}
      <Card
        place={claim}
        kind="claim"
        name={detail.name}
        note={`${detail.attached} of ${detail.matched} pods`}
      />
      {nodes.flatMap(({ pods }) => pods.map((pod) => <PodCard key={pod.pod.uid} place={pod} />))}
      {nodes.flatMap(({ mountPods }) =>
        mountPods.map((one) => <MountPodCard key={one.mountPod.uid} place={one} />),
      )}
      {edges.map((edge) => (
        <EdgeMark key={edge.key} edge={edge} />
      ))}
      {more && <MorePods place={more} count={detail.morePods} />}
    </svg>
  );
}

function NodeFrame({ node: { name, x, y, width, height } }: { node: NodeBox }) {
  const title = name ? `node ${name}` : 'no node yet';
  return (
    <g class="node">
      <title>{title}</title>
      <rect x={x} y={y} width={width} height={height} rx="10" />
      <text x={x + 18} y={y + 20}>
        {shortenName(title, Math.floor((width - 36) / NOTE_LETTER))}
      </text>
    </g>
  );
}

function PodCard({ place }: { place: PodBox }) {
  const { name, state, reason } = place.pod;
  const note = reason && reason !== state ? `${POD_WORDS[state]}: ${reason}` : POD_WORDS[state];
  return <Card place={place} kind={`pod pod-${state}`} name={name} note={note} />;
}

function MountPodCard({ place }: { place: MountPodBox }) {
  const { name, state, shared } = place.mountPod;
  const kind = shared ? 'shared mount pod' : 'mount pod';
  const note = state === 'Running' ? kind : `mount pod: ${state}`;
  return <Card place={place} kind="mount-pod" name={name} note={note} />;
}

interface CardProps {
  place: Box;
  kind: string;
  name: string;
  note: string;
}

function Card({ place: { x, y, width, height }, kind, name, note }: CardProps) {
  const room = width - 2 * CARD_PADDING;
  return (
    <g class={`card ${kind}`}>
      <title>{`${name}\n${note}`}</title>
      <rect x={x} y={y} width={width} height={height} rx="7" />
      <text class="card-name" x={x + CARD_PADDING} y={y + height / 2 - 4}>
        {shortenName(name, Math.floor(room / NAME_LETTER))}
      </text>
      <text class="card-note" x={x + CARD_PADDING} y={y + height / 2 + 13}>
        {shortenName(note, Math.floor(room / NOTE_LETTER))}
      </text>
    </g>
  );
}

function EdgeMark({ edge: { at, mark } }: { edge: DrawnEdge }) {
  return (
    <g class="edge-mark" transform={`translate(${at.x - 8} ${at.y - 8})`}>
      <circle cx="8" cy="8" r="9" />
      <MarkShape kind={mark} />
    </g>
  );
}

function MorePods({ place: { x, y, width, height }, count }: { place: Box; count: number }) {
  return (
    <g class="more-pods">
      <rect x={x} y={y} width={width} height={height} rx="10" />
      <text x={x + 18} y={y + height / 2 + 4}>
        and {count} more {count === 1 ? 'pod' : 'pods'}
      </text>
    </g>
  );
}

function NoPods({ detail }: { detail: ClaimDetail }) {
  const { matchLabels = {}, matchExpressions = [] } = detail.spec.selector;
  const labels = Object.entries(matchLabels).map(([key, value]) => `${key}=${value}`);
  const rules = matchExpressions.map(({ key, operator, values = [] }) =>
    [key, operator, values.join(', ')].join(' ').trim(),
  );
  const selector = [...labels, ...rules].join(', ');
  return (
    <Notice
      kind="waiting"
      title="No pod has the storage"
      text={`The claim is for the pods of namespace ${detail.namespace} with ${selector}.`}
    />
  );
}

/** What the drawing shows, for who does not see it. */
function describe(detail: ClaimDetail, nodes: NodeBox[]): string {
  const places = nodes.map(({ name, pods, mountPods }) => {
    const told = pods.map(({ pod }) => `pod ${pod.name} ${POD_WORDS[pod.state]}`);
    const serving = mountPods.map(({ mountPod }) => `mount pod ${mountPod.name} ${mountPod.state}`);
    return `${name ? `On node ${name}` : 'On no node yet'}: ${[...told, ...serving].join(', ')}.`;
  });
  return [`Claim ${detail.name}.`, ...places].join(' ');
}

/** Width of an element, CSS pixels; 0 until it is known. */
function useWidth(element: RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const { current } = element;
    if (!current) return;
    const observer = new ResizeObserver(([entry]) => {
      if (entry) setWidth(Math.floor(entry.contentRect.width));
    });
    observer.observe(current);
    return () => {
      observer.disconnect();
    };
  }, [element]);
  return width;
}
