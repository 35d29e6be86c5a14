// Which claims and classes does the API server refuse, and with which sentence? (CEL)
import { CLASS_PARAMETERS } from './names.ts';
import type { ValidationRule } from './structural-schema.ts';

interface RulesAt {
  /** Property names from the object's root. */
  at: string[];
  rules: ValidationRule[];
}

/** A message that names the field, shows the value and says what is allowed. */
function explain(field: string, problem: string, allowed: string): string {
  return `'${field}: ${problem} ("' + (self.size() > 80 ? self.substring(0, 80) + '…' : self) + '"); ${allowed}'`;
}

const MOUNTPOINT_RULES: ValidationRule[] = [
  {
    rule: "self.matches('^/?[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*){0,7}$')",
    messageExpression: explain(
      'spec.mountpoint',
      'is not a path below the volume root',
      'allowed are 1 to 8 segments of letters, digits, ".", "_" and "-", each starting with a letter or digit, such as /data',
    ),
  },
  {
    rule: "self.split('/').all(segment, segment.size() <= 255)",
    message: 'spec.mountpoint: a segment is too long; allowed are at most 255 characters',
  },
  {
    rule: "(self.startsWith('/') ? self.substring(1) : self) == (oldSelf.startsWith('/') ? oldSelf.substring(1) : oldSelf)",
    messageExpression:
      "'spec.mountpoint: cannot be changed (from \"' + oldSelf + '\" to \"' + self + '\"); create a new claim instead'",
  },
];

const BUCKET_RULES: ValidationRule[] = [
  {
    rule: "self.matches('^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$') && !self.contains('..')",
    messageExpression: explain(
      'spec.s3Config.bucket',
      'is not a bucket name',
      'allowed are 3 to 63 lower-case letters, digits, "." and "-", starting and ending with a letter or digit',
    ),
  },
  {
    rule: "!self.matches('^[0-9]+[.][0-9]+[.][0-9]+[.][0-9]+$')",
    messageExpression: explain(
      'spec.s3Config.bucket',
      'looks like an IP address',
      'a bucket name must not',
    ),
  },
];

/**
 * On the object, not on the string: the API server repeats a string that a rule refuses, and a URL of the
 * wrong shape may hold a password.
 */
const ENDPOINT_RULES: ValidationRule[] = [
  {
    rule: "self.endpoint.matches('^https?://([A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?|[[][0-9A-Fa-f:]+[]])(:[0-9]{1,5})?/?$')",
    message:
      'spec.s3Config.endpoint: is not the URL of a server; allowed are http://HOST[:PORT] and https://HOST[:PORT], without credentials, path or query',
  },
];

const SELECTOR_RULES: ValidationRule[] = [
  {
    rule: '(has(self.matchLabels) && self.matchLabels.size() > 0) || (has(self.matchExpressions) && self.matchExpressions.size() > 0)',
    message:
      'spec.selector: is empty ({}) and would select every pod; give at least one label in matchLabels or matchExpressions',
  },
  {
    rule: "!has(self.matchExpressions) || self.matchExpressions.all(e, e.operator in ['In', 'NotIn'] ? has(e.values) && e.values.size() > 0 : !has(e.values) || e.values.size() == 0)",
    message:
      'spec.selector.matchExpressions: values do not fit the operator; In and NotIn need at least one value, Exists and DoesNotExist none',
  },
];

/** Rules of `DynamicVolumeClaim`. */
export const CLAIM_RULES: RulesAt[] = [
  { at: ['spec', 'mountpoint'], rules: MOUNTPOINT_RULES },
  { at: ['spec', 's3Config', 'bucket'], rules: BUCKET_RULES },
  { at: ['spec', 's3Config'], rules: ENDPOINT_RULES },
  { at: ['spec', 'selector'], rules: SELECTOR_RULES },
];

const known = Object.values(CLASS_PARAMETERS);
const required = [CLASS_PARAMETERS.secretName, CLASS_PARAMETERS.secretNamespace];

/** Rules of `StorageProviderClass`. */
export const CLASS_RULES: RulesAt[] = [
  {
    at: ['spec', 'parameters'],
    rules: [
      {
        rule: `self.all(key, key in [${known.map((key) => `'${key}'`).join(', ')}])`,
        message: `spec.parameters: has an unknown key; allowed are ${known.join(', ')}`,
      },
      ...required.map((key) => ({
        rule: `'${key}' in self && self['${key}'].size() > 0`,
        message: `spec.parameters: "${key}" is missing; give the Secret that holds the credentials`,
      })),
      ...known
        .filter((key) => !required.includes(key as (typeof required)[number]))
        .map((key) => ({
          rule: `!('${key}' in self) || isQuantity(self['${key}']) && quantity(self['${key}']).isGreaterThan(quantity('0'))`,
          messageExpression: `'spec.parameters["${key}"]: is not a positive quantity ("' + self['${key}'] + '"); allowed are quantities such as 10m or 50Mi'`,
        })),
    ],
  },
];
