// Which certificates do the lab's agent, its callers and its storage show?
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runOrFail } from './processes.ts';

const VALID_DAYS = '2';

async function makeKey(path: string): Promise<void> {
  await runOrFail('openssl', ['ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', path]);
}

/** A certificate authority of the lab; certificates lie in its directory as `<name>.crt` and `<name>.key`. */
export class Authority {
  readonly directory: string;
  readonly certificate: string;

  private constructor(directory: string) {
    this.directory = directory;
    this.certificate = join(directory, 'ca.crt');
  }

  static async make(directory: string): Promise<Authority> {
    const authority = new Authority(directory);
    const key = join(directory, 'ca.key');
    await makeKey(key);
    const subject = ['-subj', '/CN=lab authority', '-days', VALID_DAYS];
    const output = ['-key', key, '-out', authority.certificate];
    await runOrFail('openssl', ['req', '-x509', '-new', ...output, ...subject]);
    return authority;
  }

  /** One whose `ca.crt` and `ca.key` lie in the directory already. */
  static open(directory: string): Authority {
    return new Authority(directory);
  }

  /** Issues a certificate for subject alternative names such as `DNS:localhost`; with 0 days it has expired. */
  async issue(
    name: string,
    alternativeNames: string,
    days = VALID_DAYS,
  ): Promise<{ crt: string; key: string }> {
    const file = (extension: string) => join(this.directory, `${name}.${extension}`);
    await makeKey(file('key'));
    const request = ['-key', file('key'), '-out', file('csr'), '-subj', `/CN=${name}`];
    await runOrFail('openssl', ['req', '-new', ...request]);
    writeFileSync(file('ext'), `subjectAltName=${alternativeNames}\n`);
    const signer = ['-CA', this.certificate, '-CAkey', join(this.directory, 'ca.key')];
    const extra = ['-CAcreateserial', '-days', days, '-extfile', file('ext')];
    const output = ['-in', file('csr'), '-out', file('crt')];
    await runOrFail('openssl', ['x509', '-req', ...output, ...signer, ...extra]);
    return { crt: file('crt'), key: file('key') };
  }
}
