// What can a cluster test do with a DynamicVolumeClaim, and see of it?
import { buildWorkflowId } from '../../api/names.ts';
import type { LabelSelector } from '../../api/label-selector.ts';
import { find, remove, removeAndWait, waitFor, type AnyObject, type Ref } from './kube.ts';
import { CLAIM_API, HEAL_MS, READY_MS, REASON_MS, S3_TLS } from './names.ts';
import { Workflow } from './workflow.ts';

export interface ClaimOptions {
  name?: string;
  namespace?: string;
  /** `matchLabels`. */
  selector?: Record<string, string>;
  matchExpressions?: LabelSelector['matchExpressions'];
  mountpoint?: string;
  bucket?: string;
  endpoint?: string;
  prefix?: string;
  region?: string;
  readOnly?: boolean;
  className?: string;
}

/** A claim for the pods with `app: web`, unless its options say otherwise. */
export function buildClaim(
  defaults: { namespace: string; bucket: string },
  options: ClaimOptions,
): AnyObject & Ref {
  const { readOnly, className, prefix, region, matchExpressions } = options;
  const matchLabels = options.selector ?? (matchExpressions ? undefined : { app: 'web' });
  return {
    apiVersion: CLAIM_API,
    kind: 'DynamicVolumeClaim',
    metadata: {
      name: options.name ?? 'data',
      namespace: options.namespace ?? defaults.namespace,
    },
    spec: {
      selector: {
        ...(matchLabels ? { matchLabels } : {}),
        ...(matchExpressions ? { matchExpressions } : {}),
      },
      mountpoint: options.mountpoint ?? '/data',
      s3Config: {
        bucket: options.bucket ?? defaults.bucket,
        endpoint: options.endpoint ?? S3_TLS,
        ...(prefix === undefined ? {} : { prefix }),
        ...(region === undefined ? {} : { region }),
      },
      ...(readOnly === undefined ? {} : { readOnly }),
      ...(className === undefined ? {} : { storageProviderClassName: className }),
    },
  };
}

/** A DynamicVolumeClaim. */
export class Claim {
  readonly ref: Ref;
  readonly uid: string;
  readonly workflow: Workflow;

  constructor(ref: Ref, uid: string) {
    this.ref = ref;
    this.uid = uid;
    this.workflow = new Workflow(this.workflowId);
  }

  get workflowId(): string {
    const { namespace = '', name } = this.ref.metadata;
    return buildWorkflowId({ namespace, name, uid: this.uid });
  }

  async ready(): Promise<AnyObject | undefined> {
    return findCondition(await find(this.ref), 'Ready');
  }

  async status(): Promise<AnyObject> {
    return (await find(this.ref))?.status ?? {};
  }

  /** Names of the pods that the status lists in this state, sorted. */
  async podsIn(state: string): Promise<string[]> {
    const pods = ((await this.status())['pods'] ?? []) as AnyObject[];
    return pods
      .filter((pod) => pod['state'] === state)
      .map((pod) => String(pod['name']))
      .sort();
  }

  async waitReady(timeoutMs = READY_MS): Promise<void> {
    await waitFor(this.ref, 'is Ready', (claim) => isReady(claim), timeoutMs);
  }

  /** Waits for Ready=False with this reason; the condition's message. */
  async waitReason(reason: string, timeoutMs = REASON_MS): Promise<string> {
    const says = (claim: AnyObject) => {
      const ready = findCondition(claim, 'Ready');
      return ready?.['reason'] === reason && ready['status'] !== 'True';
    };
    const claim = await waitFor(this.ref, `says ${reason}`, says, timeoutMs);
    return String(findCondition(claim, 'Ready')?.['message']);
  }

  /** Waits until any condition has this reason; its message. */
  async waitCondition(reason: string, timeoutMs = HEAL_MS): Promise<string> {
    const claim = await waitFor(
      this.ref,
      `has a condition with the reason ${reason}`,
      (seen) => listConditions(seen).some((one) => one['reason'] === reason),
      timeoutMs,
    );
    const found = listConditions(claim).find((one) => one['reason'] === reason);
    return String(found?.['message']);
  }

  /** Waits until a person's `detach` is carried out; the message of Ready. */
  async waitDetached(timeoutMs = HEAL_MS): Promise<string> {
    const isDone = (claim: AnyObject) =>
      findCondition(claim, 'Ready')?.['reason'] === 'Detached' &&
      findCondition(claim, 'Reconciling') === undefined;
    const claim = await waitFor(this.ref, 'is detached', isDone, timeoutMs);
    return String(findCondition(claim, 'Ready')?.['message']);
  }

  /** Waits until so many pods are served. */
  async waitAttached(count: number, timeoutMs = READY_MS): Promise<void> {
    const says = (claim: AnyObject) => claim['status']?.attached === count;
    await waitFor(this.ref, `is attached in ${count} pods`, says, timeoutMs);
  }

  /** Asks for the deletion without waiting. */
  async remove(): Promise<void> {
    await remove(this.ref);
  }

  async delete(timeoutMs = READY_MS): Promise<void> {
    await removeAndWait(this.ref, timeoutMs);
  }
}

export function listConditions(object: AnyObject | undefined): AnyObject[] {
  return (object?.['status']?.conditions ?? []) as AnyObject[];
}

export function findCondition(object: AnyObject | undefined, type: string): AnyObject | undefined {
  return listConditions(object).find((condition) => condition['type'] === type);
}

function isReady(claim: AnyObject): boolean {
  return (
    findCondition(claim, 'Ready')?.['status'] === 'True' &&
    claim['status']?.observedGeneration === claim.metadata?.generation
  );
}
