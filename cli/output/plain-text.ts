// What of a text from the cluster may reach a terminal? (pure)

// Everything that moves the cursor or changes the terminal; tab and line end are text.
// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const CONTROL = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F]/g;

/** Shows control characters instead of obeying them: whoever writes an object must not write on others' screens. */
export function toPlainText(text: string): string {
  return text.replace(CONTROL, (character) => {
    const code = character.charCodeAt(0);
    return code < 0x20 ? `^${String.fromCharCode(code + 0x40)}` : '\uFFFD';
  });
}
