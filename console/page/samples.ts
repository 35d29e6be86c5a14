// Which texts does the page offer to copy? (pure)
import { API_VERSION, CONSOLE_LOOPBACK_PORT, GROUP, SYSTEM_NAMESPACE } from '../../api/names.ts';

/** A claim to begin with. */
export function buildClaimText(namespace = 'default'): string {
  return `apiVersion: ${GROUP}/${API_VERSION}
kind: DynamicVolumeClaim
metadata:
  name: my-data
  namespace: ${namespace}
spec:
  selector:
    matchLabels: { app: web }
  mountpoint: /data
  s3Config:
    bucket: my-bucket
    endpoint: https://s3.example.com
`;
}

/** Brings the console to this machine. */
export const CONTROLLER_FORWARD = `kubectl port-forward -n ${SYSTEM_NAMESPACE} deploy/controller ${CONSOLE_LOOPBACK_PORT}`;

/** Tells whether somebody may see the claims of a namespace. */
export function buildRightCheck(namespace = 'NAMESPACE'): string {
  return `kubectl auth can-i list dynamicvolumeclaims.${GROUP} -n ${namespace}`;
}
