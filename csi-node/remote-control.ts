// How is rclone's remote control called? (HTTP on a Unix socket in the mount pod)
import { request } from 'node:http';

const MAX_ANSWER_BYTES = 1024 * 1024;

/** rclone's own words for what went wrong. They may repeat what we sent: redact before showing them. */
export class RemoteControlError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'RemoteControlError';
  }
}

/**
 * Calls one command of the remote control.
 *
 * @param call.socketPath path of the Unix socket in this process
 * @param call.command such as `mount/mount`
 * @param call.parameters may hold credentials: they travel in the body, on no command line and in no log
 * @throws RemoteControlError rclone answered with an error
 */
export async function callRemoteControl(call: {
  socketPath: string;
  command: string;
  parameters: object;
  signal: AbortSignal;
}): Promise<unknown> {
  const { status, text } = await post(call);
  const answer: unknown = JSON.parse(text);
  if (status === 200) return answer;
  const { error } = answer as { error?: unknown };
  throw new RemoteControlError(typeof error === 'string' ? error : `status ${status}`);
}

function post(call: {
  socketPath: string;
  command: string;
  parameters: object;
  signal: AbortSignal;
}): Promise<{ status: number; text: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; text: string }>();
  const sent = request(
    {
      socketPath: call.socketPath,
      path: `/${call.command}`,
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      agent: false,
      signal: call.signal,
    },
    (answer) => {
      let text = '';
      answer.setEncoding('utf8');
      answer.on('data', (part: string) => {
        text += part;
        if (text.length > MAX_ANSWER_BYTES) answer.destroy(new Error('answer is too long'));
      });
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text }));
      answer.on('error', reject);
    },
  );
  sent.on('error', reject);
  sent.end(JSON.stringify(call.parameters));
  return promise;
}
