// Where may a test push images? (Debian's registry, on this machine)
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureDebianPackages } from '../../deploy/stack/debian-packages.ts';
import { registryPackage } from '../packages.ts';
import { startService, type Service } from './processes.ts';

const LISTENING = /listening on ([\d.]+:\d+)/;

/** A registry without TLS on a free port. */
export class LocalRegistry implements AsyncDisposable {
  /** `host:port`. */
  readonly address: string;
  /** What it stores, and where a test may put what it pulls. */
  readonly folder: string;
  readonly #server: Service;

  private constructor(folder: string, server: Service) {
    this.address = LISTENING.exec(server.output())?.[1] ?? '';
    this.folder = folder;
    this.#server = server;
  }

  /** @param password whether it asks for one, which nobody has */
  static async start(options: { password?: boolean } = {}): Promise<LocalRegistry> {
    await ensureDebianPackages(() => undefined, [registryPackage]);
    const folder = await mkdtemp(join(tmpdir(), 'dynvol-registry-'));
    const users = join(folder, 'users');
    const config = {
      version: '0.1',
      storage: { filesystem: { rootdirectory: join(folder, 'storage') } },
      http: { addr: '127.0.0.1:0' },
      ...(options.password && { auth: { htpasswd: { realm: 'test', path: users } } }),
    };
    await writeFile(users, `nobody:$2y$05$${'a'.repeat(53)}\n`);
    await writeFile(join(folder, 'config.yml'), JSON.stringify(config));
    const server = await startService(
      registryPackage.provides,
      ['serve', join(folder, 'config.yml')],
      { ready: LISTENING },
    );
    return new LocalRegistry(folder, server);
  }

  /** Path and time of each blob that it has. */
  async listBlobs(): Promise<string[]> {
    const entries = await readdir(join(this.folder, 'storage'), {
      recursive: true,
      withFileTypes: true,
    });
    const files = entries.filter(({ name }) => name === 'data');
    const paths = files.map(({ parentPath, name }) => join(parentPath, name)).sort();
    return await Promise.all(paths.map(async (path) => `${path} ${(await stat(path)).mtimeMs}`));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.stop();
    await rm(this.folder, { recursive: true });
  }
}
