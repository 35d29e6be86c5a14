// Which tier runs when?

/** In the order in which they find a fault soonest. */
export const TIERS = ['check', 'unit', 'workflow', 'node', 'demo', 'cluster', 'soak'] as const;
export type Tier = (typeof TIERS)[number];

/** Tiers that need neither the product of the stack nor the whole machine. */
const COMPANIONS: readonly Tier[] = ['workflow', 'node'];

/**
 * Pure: the tiers of one round. Those that can run while the cluster tier waits for outages, which leaves the
 * machine idle for most of 20 minutes, do so; with one file of each tier there is nothing to gain.
 */
export function planRound(tiers: readonly Tier[], file: string | undefined) {
  const cluster = tiers.indexOf('cluster');
  if (cluster === -1 || file !== undefined) return { before: tiers, beside: [], after: [] };
  const isCompanion = (tier: Tier) => COMPANIONS.includes(tier);
  return {
    before: tiers.slice(0, cluster + 1).filter((tier) => !isCompanion(tier)),
    beside: tiers.filter(isCompanion),
    after: tiers.slice(cluster + 1).filter((tier) => !isCompanion(tier)),
  };
}
