import { describe, expect, it } from 'vitest';
import {
  buildDebianComponent,
  buildNpmComponent,
  buildSbom,
  parseGoModules,
} from '../../../../deploy/images/sbom.ts';

const image = { part: 'csi-node', version: '0.1.0', digest: 'sha256:ab' };
const pino = buildNpmComponent('pino', { version: '10.4.0', license: 'MIT' });
const libc = buildDebianComponent('libc6', '2.36-9+deb12u14');

describe('buildSbom()', () => {
  it('tells which image it is about, by its digest', () => {
    const { metadata, ...rest } = buildSbom({ ...image, components: [] }) as {
      metadata: { component: object };
    };

    expect(metadata.component).toEqual({
      'bom-ref': 'pkg:oci/csi-node@sha256%3Aab?tag=0.1.0',
      type: 'container',
      name: 'dynvol/csi-node',
      version: '0.1.0',
      purl: 'pkg:oci/csi-node@sha256%3Aab?tag=0.1.0',
    });
    expect(rest).toMatchObject({ bomFormat: 'CycloneDX', specVersion: '1.6', version: 1 });
  });

  it('has each component once, in an order that does not depend on how they were found', () => {
    const one = buildSbom({ ...image, components: [pino, libc, pino] });
    const other = buildSbom({ ...image, components: [libc, pino] });

    expect(JSON.stringify(one)).toBe(JSON.stringify(other));
    expect(one).toMatchObject({ components: [{ name: 'libc6' }, { name: 'pino' }] });
  });

  it('writes license and hash as the format wants them', () => {
    const integrity = `sha512-${Buffer.from([1, 255]).toString('base64')}`;
    const component = buildNpmComponent('@grpc/grpc-js', {
      version: '1.14.7',
      license: 'Apache-2.0',
      integrity,
    });

    expect(buildSbom({ ...image, components: [component] })).toMatchObject({
      components: [
        {
          'bom-ref': 'pkg:npm/%40grpc/grpc-js@1.14.7',
          type: 'library',
          name: '@grpc/grpc-js',
          version: '1.14.7',
          purl: 'pkg:npm/%40grpc/grpc-js@1.14.7',
          licenses: [{ expression: 'Apache-2.0' }],
          hashes: [{ alg: 'SHA-512', content: '01ff' }],
        },
      ],
    });
  });
});

it('a Debian version is written as a package URL wants it', () => {
  expect(libc.purl).toBe('pkg:deb/debian/libc6@2.36-9%2Bdeb12u14?arch=amd64');
});

describe('parseGoModules()', () => {
  const output = `/x/rclone: go1.26.8
\tpath\tdynvol/mount-pod/rclone
\tmod\tdynvol/mount-pod/rclone\t(devel)\t
\tdep\tgithub.com/IBM/go-sdk-core/v5\tv5.23.1\th1:fx=
\tdep\texample.com/old\tv1.0.0
\t=>\texample.com/new\tv1.1.0\th1:ab=
\tbuild\t-compiler=gc
`;

  it('names modules as they were replaced, and the library of Go, but not our own program', () => {
    expect(parseGoModules(output).map(({ purl }) => purl)).toEqual([
      'pkg:golang/stdlib@1.26.8',
      'pkg:golang/github.com/ibm/go-sdk-core/v5@v5.23.1',
      'pkg:golang/example.com/new@v1.1.0',
    ]);
  });

  it('names the module of a program that was published', () => {
    const published = '/x/temporal: go1.26.8\n\tmod\tgithub.com/temporalio/cli\tv1.5.1\th1:0R=\n';

    expect(parseGoModules(published).at(-1)?.purl).toBe(
      'pkg:golang/github.com/temporalio/cli@v1.5.1',
    );
  });

  it('does not take anything else for one', () => {
    expect(() => parseGoModules('/bin/ls: could not read Go build info')).toThrow(
      'Not the build information of a Go program: /bin/ls',
    );
  });
});
