// Which commands to a claim's workflow are refused? (row 93)

interface CommandCase {
  row: number;
  kind: 'remount' | 'detach' | 'attach';
  argument: unknown;
  message: string;
}

export const REFUSED_COMMANDS: CommandCase[] = [
  {
    row: 93,
    kind: 'detach',
    argument: 'now',
    message:
      'The argument of detach is "now"; give a JSON object such as {"graceSeconds": 5}, or nothing',
  },
  {
    row: 93,
    kind: 'detach',
    argument: [5],
    message:
      'The argument of detach is [5]; give a JSON object such as {"graceSeconds": 5}, or nothing',
  },
  {
    row: 93,
    kind: 'detach',
    argument: { grace: 5 },
    message: 'detach knows no field "grace"; it takes graceSeconds and force',
  },
  {
    row: 93,
    kind: 'remount',
    argument: { force: true },
    message: 'remount knows no field "force"; it takes none',
  },
  ...[-1, 0.5, 3601, '5', null].map((graceSeconds) => ({
    row: 93,
    kind: 'detach' as const,
    argument: { graceSeconds },
    message: `graceSeconds is ${JSON.stringify(graceSeconds)}; give a whole number from 0 to 3600`,
  })),
  {
    row: 93,
    kind: 'detach',
    argument: { force: 'yes' },
    message: 'force is "yes"; give true or false',
  },
  {
    row: 93,
    kind: 'attach',
    argument: undefined,
    message: 'The claim is not detached; send remount for a fresh source',
  },
];
