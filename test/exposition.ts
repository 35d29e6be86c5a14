// What does a process tell at /metrics? (Prometheus' text format 0.0.4)

/** One series: its metric's own name, without the suffixes of a histogram. */
export interface Series {
  name: string;
  /** Without `le` of a histogram's buckets. */
  labels: Record<string, string>;
  value: number;
  /** `_bucket`, `_sum` or `_count` of a histogram, else "". */
  suffix: string;
}

/** All that is told. */
export interface Exposition {
  /** Type by name. */
  types: Map<string, string>;
  /** Help by name. */
  help: Map<string, string>;
  series: Series[];
}

const COMMENT = /^# (HELP|TYPE) (\S+) (.*)$/;
const SAMPLE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/;
const LABEL = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g;

/** Parses what a process tells. @throws Error a line is not of the format, or of a metric without a type */
export function parseExposition(text: string): Exposition {
  const told: Exposition = { types: new Map(), help: new Map(), series: [] };
  for (const line of text.split('\n').filter(Boolean)) {
    const [, keyword, name, rest = ''] = COMMENT.exec(line) ?? [];
    if (keyword === 'TYPE') told.types.set(name ?? '', rest);
    else if (keyword === 'HELP') told.help.set(name ?? '', rest);
    else told.series.push(parseSample(line, told.types));
  }
  return told;
}

function parseSample(line: string, types: Map<string, string>): Series {
  const [, full, texts = '', value] = SAMPLE.exec(line) ?? [];
  if (full === undefined) throw new Error(`not a sample: ${line}`);
  const suffix = /_(bucket|sum|count)$/.exec(full)?.[0] ?? '';
  const family = full.slice(0, full.length - suffix.length);
  const isHistogram = types.get(family) === 'histogram';
  const name = isHistogram ? family : full;
  if (!types.has(name)) throw new Error(`no type: ${line}`);
  const labels = Object.fromEntries(
    [...texts.matchAll(LABEL)].map(([, label = '', text = '']) => [label, text]),
  );
  if (isHistogram) delete labels['le'];
  return { name, labels, value: Number(value), suffix: isHistogram ? suffix : '' };
}

/** Names of the labels of every metric that is told, sorted; a metric's series must agree on them. */
export function listLabels({ series }: Exposition): Record<string, string[]> {
  const found: Record<string, string[]> = {};
  for (const { name, labels } of series) {
    const names = Object.keys(labels).sort();
    found[name] ??= names;
    if (found[name].join() !== names.join())
      throw new Error(`series of ${name} have different labels`);
  }
  return found;
}

/** Value of the series of a metric with these labels; the number of observations of a histogram. */
export function findValue(
  { series }: Exposition,
  name: string,
  labels: Record<string, string>,
): number | undefined {
  return series.find(
    (one) =>
      one.name === name &&
      (one.suffix === '' || one.suffix === '_count') &&
      Object.entries(labels).every(([label, value]) => one.labels[label] === value),
  )?.value;
}
