// Was a loopback request meant for the loopback?
import { ConsoleRefusal } from './refusal.ts';

/** A page of anybody may have its own name resolve to 127.0.0.1; the browser then tells that name. */
const NAMES: readonly string[] = ['localhost', '127.0.0.1', '[::1]'];

/** @throws ConsoleRefusal 403 the header Host names something else */
export function checkLoopbackHost(host: string | undefined): void {
  const name = (host ?? '').replace(/:\d+$/, '').toLowerCase();
  if (NAMES.includes(name)) return;
  throw new ConsoleRefusal(
    403,
    'This address is for `kubectl port-forward` alone: open it as http://localhost:<port>',
  );
}
