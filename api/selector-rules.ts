// Which label selectors does the API server refuse, and with which sentence? (CEL)
import type { RulesAt, ValidationRule } from './structural-schema.ts';
import { explain } from './validation-message.ts';

const PREFIX = '[a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)*';
const NAME = '[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?';
const LABEL_KEY = `^(${PREFIX}/)?${NAME}$`;
const LABEL_VALUE = `^(${NAME})?$`;

const ALLOWED_KEYS =
  'allowed are at most 63 letters, digits, "-", "_" and ".", beginning and ending with a letter or digit, after an optional DNS name and "/"';
const ALLOWED_VALUES =
  'allowed are at most 63 letters, digits, "-", "_" and ".", beginning and ending with a letter or digit';

function buildKeyRule(field: string): ValidationRule {
  return {
    rule: `self.matches('${LABEL_KEY}') && self.indexOf('/') <= 253`,
    ...explain(field, 'is not a label key', ALLOWED_KEYS),
  };
}

function buildValueRule(field: string): ValidationRule {
  return {
    rule: `self.matches('${LABEL_VALUE}')`,
    ...explain(field, 'is not a label value', ALLOWED_VALUES),
  };
}

/** A map's keys have no bound in the schema, so the rule looks at their length first. */
function buildMapRule(field: string): ValidationRule {
  const isKey = `key.size() <= 317 && key.matches('${LABEL_KEY}') && key.indexOf('/') <= 253`;
  return {
    rule: `self.all(key, ${isKey})`,
    message: `${field}: has a key that is not a label key; ${ALLOWED_KEYS}`,
  };
}

/**
 * Builds the rules of one label selector, at a path of property names.
 *
 * @param whole what an empty selector would mean, and what to do instead
 */
export function buildSelectorRules(at: string[], whole: string): RulesAt[] {
  const field = at.join('.');
  return [
    {
      at,
      rules: [
        {
          rule: '(has(self.matchLabels) && self.matchLabels.size() > 0) || (has(self.matchExpressions) && self.matchExpressions.size() > 0)',
          message: `${field}: is empty ({}) and ${whole}`,
        },
        {
          rule: "!has(self.matchExpressions) || self.matchExpressions.all(e, e.operator in ['In', 'NotIn'] ? has(e.values) && e.values.size() > 0 : !has(e.values) || e.values.size() == 0)",
          message: `${field}.matchExpressions: values do not fit the operator; In and NotIn need at least one value, Exists and DoesNotExist none`,
        },
      ],
    },
    { at: [...at, 'matchLabels'], rules: [buildMapRule(`${field}.matchLabels`)] },
    { at: [...at, 'matchLabels', '*'], rules: [buildValueRule(`${field}.matchLabels`)] },
    {
      at: [...at, 'matchExpressions', '[]', 'key'],
      rules: [buildKeyRule(`${field}.matchExpressions.key`)],
    },
    {
      at: [...at, 'matchExpressions', '[]', 'values', '[]'],
      rules: [buildValueRule(`${field}.matchExpressions.values`)],
    },
  ];
}
