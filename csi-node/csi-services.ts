// Which CSI calls do we answer, and how? (CSI spec 1.11: Identity and Node services; kubelet plugin registration)
import type { Server } from '@grpc/grpc-js';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { DRIVER_NAME } from '../api/names.ts';
import type { Config } from './config.ts';
import { buildHandler, loadService, type UnaryMethod } from './grpc-handler.ts';
import { type Locks, podLock, sourceLock } from './locks.ts';
import {
  checkVolumeId,
  type NodePublishVolumeRequest,
  parsePublishRequest,
  parseTargetPath,
} from './publish-request.ts';
import { ensurePublished, removePublished } from './publish-volume.ts';
import type { ServedSources } from './served-sources.ts';
import { removeUnusedSource } from './source.ts';
import { VolumeError } from '../api/errors.ts';

/** What the CSI services work with. */
export interface CsiDependencies {
  config: Config;
  version: string;
  locks: Locks;
  served: ServedSources;
  log: Logger;
}

/** The kubelet wants its answer within a minute. */
const RELEASE_DEADLINE_MS = 5_000;

interface NodeUnpublishVolumeRequest {
  volumeId: string;
  targetPath: string;
}

async function publish(deps: CsiDependencies, request: NodePublishVolumeRequest): Promise<object> {
  const { kubeletDir } = deps.config;
  const parsed = parsePublishRequest(request, kubeletDir);
  const { podUid } = parsed.target;
  await deps.locks.run(podLock(podUid), () => ensurePublished(parsed, kubeletDir));
  deps.log.info({ podUid, volumeId: request.volumeId }, 'Published volume root');
  return {};
}

async function release({ locks, served, log }: CsiDependencies, sourceKey: string): Promise<void> {
  try {
    await locks.run(sourceLock(sourceKey), () => removeUnusedSource(served, sourceKey));
  } catch (thrown) {
    log.warn({ sourceKey, err: VolumeError.from(thrown).message }, 'Source was kept');
  }
}

async function unpublish(
  deps: CsiDependencies,
  request: NodeUnpublishVolumeRequest,
): Promise<object> {
  checkVolumeId(request.volumeId);
  if (request.targetPath === '')
    throw new VolumeError('INVALID_ARGUMENT', 'target_path is missing');
  const target = parseTargetPath(request.targetPath, deps.config.kubeletDir);
  // A path that we cannot have published holds nothing of ours; an error would make the kubelet ask for ever.
  if (target === undefined) return {};
  const sourceKeys = await deps.locks.run(podLock(target.podUid), () =>
    removePublished(request.volumeId, target),
  );
  const released = Promise.all([...sourceKeys].map((key) => release(deps, key)));
  // Somebody may be making one of them anew, on a mount pod that does not start; it is released after that.
  await Promise.race([released, sleep(RELEASE_DEADLINE_MS, undefined, { ref: false })]);
  deps.log.info({ podUid: target.podUid, volumeId: request.volumeId }, 'Unpublished volume root');
  return {};
}

/** Adds CSI's Identity and Node services to a server. Calls that are not here are UNIMPLEMENTED. */
export function addCsiServices(server: Server, deps: CsiDependencies): void {
  const { config, version, log } = deps;
  const load = (name: string) => loadService(config.protoDir, 'csi.proto', `csi.v1.${name}`);
  const answer = <Request>(name: string, method: UnaryMethod<Request, object>) =>
    buildHandler(log, name, method);
  server.addService(load('Identity'), {
    GetPluginInfo: answer('GetPluginInfo', () => ({ name: DRIVER_NAME, vendorVersion: version })),
    GetPluginCapabilities: answer('GetPluginCapabilities', () => ({ capabilities: [] })),
    Probe: answer('Probe', () => ({ ready: { value: true } })),
  });
  server.addService(load('Node'), {
    NodePublishVolume: answer('NodePublishVolume', (request: NodePublishVolumeRequest) =>
      publish(deps, request),
    ),
    NodeUnpublishVolume: answer('NodeUnpublishVolume', (request: NodeUnpublishVolumeRequest) =>
      unpublish(deps, request),
    ),
    NodeGetInfo: answer('NodeGetInfo', () => ({ nodeId: config.nodeName })),
    NodeGetCapabilities: answer('NodeGetCapabilities', () => ({ capabilities: [] })),
  });
}

interface RegistrationStatus {
  pluginRegistered: boolean;
  error: string;
}

/** Adds the service by which the kubelet learns of our CSI socket (kubelet plugin registration v1). */
export function addRegistrationService(server: Server, deps: CsiDependencies): void {
  const { config, log } = deps;
  const service = loadService(
    config.protoDir,
    'registration.proto',
    'pluginregistration.Registration',
  );
  server.addService(service, {
    GetInfo: buildHandler(log, 'GetInfo', () => ({
      type: 'CSIPlugin',
      name: DRIVER_NAME,
      endpoint: config.csiSocket,
      supportedVersions: ['1.0.0'],
    })),
    NotifyRegistrationStatus: buildHandler(
      log,
      'NotifyRegistrationStatus',
      (status: RegistrationStatus) => {
        if (status.pluginRegistered) log.info('Registered with the kubelet');
        else log.error({ err: status.error }, 'Kubelet refused the registration');
        return {};
      },
    ),
  });
}
