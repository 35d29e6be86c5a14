// What do the two CustomResourceDefinitions say? (schemas from zod, rules in CEL)
import { CLAIM_RULES } from './claim-rules.ts';
import { CLASS_RULES } from './class-rules.ts';
import { DynamicVolumeClaimSpec, DynamicVolumeClaimStatus } from './dynamic-volume-claim.ts';
import { API_VERSION, CLAIM_PLURAL, CLASS_PLURAL, GROUP } from './names.ts';
import { StorageProviderClassSpec } from './storage-provider-class.ts';
import { addRules, buildStructuralSchema } from './structural-schema.ts';
import type { StructuralSchema } from './structural-schema.ts';

interface Names {
  kind: string;
  plural: string;
  shortName: string;
  scope: 'Namespaced' | 'Cluster';
}

interface Column {
  name: string;
  type: 'string' | 'date';
  jsonPath: string;
  description: string;
  priority?: number;
}

function buildCrd(names: Names, schema: StructuralSchema, columns: Column[]) {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${names.plural}.${GROUP}` },
    spec: {
      group: GROUP,
      scope: names.scope,
      names: {
        kind: names.kind,
        listKind: `${names.kind}List`,
        plural: names.plural,
        singular: names.kind.toLowerCase(),
        shortNames: [names.shortName],
        categories: ['dynamic-volumes'],
      },
      versions: [
        {
          name: API_VERSION,
          served: true,
          storage: true,
          additionalPrinterColumns: columns,
          ...(schema.properties?.status ? { subresources: { status: {} } } : {}),
          schema: { openAPIV3Schema: schema },
        },
      ],
    },
  };
}

const AGE: Column = {
  name: 'AGE',
  type: 'date',
  jsonPath: '.metadata.creationTimestamp',
  description: 'Time since creation.',
};

function buildRoot(description: string, properties: Record<string, StructuralSchema>) {
  return { type: 'object', description, properties, required: ['spec'] } as StructuralSchema;
}

/** A rule looks at every label, so that their number must be bounded. */
function boundSelector(selector: StructuralSchema | undefined): void {
  Object.assign(selector?.properties?.matchLabels ?? {}, { maxProperties: 64 });
}

/** `dynamicvolumeclaims`, namespaced, with a status subresource. */
export function buildClaimCrd() {
  const status = buildStructuralSchema(DynamicVolumeClaimStatus);
  Object.assign(status, { description: 'What was done; written by the controller alone.' });
  Object.assign(status.properties?.conditions ?? {}, {
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': ['type'],
  });
  const spec = buildStructuralSchema(DynamicVolumeClaimSpec);
  Object.assign(spec, { description: 'Which storage shall appear where.' });
  boundSelector(spec.properties?.selector);
  const schema = buildRoot('Mounts storage into pods that are already running.', { spec, status });
  for (const { at, rules } of CLAIM_RULES) addRules(schema, at, rules);
  return buildCrd(
    {
      kind: 'DynamicVolumeClaim',
      plural: CLAIM_PLURAL,
      shortName: 'dvc',
      scope: 'Namespaced',
    },
    schema,
    [
      column('PROVIDER', '.status.provider', 'Kind of storage.'),
      column('CLASS', '.status.storageProviderClassName', 'StorageProviderClass in use.'),
      column('MOUNTPOINT', '.spec.mountpoint', "Path below the pod's volume root."),
      column('READY', '.status.conditions[?(@.type=="Ready")].status', 'All pods are served.'),
      column('ATTACHED', '.status.attachedOfMatched', 'Pods served, of pods matched.'),
      AGE,
      {
        ...column(
          'REASON',
          '.status.conditions[?(@.type=="Ready")].reason',
          'Why it is (not) ready.',
        ),
        priority: 1,
      },
    ],
  );
}

/** `storageproviderclasses`, cluster-scoped. */
export function buildClassCrd() {
  const spec = buildStructuralSchema(StorageProviderClassSpec);
  Object.assign(spec, { description: 'How mount pods of this class reach their storage.' });
  Object.assign(spec.properties?.parameters ?? {}, { maxProperties: 32 });
  boundSelector(spec.properties?.allowedNamespaces);
  const schema = buildRoot('Credentials and mount pod resources for one kind of storage.', {
    spec,
  });
  for (const { at, rules } of CLASS_RULES) addRules(schema, at, rules);
  return buildCrd(
    {
      kind: 'StorageProviderClass',
      plural: CLASS_PLURAL,
      shortName: 'spclass',
      scope: 'Cluster',
    },
    schema,
    [column('PROVIDER', '.spec.provider', 'Kind of storage.'), AGE],
  );
}

function column(name: string, jsonPath: string, description: string): Column {
  return { name, type: 'string', jsonPath, description };
}
