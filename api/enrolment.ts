// Which messages travel when a node agent enrols? (api/proto/enrolment.proto)

export interface EnrolRequest {
  /** Of the agent's service account, bound to its pod, with the audience `ENROLMENT_AUDIENCE`; never logged. */
  token: string;
  /** SPKI in DER form, on the curve P-256. */
  publicKey: Buffer;
  /** ECDSA signature with SHA-256, in DER form, of the token by that key. */
  proof: Buffer;
}

export interface EnrolResponse {
  /** PEM. */
  certificate: string;
}
