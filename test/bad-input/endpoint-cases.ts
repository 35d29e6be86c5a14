// Which servers may no claim name, however their address is written?

export const FORBIDDEN_ENDPOINTS = [
  { row: 46, endpoint: 'http://localhost', host: 'localhost' },
  { row: 46, endpoint: 'http://LOCALHOST:9000', host: 'localhost' },
  { row: 46, endpoint: 'http://minio.localhost', host: 'minio.localhost' },
  { row: 46, endpoint: 'http://127.0.0.1', host: '127.0.0.1' },
  { row: 46, endpoint: 'http://127.1', host: '127.0.0.1' },
  { row: 46, endpoint: 'http://0.0.0.0', host: '0.0.0.0' },
  { row: 46, endpoint: 'http://0', host: '0.0.0.0' },
  { row: 46, endpoint: 'http://[::1]', host: '[::1]' },
  { row: 46, endpoint: 'http://[::]', host: '[::]' },
  { row: 47, endpoint: 'http://169.254.169.254', host: '169.254.169.254' },
  { row: 47, endpoint: 'http://[fe80::1]', host: '[fe80::1]' },
  { row: 47, endpoint: 'http://[fd00:ec2::254]', host: '[fd00:ec2::254]' },
  { row: 47, endpoint: 'http://metadata.google.internal', host: 'metadata.google.internal' },
  { row: 48, endpoint: 'http://2852039166', host: '169.254.169.254' },
  { row: 48, endpoint: 'http://0xA9FEA9FE', host: '169.254.169.254' },
  { row: 48, endpoint: 'http://0251.0376.0251.0376', host: '169.254.169.254' },
  { row: 48, endpoint: 'http://[::ffff:169.254.169.254]', host: '[::ffff:a9fe:a9fe]' },
] as const;
