// Which workflows are in the bundle?
export { dynamicVolumeClaimWorkflow } from './dynamic-volume-claim.ts';
export { driftAuditWorkflow } from './drift-audit.ts';
