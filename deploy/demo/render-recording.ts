// What does a recorded terminal look like as one SVG that plays by itself? (pure)

/** A line of the terminal. */
export interface RecordedLine {
  text: string;
  /** Typed by a person, after a prompt. */
  typed?: boolean;
  /** Milliseconds from the beginning of the recording to its appearance. */
  atMs: number;
}

const FONT_PX = 14;
const LINE_PX = 20;
const CHARACTER_PX = 8.43;
const PADDING_PX = 18;
const BAR_PX = 30;
const COLUMNS = 100;

const STYLE = `
  .screen { fill: #16181d } .bar { fill: #262a33 } .dot { fill: #4b5160 }
  text { font: ${FONT_PX}px ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace; fill: #d5d9e0; white-space: pre; opacity: 0; animation: appear 1ms linear forwards }
  .typed { fill: #8fd3a2 }
  @keyframes appear { to { opacity: 1 } }
  @media (prefers-reduced-motion: reduce) { text { opacity: 1; animation: none } }
`;

/**
 * Draws a recording: each line appears when it did, and stays. It plays in any browser, also as an image in a page.
 *
 * @param title for those who do not see it
 */
export function renderRecording(title: string, lines: readonly RecordedLine[]): string {
  const width = Math.ceil(2 * PADDING_PX + COLUMNS * CHARACTER_PX);
  const height = BAR_PX + 2 * PADDING_PX + lines.length * LINE_PX;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    `<title>${escapeText(title)}</title><style>${STYLE}</style>`,
    `<rect class="screen" width="${width}" height="${height}" rx="8"/>`,
    `<path class="bar" d="M0 8a8 8 0 0 1 8-8h${width - 16}a8 8 0 0 1 8 8v${BAR_PX - 8}H0z"/>`,
    ...[18, 36, 54].map((x) => `<circle class="dot" cx="${x}" cy="${BAR_PX / 2}" r="5"/>`),
    ...lines.map(renderLine),
    '</svg>',
    '',
  ].join('\n');
}

function renderLine({ text, typed = false, atMs }: RecordedLine, index: number): string {
  const y = BAR_PX + PADDING_PX + index * LINE_PX + FONT_PX;
  const shown = typed ? `$ ${text}` : text;
  const cut = shown.length > COLUMNS ? `${shown.slice(0, COLUMNS - 1)}…` : shown;
  const name = typed ? ' class="typed"' : '';
  return `<text x="${PADDING_PX}" y="${y}"${name} style="animation-delay:${Math.round(atMs)}ms">${escapeText(cut)}</text>`;
}

function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
