// What does every command work with? (all of it can be replaced in a test)
import type { KubeConfig } from '@kubernetes/client-node';
import { connectKubernetes } from '../watch/kubernetes-connection.ts';
import type { KubernetesConnection } from '../watch/kubernetes-connection.ts';
import { openConsole } from './console-api.ts';
import type { ConsoleApi } from './console-api.ts';
import { EXIT_CODES } from './exit-codes.ts';
import type { ExitCode } from './exit-codes.ts';
import type { GlobalFlags } from './flags.ts';
import { loadKubeConfig, readNamespace } from './kube-config.ts';
import { startProgress } from './output/progress.ts';
import type { Progress } from './output/progress.ts';
import { createStyle } from './output/style.ts';
import type { Style } from './output/style.ts';

/** Longer than the second of those commands that tell of their own progress: then these words are not needed. */
const SILENCE_MS = 1_500;

export type Environment = Readonly<Record<string, string | undefined>>;

/** A stream that a command writes to. */
export interface Sink {
  write(text: string): unknown;
  /** Is it a terminal? */
  isTTY?: boolean;
  /** Width of the terminal in characters. */
  columns?: number;
}

/** What the process gives the command line; a test gives its own. */
export interface CliSystem {
  environment: Environment;
  stdout: Sink;
  stderr: Sink;
  now(): Date;
  /** Aborts with Ctrl-C. */
  signal: AbortSignal;
  /** Instead of the kubeconfig that flags and environment name. */
  kubeConfig?: KubeConfig;
}

/**
 * What a command works with. Only its action may use it: the flags are not known before, and nothing is connected
 * before it is asked for.
 */
export interface CliContext {
  readonly flags: GlobalFlags;
  readonly environment: Environment;
  /** Aborts with Ctrl-C; every wait and every stream ends with it. */
  readonly signal: AbortSignal;
  /** Colours of stdout; none when it is no terminal, with `NO_COLOR` or `--no-color`. */
  readonly style: Style;
  /** Is somebody looking at stdout? */
  readonly isTerminal: boolean;
  now(): Date;
  /** Writes an answer, and a line end, to stdout. */
  print(text: string): void;
  /** Writes progress, a hint or a warning, and a line end, to stderr. */
  tell(text: string): void;
  /**
   * Says what goes on, without a full stop. A person at a terminal reads it once a command has been silent for too
   * long; the next answer or hint ends it.
   */
  progress(words: string): void;
  /** The namespace of `-n`, else of the kubeconfig's context, else `default`. */
  namespace(): string;
  /** @throws CliError no kubeconfig, or no such context */
  kubeConfig(): KubeConfig;
  /** The API server with the user's own rights; each request of it has a deadline of 20 s. */
  kubernetes(): KubernetesConnection;
  /**
   * The console's API, through `--console` or a port-forward to a ready controller.
   * @throws CliError it cannot be reached; the message says why, and what to do
   */
  console(): Promise<ConsoleApi>;
  /** Has something closed when the command ends, however it ends. */
  onClose(close: () => Promise<void> | void): void;
  /** The exit code of a command that has said all it has to say; of a failure with a sentence throw `CliError`. */
  setExitCode(code: ExitCode): void;
}

/** As {@link CliContext}, for the program that runs commands. */
export interface OwnedContext extends CliContext {
  readonly exitCode: ExitCode;
  /** Closes what {@link CliContext.onClose} was given, the latest first. */
  close(): Promise<void>;
}

/** @param readFlags gives the flags as the command line has them once it is parsed */
export function createContext(system: CliSystem, readFlags: () => GlobalFlags): OwnedContext {
  const closes: (() => Promise<void> | void)[] = [];
  let exitCode: ExitCode = EXIT_CODES.ok;
  const once = <T>(build: () => T): (() => T) => {
    let built: { value: T } | undefined;
    return () => (built ??= { value: build() }).value;
  };
  const kubeConfig = once(
    () => system.kubeConfig ?? loadKubeConfig(readFlags(), system.environment),
  );
  let progress: Progress | undefined;
  const endProgress = (): void => {
    progress?.end();
    progress = undefined;
  };
  const write = (sink: Sink, text: string): void => {
    endProgress();
    sink.write(`${text}\n`);
  };
  const context: OwnedContext = {
    get flags() {
      return readFlags();
    },
    environment: system.environment,
    signal: system.signal,
    get style() {
      return createStyle(hasColours(system, readFlags()));
    },
    isTerminal: system.stdout.isTTY === true,
    get exitCode() {
      return exitCode;
    },
    now: () => system.now(),
    print: (text) => write(system.stdout, text),
    tell: (text) => write(system.stderr, text),
    progress(words) {
      if (system.stderr.isTTY !== true) return;
      progress ??= startProgress((line) => system.stderr.write(`${line} …\n`), SILENCE_MS);
      progress.show(words);
    },
    namespace: () => readFlags().namespace ?? readNamespace(kubeConfig()),
    kubeConfig,
    kubernetes: once(() => {
      const config = kubeConfig();
      context.progress(`Looking at the cluster ${config.getCurrentCluster()?.server ?? ''}`.trim());
      const connection = connectKubernetes(config);
      closes.push(() => connection.close());
      return connection;
    }),
    console: once(() => {
      context.progress('Asking the controller');
      return openConsole(context);
    }),
    onClose: (close) => void closes.push(close),
    setExitCode(code) {
      exitCode = code;
    },
    async close() {
      endProgress();
      for (const close of closes.splice(0).toReversed()) await closeQuietly(close);
    },
  };
  return context;
}

/** The command has said what it had to say: that something did not close well is nobody's concern. */
async function closeQuietly(close: () => Promise<void> | void): Promise<void> {
  try {
    await close();
  } catch {
    // See above.
  }
}

/** https://no-color.org: any value but "" switches colours off. */
function hasColours({ environment, stdout }: CliSystem, flags: GlobalFlags): boolean {
  if (!flags.color || environment['NO_COLOR'] || environment['TERM'] === 'dumb') return false;
  return stdout.isTTY === true;
}
