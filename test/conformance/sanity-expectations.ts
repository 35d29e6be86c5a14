// Which specs of csi-sanity must run, and why are the others left out?

/** Every spec that must run and pass. A newer csi-sanity that has more is to be looked at. */
export const RUN: readonly string[] = [
  'Identity Service GetPluginCapabilities should return appropriate capabilities',
  'Identity Service GetPluginInfo should return appropriate information',
  'Identity Service Probe should return appropriate information',
  'Node Service NodeGetCapabilities should return appropriate capabilities',
  'Node Service NodeGetInfo should return appropriate values',
  'Node Service NodePublishVolume should fail when no target path is provided',
  'Node Service NodePublishVolume should fail when no volume capability is provided',
  'Node Service NodePublishVolume should fail when no volume id is provided',
  'Node Service NodeUnpublishVolume should fail when no target path is provided',
  'Node Service NodeUnpublishVolume should fail when no volume id is provided',
  'Node Service NodeUnpublishVolume should remove target path',
  'Node Service should be idempotent',
  'Node Service should work',
];

const NO_STAGE =
  'Nothing is made once for a node before pods: a volume root belongs to one pod, so STAGE_UNSTAGE_VOLUME is not offered.';
const NO_STATS =
  "The kubelet's statistics would stat what a storage client serves, and a hung one would hold the kubelet up; GET_VOLUME_STATS is not offered.";
const NO_EXPANSION = 'A bucket has no size; EXPAND_VOLUME is not offered.';
const NO_HEALTH = 'The claim tells how its mounts are; the alpha health calls are not offered.';
const ONE_POD =
  'Only the kubelet makes these volumes, each for one pod and with one target path; SINGLE_NODE_MULTI_WRITER is not offered.';

/** Spec of the Identity and Node services that csi-sanity itself leaves out -> why that is right. */
export const SKIPPED: Readonly<Record<string, string>> = {
  'Node Service NodePublishVolume with single node multi writer capability should fail when volume with single node single writer access mode is already mounted at a different target path':
    ONE_POD,
  'Node Service NodeStageVolume should fail when no volume id is provided': NO_STAGE,
  'Node Service NodeStageVolume should fail when no staging target path is provided': NO_STAGE,
  'Node Service NodeStageVolume should fail when no volume capability is provided': NO_STAGE,
  'Node Service NodeUnstageVolume should fail when no volume id is provided': NO_STAGE,
  'Node Service NodeUnstageVolume should fail when no staging target path is provided': NO_STAGE,
  'Node Service NodeGetVolumeStats should fail when no volume id is provided': NO_STATS,
  'Node Service NodeGetVolumeStats should fail when no volume path is provided': NO_STATS,
  'Node Service NodeGetVolumeStats should fail when volume is not found': NO_STATS,
  'Node Service NodeGetVolumeStats should fail when volume does not exist on the specified path':
    NO_STATS,
  'Node Service NodeExpandVolume should fail when no volume id is provided': NO_EXPANSION,
  'Node Service NodeExpandVolume should fail when no volume path is provided': NO_EXPANSION,
  'Node Service NodeExpandVolume should fail when volume is not found': NO_EXPANSION,
  'Node Service NodeExpandVolume should work if node-expand is called after node-publish':
    NO_EXPANSION,
  'Node Service NodeGetVolumeHealth should fail when no volume id is provided': NO_HEALTH,
  'Node Service NodeGetVolumeHealth should return health for a valid volume': NO_HEALTH,
  'Node Service NodeGetStorageHealth should return appropriate response': NO_HEALTH,
};

/**
 * Other services. An ephemeral driver has no controller: there is nothing to create, attach, expand or take snapshots
 * of. The one that csi-sanity sees is the shim's, which it would only test for being a shim.
 */
export const OTHER_SERVICES: readonly string[] = [
  'Controller Service [Controller Server]',
  'ControllerGetVolumeHealth [Controller Server]',
  'ControllerListVolumeHealth [Controller Server]',
  'CreateSnapshot [Controller Server]',
  'DeleteSnapshot [Controller Server]',
  'ExpandVolume [Controller Server]',
  'GetSnapshot [Controller Server]',
  'GroupController Service [GroupController Server]',
  'GroupController Service [GroupController VolumeGroupSnapshots]',
  'ListSnapshots [Controller Server]',
  'ModifyVolume [Controller Server]',
];
