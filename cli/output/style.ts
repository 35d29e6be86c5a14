// Which colours say what?

/** Marks a text by what it means; gives it back unchanged where colours are off. */
export interface Style {
  good(text: string): string;
  busy(text: string): string;
  bad(text: string): string;
  faint(text: string): string;
  strong(text: string): string;
}

/** SGR codes (ECMA-48): 16-colour ones, which every theme of a terminal makes readable. */
const CODES = { good: 32, busy: 33, bad: 31, faint: 2, strong: 1 } as const;
const RESET = 0;

export function createStyle(hasColours: boolean): Style {
  const mark =
    (code: number) =>
    (text: string): string =>
      hasColours && text !== '' ? `\u001B[${code}m${text}\u001B[${RESET}m` : text;
  return {
    good: mark(CODES.good),
    busy: mark(CODES.busy),
    bad: mark(CODES.bad),
    faint: mark(CODES.faint),
    strong: mark(CODES.strong),
  };
}
