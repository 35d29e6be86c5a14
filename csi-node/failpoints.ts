// Where can a test end the agent, as a crash between two steps would?

/**
 * Places between steps that the kernel remembers, each named for what has just happened. One file of the lab sweeps
 * over all of them (test/node/failpoints.test.ts); there are never more than 40.
 */
export const FAILPOINTS = [
  'publish: folder of the volume root made',
  'publish: volume root mounted',
  'publish: target path made',
  'publish: shown at the target path',
  'attach: mount pod found',
  'attach: file system made',
  'attach: descriptor left for rclone',
  'attach: rclone serves',
  'attach: mount answers',
  'attach: place in the stage made',
  'attach: source parked',
  'attach: parked mount cloned',
  'attach: mountpoint made',
  'attach: shown to the pod',
  'swap: new mount beneath',
  'swap: old mount gone',
  'swap: old mount gone before the new one came',
  'swap: interrupted one finished',
  'detach: plainly unmounted',
  'detach: connection aborted',
  'detach: lazily unmounted',
  'detach: mountpoint removed',
  'release: about to release',
  'release: parked mount gone',
  'release: place in the stage removed',
  'retire: uploads looked at',
  'retire: mount pod told to end',
  'unpublish: children gone at the volume root',
  'unpublish: connection aborted',
  'unpublish: forced',
  'unpublish: children gone at the target path',
  'unpublish: target path unmounted',
  'unpublish: volume root unmounted',
  'unpublish: folder of the volume root removed',
  'unpublish: target path removed',
] as const;

/** One of the places. */
export type Failpoint = (typeof FAILPOINTS)[number];

let armed: string | undefined;

/** Lets the agent die when it reaches a place, and nothing else ever. */
export function armFailpoint(name: Failpoint): void {
  armed = name;
}

/** Tells that a place is reached. Nothing happens unless it is armed: then this process ends here and now. */
export function reach(name: Failpoint): void {
  if (name === armed) process.kill(process.pid, 'SIGKILL');
}
