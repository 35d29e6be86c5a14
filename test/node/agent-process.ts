// How does the lab run the node agent, and reach it as the kubelet and as the controller?
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { buildAgentIdentity, CONTROLLER_IDENTITY, DRIVER_NAME } from '../../api/names.ts';
import { KUBELET_DIR } from '../../api/paths.ts';
import { type Caller, dialAgent, dialSocket, LAB_NODE, PROTO_DIR } from './agent-client.ts';
import { Authority } from './certificates.ts';
import type { Host } from './host.ts';
import type { Service } from './processes.ts';
import { findFreePort } from './storage.ts';

const AGENT = join(import.meta.dirname, '../../csi-node/main.ts');
const CSI_SOCKET = `${KUBELET_DIR}/plugins/${DRIVER_NAME}/csi.sock`;
const REGISTRATION_SOCKET = `${KUBELET_DIR}/plugins_registry/${DRIVER_NAME}-reg.sock`;

interface AgentParts {
  directory: string;
  host: Host;
  probe: string;
  authority: Authority;
  ports: { api: number; health: number };
}

/** Gives the agent a certificate as if it had enrolled before. */
async function storeIdentity(directory: string, authority: Authority, name: string): Promise<void> {
  const { crt, key } = await authority.issue('agent', `DNS:${name}`);
  mkdirSync(join(directory, 'identity'));
  const pem = readFileSync(crt, 'utf8') + readFileSync(key, 'utf8');
  writeFileSync(join(directory, 'identity', 'identity.pem'), pem, { mode: 0o600 });
}

/** The agent of a lab, and callers of its services. */
export class AgentProcess implements AsyncDisposable {
  readonly #parts: AgentParts;
  #agent: Service | undefined;
  readonly #callers: Caller[] = [];
  readonly #apiCallers = new Map<string, Caller>();

  private constructor(parts: AgentParts) {
    this.#parts = parts;
  }

  /** Prepares everything; the agent itself is not started. */
  static async make(options: {
    directory: string;
    host: Host;
    probe: string;
  }): Promise<AgentProcess> {
    const tlsDir = join(options.directory, 'tls');
    mkdirSync(tlsDir);
    const authority = await Authority.make(tlsDir);
    await storeIdentity(options.directory, authority, buildAgentIdentity(LAB_NODE));
    await authority.issue('controller', `DNS:${CONTROLLER_IDENTITY}`);
    const ports = { api: await findFreePort(), health: await findFreePort() };
    return new AgentProcess({ ...options, authority, ports });
  }

  get authority(): Authority {
    return this.#parts.authority;
  }

  /** Starts the agent in a container of its own. */
  async start(env: Record<string, string> = {}): Promise<Service> {
    const { directory, host, probe, ports } = this.#parts;
    const started = await host.startAgent([process.execPath, AGENT], {
      PATH: process.env['PATH'],
      NODE_NAME: LAB_NODE,
      AGENT_LISTEN: this.apiAddress,
      HEALTH_PORT: String(ports.health),
      ENROLMENT_DIR: join(directory, 'tls'),
      // Nobody listens there: the agent has a certificate.
      ENROLMENT_ADDRESS: '127.0.0.1:1',
      IDENTITY_DIR: join(directory, 'identity'),
      PROBE_BINARY: probe,
      PROTO_DIR,
      LOG_LEVEL: 'debug',
      ...env,
    });
    this.#agent = started;
    return started;
  }

  get service(): Service {
    if (this.#agent === undefined) throw new Error('the agent was not started');
    return this.#agent;
  }

  /** Ends the agent (its container with it) and starts another one. */
  async restart(signal: NodeJS.Signals, env: Record<string, string>): Promise<void> {
    await this.service.stop(signal);
    this.closeCallers();
    await this.start(env);
  }

  /** Tries to start one more agent beside the running one. */
  async startSecond(): Promise<void> {
    const first = this.#agent;
    try {
      await using _second = await this.start();
    } finally {
      this.#agent = first;
    }
  }

  get apiAddress(): string {
    return `127.0.0.1:${this.#parts.ports.api}`;
  }

  get healthUrl(): string {
    return `http://127.0.0.1:${this.#parts.ports.health}/healthz`;
  }

  /** The fingerprint of the certificate that the agent API shows. */
  async fingerprint(): Promise<string> {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const [host = '', port] = this.apiAddress.split(':');
    const file = (extension: string) =>
      readFileSync(join(this.authority.directory, `controller.${extension}`));
    const tls = { cert: file('crt'), key: file('key'), rejectUnauthorized: false };
    const socket = connect({ host, port: Number(port), ALPNProtocols: ['h2'], ...tls }, () => {
      resolve(socket.getPeerCertificate().fingerprint256);
      socket.destroy();
    });
    socket.on('error', reject);
    return await promise;
  }

  closeCallers(): void {
    for (const caller of this.#callers.splice(0)) caller.close();
    this.#apiCallers.clear();
  }

  #keep(caller: Caller): Caller {
    this.#callers.push(caller);
    return caller;
  }

  /** Its CSI services, as the kubelet calls them. */
  csi(service: 'Node' | 'Identity'): Caller {
    const path = this.#parts.host.path(CSI_SOCKET);
    return this.#keep(dialSocket(path, 'csi.proto', `csi.v1.${service}`));
  }

  registration(): Caller {
    const path = this.#parts.host.path(REGISTRATION_SOCKET);
    return this.#keep(dialSocket(path, 'registration.proto', 'pluginregistration.Registration'));
  }

  /** The agent API with one of the lab's certificates. */
  api(name: string): Caller {
    const file = (extension: string) => join(this.authority.directory, `${name}.${extension}`);
    const files = { ca: this.authority.certificate, crt: file('crt'), key: file('key') };
    const open = this.#apiCallers.get(name);
    if (open !== undefined) return open;
    const caller = this.#keep(dialAgent(this.apiAddress, files, this.authority.certificate));
    this.#apiCallers.set(name, caller);
    return caller;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.closeCallers();
    await this.#agent?.stop('SIGKILL');
  }
}
