// Which metrics and labels does a query name? (as much of PromQL as our queries use)

/** One metric that a query reads, with the labels by which it chooses series. */
export interface Selector {
  metric: string;
  labels: string[];
}

export interface ParsedQuery {
  selectors: Selector[];
  /** Labels that are left, if the query adds something up. */
  groupedBy: string[];
  isAggregated: boolean;
}

const AGGREGATIONS = ['sum', 'min', 'max', 'avg', 'count'];
const GROUPING = /\b(?:by|on|without|ignoring)\s*\(([^)]*)\)/g;
const SELECTOR = /(?<![\w.$])([a-zA-Z_:][\w:]*)(?!\w)\s*(\{[^}]*\})?(?!\s*\()/g;
const WORDS = ['and', 'or', 'unless', 'bool', 'offset'];

/** Finds what a query names. Every selection of labels must be written in braces after its metric. */
export function parseQuery(expression: string): ParsedQuery {
  const plain = expression.replaceAll(/"[^"]*"/g, '""').replaceAll(/\[[^\]]*\]/g, '');
  const groupedBy = [...plain.matchAll(GROUPING)].flatMap(([, names = '']) => splitNames(names));
  const rest = plain.replaceAll(GROUPING, ' ');
  const selectors = [...rest.matchAll(SELECTOR)]
    .filter(([, metric = '']) => !WORDS.includes(metric))
    .map(([, metric = '', choice = '']) => ({
      metric,
      labels: [...choice.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)].map(([, label = '']) => label),
    }));
  const isAggregated = AGGREGATIONS.some((word) => new RegExp(`\\b${word}\\b`).test(plain));
  return { selectors, groupedBy, isAggregated };
}

function splitNames(names: string): string[] {
  return names
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean);
}
