// How does the agent get a certificate from the controller? (one try)
import { generateKeyPair, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client, credentials, type MethodDefinition, type ServiceDefinition } from '@grpc/grpc-js';
import type { EnrolRequest, EnrolResponse } from '../api/enrolment.ts';
import { CONTROLLER_IDENTITY } from '../api/names.ts';
import type { Config } from './config.ts';
import { loadService } from './grpc-handler.ts';
import { type Expected, type Identity, parseIdentity } from './identity.ts';

const DEADLINE_MS = 10_000;

/** Where and with what an agent enrols. */
export interface Enrolment {
  /** `host:port` of the controller. */
  address: string;
  /** Read for each try: the kubelet renews it. */
  tokenFile: string;
  service: ServiceDefinition;
}

/** The part of the configuration that tells where to enrol. */
export type EnrolmentConfig = Pick<
  Config,
  'enrolmentAddress' | 'enrolmentDir' | 'nodeName' | 'protoDir'
>;

/** Describes where to enrol; reads no token yet. */
export function buildEnrolment(config: EnrolmentConfig): Enrolment {
  const { enrolmentAddress: address, enrolmentDir, protoDir } = config;
  const service = loadService(protoDir, 'enrolment.proto', 'dynvol.enrolment.v1.Enrolment');
  return { address, tokenFile: join(enrolmentDir, 'token'), service };
}

/** What certificates of this agent must fit. @throws Error `ca.crt` cannot be read */
export function readExpected({ enrolmentDir, nodeName }: EnrolmentConfig): Expected {
  return { nodeName, caCertificate: readFileSync(join(enrolmentDir, 'ca.crt'), 'utf8') };
}

/**
 * Makes a new key and has the controller sign a certificate for it. The key leaves this process only to be saved.
 * @throws Error the controller is not reached, is not the controller, refuses, or answers what is of no use
 */
export async function enrol(enrolment: Enrolment, expected: Expected): Promise<Identity> {
  const token = readFileSync(enrolment.tokenFile, 'utf8').trim();
  const { publicKey, privateKey } = await promisify(generateKeyPair)('ec', {
    namedCurve: 'P-256',
    publicKeyEncoding: { type: 'spki', format: 'der' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const proof = sign('sha256', Buffer.from(token), privateKey);
  const { certificate } = await call(enrolment, expected, { token, publicKey, proof });
  return parseIdentity({ certificate, privateKey }, expected);
}

async function call(
  { address, service }: Enrolment,
  { caCertificate }: Expected,
  request: EnrolRequest,
): Promise<EnrolResponse> {
  const method = service['Enrol'] as MethodDefinition<EnrolRequest, EnrolResponse>;
  const client = new Client(address, credentials.createSsl(Buffer.from(caCertificate)), {
    // Dialled by the name of its Service; its certificate bears this name.
    'grpc.ssl_target_name_override': CONTROLLER_IDENTITY,
    'grpc.default_authority': CONTROLLER_IDENTITY,
    // Each try looks anew for a controller that answers.
    'grpc.use_local_subchannel_pool': 1,
  });
  try {
    return await new Promise((resolve, reject) => {
      client.makeUnaryRequest(
        method.path,
        method.requestSerialize,
        method.responseDeserialize,
        request,
        { deadline: Date.now() + DEADLINE_MS },
        (error, response) =>
          response ? resolve(response) : reject(error ?? new Error('no answer')),
      );
    });
  } finally {
    client.close();
  }
}
