import { expect, it } from 'vitest';
import { buildBootstrapObjects } from '../../../../deploy/stack/bootstrap-objects.ts';
import {
  buildControlPlane,
  buildFingerprint,
  buildNodeComponents,
} from '../../../../deploy/stack/components/all.ts';
import { nodes } from '../../../../deploy/stack/nodes.ts';
import { stackPaths } from '../../../../deploy/stack/stack-paths.ts';

type ServiceOrSlice = {
  kind: string;
  metadata: { name: string; labels?: Record<string, string> };
  spec?: { ports: unknown[] };
  ports?: unknown[];
};

const ofNodes = nodes.map((node) => buildNodeComponents(node, 'docker.io/dynvol/pause:1'));
const components = [buildControlPlane(), ...ofNodes].flatMap(({ first, second }) => [
  ...first,
  ...second,
]);

it('the fingerprint changes with the definition and only with it', () => {
  const fingerprint = buildFingerprint('docker.io/dynvol/pause:1');

  expect(buildFingerprint('docker.io/dynvol/pause:1')).toBe(fingerprint);
  expect(buildFingerprint('docker.io/dynvol/pause:2')).not.toBe(fingerprint);
});

it('every file of a component lies in the folder that goes away with the stack', () => {
  const paths = components.flatMap(({ files, folders }) => [
    ...Object.keys(files ?? {}),
    ...(folders ?? []),
  ]);

  expect(paths.filter((path) => !path.startsWith(`${stackPaths.state}/`))).toEqual([]);
});

it.each([
  ['name', components.map(({ name }) => name)],
  ['file', components.flatMap(({ files }) => Object.keys(files ?? {}))],
  ['address of a node', nodes.map(({ address }) => address)],
  ['range of pods', nodes.map(({ podCidr }) => podCidr)],
])('no two components of any node have the same %s', (_, values) => {
  expect(values.toSorted()).toEqual([...new Set(values)].toSorted());
});

it('every Service without selector has an endpoint slice for each port', () => {
  const objects = buildBootstrapObjects().map(({ object }) => object as ServiceOrSlice);
  const services = objects.filter(({ kind }) => kind === 'Service');

  for (const { metadata, spec } of services) {
    const slices = objects.filter(
      (object) => object.metadata.labels?.['kubernetes.io/service-name'] === metadata.name,
    );
    expect(slices.map(({ ports }) => ports?.[0])).toEqual(spec?.ports);
  }
});
