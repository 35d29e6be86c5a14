// Which pod, and which port of it, stands behind a port of a Service? (pure)

/** `v1.Service`, the fields that are read. */
export interface Service {
  spec?: {
    selector?: Record<string, string>;
    ports?: { port: number; targetPort?: number | string }[];
  };
}

/** `v1.PodList`, the fields that are read. */
export interface PodList {
  items: {
    metadata: { name: string; deletionTimestamp?: string };
    spec?: { containers?: { ports?: { name?: string; containerPort: number }[] }[] };
    status?: { conditions?: { type: string; status: string }[] };
  }[];
}

type Pod = PodList['items'][number];

/** The first ready pod of those that the Service selects, with the port that its `targetPort` means there. */
export function findServicePod(
  service: Service,
  port: number,
  { items }: PodList,
): { pod: string; port: number } | undefined {
  const wanted = service.spec?.ports?.find((each) => each.port === port)?.targetPort ?? port;
  for (const pod of items) {
    const found = typeof wanted === 'number' ? wanted : findNamedPort(pod, wanted);
    if (found !== undefined && isReady(pod)) return { pod: pod.metadata.name, port: found };
  }
  return undefined;
}

function findNamedPort(pod: Pod, name: string): number | undefined {
  const ports = (pod.spec?.containers ?? []).flatMap((container) => container.ports ?? []);
  return ports.find((each) => each.name === name)?.containerPort;
}

function isReady({ metadata, status }: Pod): boolean {
  if (metadata.deletionTimestamp !== undefined) return false;
  return (
    status?.conditions?.some((each) => each.type === 'Ready' && each.status === 'True') ?? false
  );
}
