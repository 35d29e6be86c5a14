// How do the panels become a dashboard of Grafana?
import type { Panel, Query, Row } from './panel.ts';
import { ROWS } from './rows.ts';

/** Columns of Grafana's grid. */
const COLUMNS = 24;
const SIZES = { stat: { w: 6, h: 4 }, timeseries: { w: 12, h: 8 } } as const;
const DATASOURCE = { type: 'prometheus', uid: '${datasource}' };
/** Oldest version of Grafana's format that has all that is used here (Grafana 10). */
const SCHEMA_VERSION = 38;

interface Place {
  x: number;
  y: number;
  w: number;
  h: number;
}

/** Builds the dashboard as Grafana imports it: one variable, the data source. */
export function buildDashboard(): object {
  return {
    uid: 'dynvol',
    title: 'dynvol',
    description:
      'Claims, mounts, nodes and processes of dynvol. Generated from deploy/observability/.',
    tags: ['dynvol', 'storage', 'kubernetes'],
    schemaVersion: SCHEMA_VERSION,
    editable: true,
    graphTooltip: 1,
    refresh: '30s',
    time: { from: 'now-6h', to: 'now' },
    templating: {
      list: [{ name: 'datasource', label: 'Data source', type: 'datasource', query: 'prometheus' }],
    },
    panels: buildPanels(ROWS),
  };
}

function buildPanels(rows: Row[]): object[] {
  const built: object[] = [];
  let y = 0;
  for (const { title, panels } of rows) {
    const id = () => built.length + 1;
    built.push({
      id: id(),
      type: 'row',
      title,
      collapsed: false,
      gridPos: { x: 0, y, w: COLUMNS, h: 1 },
    });
    const places = placePanels(panels, y + 1);
    panels.forEach((panel, index) => {
      const gridPos = places[index];
      built.push({ id: id(), gridPos, ...buildPanel(panel) });
    });
    y = Math.max(...places.map((place) => place.y + place.h));
  }
  return built;
}

/** From left to right; a panel that does not fit, or is of another height, begins a new line. */
function placePanels(panels: Panel[], top: number): Place[] {
  let [x, y, height] = [0, top, 0];
  return panels.map(({ kind }) => {
    const { w, h } = SIZES[kind];
    if (x > 0 && (x + w > COLUMNS || h !== height)) [x, y] = [0, y + height];
    const place = { x, y, w, h };
    [x, height] = [x + w, h];
    return place;
  });
}

function buildPanel({ title, description, kind, unit, queries, thresholds }: Panel): object {
  return {
    type: kind,
    title,
    description,
    datasource: DATASOURCE,
    fieldConfig: {
      defaults: {
        unit,
        min: 0,
        ...(thresholds ? { thresholds: buildThresholds(thresholds) } : {}),
      },
      overrides: [],
    },
    options:
      kind === 'stat'
        ? {
            colorMode: thresholds ? 'background' : 'value',
            reduceOptions: { calcs: ['lastNotNull'] },
          }
        : {
            legend: { displayMode: 'list', placement: 'bottom' },
            tooltip: { mode: 'multi', sort: 'desc' },
          },
    targets: queries.map(buildTarget),
  };
}

function buildThresholds([yellow, red]: [number, number]): object {
  const steps = [
    { color: 'green', value: null },
    { color: 'yellow', value: yellow },
    { color: 'red', value: red },
  ];
  return { mode: 'absolute', steps };
}

function buildTarget({ expression, legend }: Query, index: number): object {
  const refId = String.fromCharCode('A'.charCodeAt(0) + index);
  return { refId, datasource: DATASOURCE, expr: expression, legendFormat: legend || '__auto' };
}
