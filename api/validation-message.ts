// How does the API server tell a person which value it refuses? (CEL)

/**
 * A message that names the field, shows the value, shortened, and says what is allowed. Without the value it stands
 * alone too: the API server takes `message` when the expression gives a line break.
 *
 * @param value CEL expression of the value that is shown
 */
export function explain(
  field: string,
  problem: string,
  allowed: string,
  value = 'self',
): { message: string; messageExpression: string } {
  const shown = `(${value}.size() > 80 ? ${value}.substring(0, 80) + '…' : ${value})`;
  return {
    message: `${field}: ${problem}; ${allowed}`,
    messageExpression: `'${field}: ${problem} ("' + ${shown} + '"); ${allowed}'`,
  };
}
