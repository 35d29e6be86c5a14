// What does the dashboard show, and in which order?
import type { Row } from './panel.ts';
import { attaching } from './panels/attaching.ts';
import { claims } from './panels/claims.ts';
import { controlPlane } from './panels/control-plane.ts';
import { nodes } from './panels/nodes.ts';
import { processes } from './panels/processes.ts';

/** The whole dashboard, from what a claim's owner asks to what an operator does. */
export const ROWS: Row[] = [claims, attaching, nodes, controlPlane, processes];
