// Which flags does every command understand?
import { Option } from 'commander';
import type { Command } from 'commander';

/** `wide` is a table with more columns, `name` one `kind/name` a line. */
export const OUTPUT_FORMATS = ['json', 'yaml', 'wide', 'name'] as const;
export type OutputFormat = (typeof OUTPUT_FORMATS)[number];

/** Flags as they stand on the command line, before or after the command's name. */
export interface GlobalFlags {
  namespace?: string;
  allNamespaces?: boolean;
  /** Label selector of claims, as `kubectl -l` takes it. */
  selector?: string;
  context?: string;
  kubeconfig?: string;
  output?: OutputFormat;
  /** URL of the console's API; without it a port-forward to the controller is made. */
  console?: string;
  /** `host:port` of Temporal's frontend. */
  temporalAddress?: string;
  /** False with `--no-color`. */
  color: boolean;
}

/** Adds the flags to the program; they are taken after the name of a command too. */
export function addGlobalFlags(program: Command): Command {
  return program
    .option('-n, --namespace <name>', "namespace of the claims; the context's own when absent")
    .option('-A, --all-namespaces', 'claims of all namespaces')
    .option('-l, --selector <labels>', 'only claims with these labels, as app=web,tier!=test')
    .option('--context <name>', 'context of the kubeconfig; the current one when absent')
    .option('--kubeconfig <file>', 'kubeconfig; KUBECONFIG or ~/.kube/config when absent')
    .addOption(new Option('-o, --output <format>', 'other than a table').choices(OUTPUT_FORMATS))
    .option('--console <url>', 'console of the controller; else a port-forward is made to it')
    .option('--temporal-address <host:port>', 'Temporal; TEMPORAL_ADDRESS when absent')
    .option('--no-color', 'no colours, as with the environment variable NO_COLOR');
}
