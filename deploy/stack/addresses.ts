// Which addresses, ports, names and keys does the stack use?

/** The nodes' network exists only inside the stack's network namespaces. */
export const addresses = {
  /** The first node, and the servers that run there. */
  node: '10.88.0.1',
  /** Nobody answers there: what leaves the stack fails with "no route to host" after 3 s. */
  nowhere: '10.88.0.254',
  s3Tls: '10.88.0.10',
  s3Plain: '10.88.0.11',
  dns: '10.88.0.53',
  /** Pods of all nodes; apart from the nodes' own addresses, which kube-proxy must not take for pods. */
  podCidr: '10.89.0.0/16',
  serviceCidr: '10.96.0.0/16',
  kubernetesService: '10.96.0.1',
  dnsService: '10.96.0.10',
} as const;

/** TCP ports, on `addresses.node` unless the name says otherwise. */
export const ports = {
  kubeApiserver: 6443,
  temporal: 7233,
  temporalUi: 8233,
  s3Tls: 443,
  s3Plain: 80,
} as const;

/** Names of the original article's samples that the stack's DNS answers with its own S3. */
export const sampleEndpoints = {
  tls: 'play.min.io',
  plain: 'my-s3-service.example.com',
} as const;

/** S3's administrator: may do everything, also make users (`versitygw admin create-user`). */
export const s3Administrator = { accessKeyId: 'stackadmin', secretAccessKey: 'stackadminsecret' };

/** The user of the original article's Secret, and the buckets of its claims, which it owns. */
export const sampleUser = { accessKeyId: 'cldevaccesskey', secretAccessKey: 'cldevsecretkey' };
export const sampleBuckets = ['ssat202410181', 'my-s3-bucket'] as const;

export const temporalNamespace = 'dynvol';
export const s3Region = 'us-east-1';
