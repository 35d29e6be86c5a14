// What does the agent of a lab tell in numbers?
import { type Exposition, parseExposition } from '../exposition.ts';
import type { Lab } from './lab.ts';

/** Its metrics, as Prometheus gets them. */
export async function scrape(lab: Lab): Promise<Exposition> {
  const answer = await fetch(lab.healthUrl.replace('/healthz', '/metrics'));
  return parseExposition(await answer.text());
}
