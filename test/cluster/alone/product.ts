// How does a test install, upgrade and take away the whole product? (Helm, inside the stack)
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parse } from 'yaml';
import { SYSTEM_NAMESPACE } from '../../../api/names.ts';
import { run, runOk, type Outcome } from '../programs.ts';
import { Scenario } from '../scenario.ts';

const DEPLOY = path.join(import.meta.dirname, '../../../deploy');
/** Chart 0.1.0 as it was. */
const PREVIOUS = path.join(import.meta.dirname, 'previous-chart');
const IN_NAMESPACE = ['--namespace', SYSTEM_NAMESPACE];

/** The installation that the tests found, with its values; afterwards it is there again. */
export class Product implements AsyncDisposable {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async open(): Promise<Product> {
    const product = new Product(await mkdtemp(path.join(tmpdir(), 'dynvol-product-')));
    const values = await runOk('helm', ['get', 'values', 'dynvol', ...IN_NAMESPACE, '-o', 'json']);
    await writeFile(product.#values, values);
    return product;
  }

  get #values(): string {
    return path.join(this.#folder, 'values.json');
  }

  /** Installs or upgrades to this checkout's charts: that of the custom resources first, as people are told to. */
  async installCurrent(...settings: string[]): Promise<void> {
    const takeOver = ['--take-ownership', '--server-side=false'];
    const crds = ['upgrade', '--install', 'dynvol-crds', `${DEPLOY}/chart-crds`];
    await runOk('helm', [...crds, ...IN_NAMESPACE, '--create-namespace', ...takeOver]);
    await this.#install(`${DEPLOY}/chart`, settings);
  }

  /** Installs the previous chart; with today's images, because the former ones are not made any more. */
  async installPrevious(): Promise<void> {
    const chart = path.join(this.#folder, 'previous-chart');
    await cp(PREVIOUS, chart, { recursive: true });
    const description = await readFile(`${chart}/Chart.yaml`, 'utf8');
    const version = await readAppVersion();
    await writeFile(
      `${chart}/Chart.yaml`,
      description.replace(/^appVersion: .*$/m, `appVersion: ${version}`),
    );
    const crds = ['--filename', `${chart}/crds`];
    await runOk('kubectl', ['apply', '--server-side', '--force-conflicts', ...crds]);
    await this.#install(chart, []);
  }

  async #install(chart: string, settings: string[]): Promise<void> {
    const values = ['--values', this.#values, ...settings.flatMap((one) => ['--set', one])];
    const wait = ['--wait', '--timeout', '180s'];
    const what = ['upgrade', '--install', 'dynvol', chart, '--skip-crds', '--create-namespace'];
    await runOk('helm', [...what, ...IN_NAMESPACE, ...values, ...wait]);
    await using scenario = await Scenario.create('installed');
    await scenario.waitAdmitting();
  }

  /** Without `legacy` Helm 4.0 tells of a Job that has failed only when the whole time is over. */
  async tryUninstall(): Promise<Outcome> {
    return await run('helm', ['uninstall', 'dynvol', ...IN_NAMESPACE, '--wait=legacy']);
  }

  /** After an uninstallation that was refused: until then Helm upgrades nothing. */
  async rollBack(): Promise<void> {
    const listed = await runOk('helm', [
      'list',
      ...IN_NAMESPACE,
      '--filter',
      '^dynvol$',
      '-o',
      'json',
    ]);
    const [release] = JSON.parse(listed) as { revision: string }[];
    await runOk('helm', ['rollback', 'dynvol', String(release?.revision), ...IN_NAMESPACE]);
  }

  async uninstall(): Promise<void> {
    const { status, stdout, stderr } = await this.tryUninstall();
    if (status !== 0) throw new Error(`helm uninstall ended with ${status}: ${stdout}${stderr}`);
  }

  /** What `helm test` says. */
  async test(): Promise<Outcome> {
    return await run('helm', ['test', 'dynvol', ...IN_NAMESPACE]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (await isRefused()) await this.rollBack();
    await this.installCurrent();
    await rm(this.#folder, { recursive: true });
  }
}

/** Whether an uninstallation has begun and was refused. */
async function isRefused(): Promise<boolean> {
  const { stdout } = await run('helm', ['status', 'dynvol', ...IN_NAMESPACE, '-o', 'json']);
  return stdout.includes('"status":"uninstalling"');
}

async function readAppVersion(): Promise<string> {
  const description = await readFile(`${DEPLOY}/chart/Chart.yaml`, 'utf8');
  return (parse(description) as { appVersion: string }).appVersion;
}
