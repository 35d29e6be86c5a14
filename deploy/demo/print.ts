// How does the demo speak to a person? (coloured on a terminal, plain otherwise)

const coloured = process.stdout.isTTY && !process.env['NO_COLOR'];
const paint = (code: number, text: string) => (coloured ? `\x1b[${code}m${text}\x1b[0m` : text);

export function printHeading(text: string): void {
  console.log(paint(1, `== ${text}`));
}

export function printLine(text: string): void {
  console.log(`   ${text}`);
}

/** A result worth noticing. */
export function printResult(text: string): void {
  console.log(`   ${paint(32, text)}`);
}

/** A command and what it answered, as in a terminal. */
export function printCommand(argv: readonly string[], output: string): void {
  console.log(`   ${paint(36, `$ ${argv.map(quote).join(' ')}`)}`);
  const lines = (output.trimEnd() || paint(2, '(nothing)')).split('\n');
  for (const line of lines) console.log(line && `     ${line}`);
}

/** As a shell needs it. */
function quote(argument: string): string {
  return argument === '|' || /^[\w@%+=:,./-]+$/.test(argument) ? argument : `'${argument}'`;
}
