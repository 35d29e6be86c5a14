// What stands before a server that speaks no TLS? (node tls-front.ts LISTEN TARGET; certificates are in the folder)
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { pipeline } from 'node:stream';
import { createServer } from 'node:tls';

const [listen = '', target = ''] = process.argv.slice(2);
const split = (address: string) => {
  const [host, port] = address.split(':');
  return { host, port: Number(port) };
};

const certificates = {
  cert: readFileSync('front.crt'),
  key: readFileSync('front.key'),
  ca: readFileSync('ca.crt'),
};
// As gRPC wants it.
const options = { ...certificates, requestCert: true, ALPNProtocols: ['h2'] };
// One side that breaks off ends the other; that is all there is to do.
const ignore = () => undefined;
createServer(options, (client) => {
  const server = connect(split(target));
  pipeline(client, server, ignore);
  pipeline(server, client, ignore);
}).listen(split(listen));
