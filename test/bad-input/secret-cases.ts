// Which Secrets of a class are refused? (row 64)

interface SecretCase {
  row: number;
  title: string;
  /** Value of the key `secret-access-key`. */
  value: string | undefined;
  message: string;
}

const told = (fault: string) => `Secret shop/keys: the key "secret-access-key" ${fault}`;

export const REFUSED_SECRETS: SecretCase[] = [
  { row: 64, title: 'no key', value: undefined, message: told('is missing') },
  { row: 64, title: 'an empty key', value: '', message: told('is empty') },
  {
    row: 64,
    title: 'a line break at the end',
    value: 'geheim\n',
    message: told('contains white space or a line break (was it made by echo without -n?)'),
  },
  {
    row: 64,
    title: '8,193 characters',
    value: 'g'.repeat(8193),
    message: told('is longer than 8192 characters'),
  },
  {
    row: 64,
    title: 'bytes that are no text',
    value: 'geheim\u0000\ufffd',
    message: told('contains characters that are not printable ASCII'),
  },
];
