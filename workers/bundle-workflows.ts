// How do the workflows become the one file that the worker loads? (build step: node workers/bundle-workflows.ts OUT)
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';

/** Bundles `workflows/index.ts` with all that it imports; the code for `workflowBundle: { code }`. */
export async function bundleWorkflows(): Promise<string> {
  const { code } = await bundleWorkflowCode({
    workflowsPath: findSource('../workflows/index.ts'),
    workflowInterceptorModules: [findSource('../workflows/trace-headers.ts')],
    logger: new DefaultLogger('WARN'),
  });
  return code;
}

function findSource(path: string): string {
  return fileURLToPath(new URL(path, import.meta.url));
}

if (import.meta.main) {
  const [out] = process.argv.slice(2);
  if (out === undefined) {
    process.stderr.write('usage: node workers/bundle-workflows.ts OUT\n');
    process.exit(2);
  }
  await writeFile(out, await bundleWorkflows());
}
