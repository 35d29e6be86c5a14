// Does the drawing of a claim say what is, in places that do not overlap?
import { describe, expect, it } from 'vitest';
import { buildTopology } from '../../../../console/model/topology.ts';
import type { ClaimDetail } from '../../../../console/model/views.ts';
import { layoutTopology, type Box } from '../../../../console/page/topology-layout.ts';
import {
  buildSampleClaim,
  buildSampleClaims,
  buildSampleMountPod,
  buildSamplePod,
} from '../../../console/claims.ts';

const WIDTHS = [358, 559, 560, 700, 1_400];

function layout(changes: Partial<ClaimDetail>, width = 700) {
  return layoutTopology(buildTopology(buildSampleClaim(changes).detail), width);
}

function overlap(one: Box, other: Box): boolean {
  return (
    one.x < other.x + other.width &&
    other.x < one.x + one.width &&
    one.y < other.y + other.height &&
    other.y < one.y + one.height
  );
}

function holds(outer: Box, inner: Box): boolean {
  return (
    inner.x >= outer.x &&
    inner.y >= outer.y &&
    inner.x + inner.width <= outer.x + outer.width &&
    inner.y + inner.height <= outer.y + outer.height
  );
}

const pods = Array.from({ length: 20 }, (_, index) =>
  buildSamplePod(`web-${index}`, `node${index % 3}`),
);
const crowded = buildSampleClaim({
  pods,
  morePods: 180,
  mountPods: [
    ...pods.map((pod) => buildSampleMountPod([pod])),
    buildSampleMountPod(
      pods.filter(({ node }) => node === 'node1'),
      { uid: 'shared', name: 's3-shared-1' },
    ),
  ],
});

describe('a drawing', () => {
  it.each(
    [...buildSampleClaims(), crowded].flatMap(({ detail }) =>
      WIDTHS.map((width) => [detail.name, width, detail] as const),
    ),
  )('of %s, %i wide, has everything inside and nothing above another', (_name, width, detail) => {
    const { height, claim, nodes, more } = layoutTopology(buildTopology(detail), width);
    const frame = { x: 0, y: 0, width, height };
    const apart = [claim, ...nodes, ...(more ? [more] : [])];
    for (const [index, box] of apart.entries()) {
      expect(holds(frame, box)).toBe(true);
      expect(apart.slice(index + 1).filter((other) => overlap(box, other))).toEqual([]);
    }
    for (const node of nodes) {
      const cards = [...node.pods, ...node.mountPods];
      for (const [index, card] of cards.entries()) {
        expect(holds(node, card)).toBe(true);
        expect(cards.slice(index + 1).filter((other) => overlap(card, other))).toEqual([]);
      }
    }
  });

  it('is the same in whatever order pods and mount pods are told', () => {
    const { detail } = crowded;
    const turned = {
      ...detail,
      pods: detail.pods.toReversed(),
      mountPods: detail.mountPods.toReversed(),
    };
    expect(layoutTopology(buildTopology(turned), 700)).toEqual(
      layoutTopology(buildTopology(detail), 700),
    );
  });

  it('has an edge to every pod, with a mark of its state', () => {
    const states = ['Attached', 'Pending', 'Failed', 'NotInjected', 'Detaching'] as const;
    const { edges } = layout({
      pods: states.map((state, index) => buildSamplePod(`web-${index}`, 'node1', { state })),
      mountPods: [],
    });
    expect(edges.map(({ key, mark }) => [key, mark])).toEqual([
      ['claim-uid-web-0', 'ok'],
      ['claim-uid-web-1', 'busy'],
      ['claim-uid-web-2', 'failed'],
      ['claim-uid-web-3', 'absent'],
      ['claim-uid-web-4', 'leaving'],
    ]);
  });

  it.each([
    ['Running', 'ok'],
    ['Pending', 'busy'],
    ['Ending', 'leaving'],
    ['ImagePullBackOff', 'failed'],
  ])('marks the edge to a mount pod that is %s as %s', (state, mark) => {
    const pod = buildSamplePod('web-0', 'node1');
    const { edges } = layout({ pods: [pod], mountPods: [buildSampleMountPod([pod], { state })] });
    expect(edges.at(-1)).toMatchObject({ key: 'uid-web-0-mount-uid-web-0', mark });
  });

  it('puts a shared mount pod beside the middle of its pods', () => {
    const three = [0, 1, 2].map((index) => buildSamplePod(`web-${index}`, 'node1'));
    const { nodes } = layout({ pods: three, mountPods: [buildSampleMountPod(three)] });
    expect(nodes[0]?.mountPods[0]?.y).toBe(nodes[0]?.pods[1]?.y);
  });

  it('puts pods without a node last', () => {
    const { node: _none, ...homeless } = buildSamplePod('web-0', '', { state: 'Pending' });
    const { nodes } = layout({ pods: [homeless, buildSamplePod('web-1', 'node9')] });
    expect(nodes.map(({ name }) => name)).toEqual(['node9', '']);
  });

  it('tells of pods that are not named', () => {
    expect(layout({ morePods: 3 }).more).toBeDefined();
    expect(layout({ morePods: 0 }).more).toBeUndefined();
  });
});
