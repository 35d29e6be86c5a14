// Which classes does the API server refuse, and with which sentence? (CEL)
import { CLASS_PARAMETERS } from './names.ts';
import { buildSelectorRules } from './selector-rules.ts';
import { MAX_WARM_MOUNT_PODS, WRITE_MODES } from './storage-provider-class.ts';
import type { RulesAt, ValidationRule } from './structural-schema.ts';
import { explain } from './validation-message.ts';

const DNS_LABEL = '^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$';
const DNS_NAME = '^[a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)*$';
const ALLOWED_LABEL =
  'allowed are at most 63 lower-case letters, digits and "-", beginning and ending with a letter or digit';

/** More than any mount pod uses: a larger figure is a slip of the pen. */
const MAX_CPU = '64';
const MAX_MEMORY = '256Gi';

const known: string[] = Object.values(CLASS_PARAMETERS);
const quoted = (words: readonly string[]) => words.map((word) => `'${word}'`).join(', ');

/** Pods and claims name a class in fields of 63 characters, and nodes in a path. */
const NAME_RULES: ValidationRule[] = [
  {
    rule: `self.metadata.name.matches('${DNS_LABEL}')`,
    ...explain('metadata.name', 'is not usable for a class', ALLOWED_LABEL, 'self.metadata.name'),
  },
];

const KEY_RULES: ValidationRule[] = [
  {
    rule: `self.all(key, key in [${quoted(known)}])`,
    message: `spec.parameters: has an unknown key; allowed are ${known.join(', ')}`,
    messageExpression: `'spec.parameters: has an unknown key ("' + self.filter(key, !(key in [${quoted(known)}]))[0] + '"); allowed are ${known.join(', ')}'`,
  },
  ...[CLASS_PARAMETERS.secretName, CLASS_PARAMETERS.secretNamespace].map((key) => ({
    rule: `'${key}' in self && self['${key}'].size() > 0`,
    message: `spec.parameters: "${key}" is missing; give the Secret that holds the credentials`,
  })),
];

/** A rule for the value of a parameter that is there. */
function buildValueRule(
  key: string,
  holds: (value: string) => string,
  problem: string,
  allowed: string,
): ValidationRule {
  const value = `self['${key}']`;
  return {
    rule: `!('${key}' in self) || ${holds(value)}`,
    ...explain(`spec.parameters["${key}"]`, problem, allowed, value),
  };
}

function buildQuantityRule(key: string, max: string): ValidationRule {
  return buildValueRule(
    key,
    (value) =>
      `(isQuantity(${value}) && quantity(${value}).isGreaterThan(quantity('0')) && !quantity(${value}).isGreaterThan(quantity('${max}')))`,
    'is not a usable quantity',
    `allowed are quantities above 0, up to ${max}, such as ${max === MAX_CPU ? '10m' : '50Mi'}`,
  );
}

/** The API server would refuse every mount pod of such a class. */
function buildRequestRule(request: string, limit: string): ValidationRule {
  const [wanted, most] = [`self['${request}']`, `self['${limit}']`];
  return {
    rule: `!('${request}' in self && '${limit}' in self) || !isQuantity(${wanted}) || !isQuantity(${most}) || !quantity(${wanted}).isGreaterThan(quantity(${most}))`,
    message: `spec.parameters["${request}"]: is more than the limit; allowed is at most "${limit}"`,
    messageExpression: `'spec.parameters["${request}"]: is more than the limit ("' + ${wanted} + '"); allowed is at most "${limit}", which is ' + ${most}`,
  };
}

const VALUE_RULES: ValidationRule[] = [
  buildValueRule(
    CLASS_PARAMETERS.secretName,
    (value) => `(${value} == '' || ${value}.matches('${DNS_NAME}'))`,
    'is not the name of a Secret',
    'allowed are lower-case letters, digits, "-" and ".", beginning and ending with a letter or digit',
  ),
  buildValueRule(
    CLASS_PARAMETERS.secretNamespace,
    (value) => `(${value} == '' || ${value}.matches('${DNS_LABEL}'))`,
    'is not the name of a namespace',
    ALLOWED_LABEL,
  ),
  buildQuantityRule(CLASS_PARAMETERS.cpuRequest, MAX_CPU),
  buildQuantityRule(CLASS_PARAMETERS.cpuLimit, MAX_CPU),
  buildQuantityRule(CLASS_PARAMETERS.memoryRequest, MAX_MEMORY),
  buildQuantityRule(CLASS_PARAMETERS.memoryLimit, MAX_MEMORY),
  buildRequestRule(CLASS_PARAMETERS.cpuRequest, CLASS_PARAMETERS.cpuLimit),
  buildRequestRule(CLASS_PARAMETERS.memoryRequest, CLASS_PARAMETERS.memoryLimit),
  buildValueRule(
    CLASS_PARAMETERS.writeMode,
    (value) => `${value} in [${quoted(WRITE_MODES)}]`,
    'is not a write mode',
    `allowed are ${WRITE_MODES.join(' and ')}`,
  ),
  buildValueRule(
    CLASS_PARAMETERS.warmMountPods,
    (value) => `(${value}.matches('^[0-9]{1,2}$') && int(${value}) <= ${MAX_WARM_MOUNT_PODS})`,
    'is not a number of mount pods',
    `allowed are whole numbers from 0 to ${MAX_WARM_MOUNT_PODS}`,
  ),
];

const HOST_PATTERN =
  '^([*][.])?([A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?|[[][0-9A-Fa-f:.]+[]])(:[1-9][0-9]{0,4})?$';

/** On the list, not on its strings: who writes a URL here may have left a password in it. */
const ENDPOINT_RULES: ValidationRule[] = [
  {
    rule: `self.all(pattern, pattern.matches('${HOST_PATTERN}'))`,
    message:
      'spec.allowedEndpoints: an entry is not a host; allowed are HOST[:PORT] and *.DOMAIN[:PORT], without scheme, credentials and path',
  },
];

/** Rules of `StorageProviderClass`. */
export const CLASS_RULES: RulesAt[] = [
  { at: [], rules: NAME_RULES },
  { at: ['spec', 'parameters'], rules: [...KEY_RULES, ...VALUE_RULES] },
  { at: ['spec', 'allowedEndpoints'], rules: ENDPOINT_RULES },
  ...buildSelectorRules(
    ['spec', 'allowedNamespaces'],
    'would select no namespace; leave it out to allow all of them, or give at least one label',
  ),
];
