// Which invariants are checked all the time, and which are proved elsewhere?
import type { Rule } from '../rule.ts';
import { BLOCKED_RULES } from './blocked.ts';
import { CLAIM_RULES } from './claims.ts';
import { FILE_RULES } from './files.ts';
import { MOUNT_POD_RULES } from './mount-pods.ts';
import { MOUNT_RULES } from './mounts.ts';
import { REQUEST_RULES } from './requests.ts';
import { SECRET_RULES } from './secrets.ts';

export const RULES: readonly Rule[] = [
  ...MOUNT_RULES,
  ...CLAIM_RULES,
  ...FILE_RULES,
  ...SECRET_RULES,
  ...REQUEST_RULES,
  ...BLOCKED_RULES,
  ...MOUNT_POD_RULES,
];
