// Which events does a text of server-sent events hold? (WHATWG HTML, "Interpreting an event stream")

export interface StreamEvent {
  type: string;
  data: string;
}

/**
 * Takes a stream piece by piece, however it is cut, and answers with the events that are complete.
 * Ids and retry times are not used: a new connection begins with everything.
 */
export function createEventStreamParser(): (piece: string) => StreamEvent[] {
  let rest = '';
  let event = { type: 'message', data: [] as string[] };
  const readLine = (line: string): StreamEvent[] => {
    if (line === '') {
      const { type, data } = event;
      event = { type: 'message', data: [] };
      return data.length > 0 ? [{ type, data: data.join('\n') }] : [];
    }
    const [, field, value = ''] = /^([^:]*):? ?(.*)$/.exec(line) ?? [];
    if (field === 'event') event.type = value;
    if (field === 'data') event.data.push(value);
    return [];
  };
  return (piece) => {
    const lines = (rest + piece).split(/\r\n|\n/);
    rest = lines.pop() ?? '';
    return lines.flatMap(readLine);
  };
}
