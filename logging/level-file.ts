// Which level do people want now? (a file of a ConfigMap, which may change at any time)
import { readFile } from 'node:fs/promises';
import type { Logger } from 'pino';
import { describeError } from './describe-error.ts';
import { LOG_LEVELS } from './logger.ts';
import type { LogLevel } from './logger.ts';

/** The kubelet itself takes a minute and more to bring a changed ConfigMap. */
const CHECK_MS = 5_000;

type Wish = { level: LogLevel } | { problem: string };

/** Parses the file's content: a level, and white space around it. */
export function parseLevel(text: string): Wish {
  const wanted = text.trim();
  const level = LOG_LEVELS.find((one) => one === wanted);
  if (level !== undefined) return { level };
  const shown = JSON.stringify(wanted.slice(0, 20));
  return { problem: `must be one of ${LOG_LEVELS.join(', ')}, not ${shown}` };
}

/** Without the file nothing is wished, and the process goes on as it was configured. */
async function readWish(path: string, otherwise: LogLevel): Promise<Wish> {
  try {
    return parseLevel(await readFile(path, 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { level: otherwise };
    return { problem: describeError(error) };
  }
}

/** Says so in a line that both levels let through, if either does. */
function changeLevel(log: Logger, logLevel: LogLevel): void {
  const tell = () => log.info({ logLevel }, 'Log level was changed');
  const isMoreTalkative = LOG_LEVELS.indexOf(logLevel) < LOG_LEVELS.findIndex(isNow);
  if (!isMoreTalkative) tell();
  log.level = logLevel;
  if (isMoreTalkative) tell();

  function isNow(level: LogLevel): boolean {
    return level === log.level;
  }
}

/** One file, and what was last told of it. */
export class LevelFile {
  readonly #log: Logger;
  readonly #path: string;
  readonly #otherwise: LogLevel;
  #told = '';

  /** @param log whose level at this time holds while there is no file */
  constructor(log: Logger, path: string) {
    this.#log = log;
    this.#path = path;
    this.#otherwise = log.level as LogLevel;
  }

  /** Does as the file says; what is no level is told once, and ignored. */
  async look(): Promise<void> {
    const wish = await readWish(this.#path, this.#otherwise);
    if ('problem' in wish) {
      if (wish.problem === this.#told) return;
      this.#told = wish.problem;
      this.#log.warn({ levelFile: this.#path, err: wish.problem }, 'Log level cannot be used');
      return;
    }
    this.#told = '';
    if (wish.level !== this.#log.level) changeLevel(this.#log, wish.level);
  }
}

/**
 * Follows a file every 5 s, for as long as the process lives. It is read anew each time: a ConfigMap is changed by swapping
 * a link above it. An empty path means that there is none to follow.
 */
export function followLevelFile(log: Logger, path: string): void {
  if (path === '') return;
  const file = new LevelFile(log, path);
  void file.look();
  setInterval(() => void file.look(), CHECK_MS).unref();
}
