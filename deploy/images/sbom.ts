// What does the bill of materials of an image say? (CycloneDX 1.6; equal images have equal ones)

/** Something that an image holds and that others made. */
export type Component = {
  type: 'library' | 'platform';
  name: string;
  version: string;
  /** Names it in every database of vulnerabilities (package-url specification). */
  purl: string;
  /** SPDX expression. */
  license?: string;
  /** Hexadecimal SHA-512 of the package as its registry gives it. */
  sha512?: string;
};

/** Name of the media type, as registries know it. */
export const SBOM_MEDIA_TYPE = 'application/vnd.cyclonedx+json';

/**
 * Builds the document; components are sorted, and each is there once. There is neither a time nor a serial number in it,
 * which both would be others each time.
 *
 * @see https://cyclonedx.org/docs/1.6/json/
 */
export function buildSbom(image: {
  part: string;
  version: string;
  digest: string;
  components: readonly Component[];
}): object {
  const { part, version, digest } = image;
  const purl = `pkg:oci/${part}@${encodeURIComponent(digest)}?tag=${version}`;
  const byPurl = new Map(image.components.map((component) => [component.purl, component]));
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      component: { 'bom-ref': purl, type: 'container', name: `dynvol/${part}`, version, purl },
    },
    components: [...byPurl.keys()]
      .sort()
      .flatMap((key) => byPurl.get(key) ?? [])
      .map(buildEntry),
  };
}

/** What npm's lock file says of a package. */
export type LockedPackage = {
  version: string;
  license?: string;
  /** Algorithm and Base64 (Subresource Integrity). */
  integrity?: string;
};

/** The component of an npm package. */
export function buildNpmComponent(name: string, locked: LockedPackage): Component {
  const { version, license, integrity } = locked;
  const [, base64] = /^sha512-(.+)$/.exec(integrity ?? '') ?? [];
  return {
    type: 'library',
    name,
    version,
    purl: `pkg:npm/${name.replace('@', '%40')}@${version}`,
    ...(license === undefined ? {} : { license }),
    ...(base64 === undefined ? {} : { sha512: Buffer.from(base64, 'base64').toString('hex') }),
  };
}

/** The component of a Debian package. */
export function buildDebianComponent(name: string, version: string): Component {
  const purl = `pkg:deb/debian/${name}@${encodeURIComponent(version)}?arch=amd64`;
  return { type: 'library', name, version, purl };
}

/**
 * Reads the output of `go version -m` for one program: its modules, as they were replaced, and Go's own library.
 *
 * @throws Error the program was not made by Go
 */
export function parseGoModules(output: string): Component[] {
  const [first = '', ...lines] = output.trim().split('\n');
  const go = /: go(\S+)$/.exec(first)?.[1];
  if (go === undefined) throw new Error(`Not the build information of a Go program: ${first}`);
  const modules: [name: string, version: string][] = [['stdlib', go]];
  for (const line of lines) {
    const [, kind, name = '', version = ''] = line.split('\t');
    if (kind === '=>') modules.pop();
    if (kind === 'mod' || kind === 'dep' || kind === '=>') modules.push([name, version]);
  }
  // The program's own module, when it is not a published one.
  return modules.filter(([, version]) => version !== '(devel)').map(buildGoComponent);
}

function buildGoComponent([name, version]: [string, string]): Component {
  const purl = `pkg:golang/${name.toLowerCase()}@${encodeURIComponent(version)}`;
  return { type: 'library', name, version, purl };
}

function buildEntry({ type, name, version, purl, license, sha512 }: Component): object {
  return {
    'bom-ref': purl,
    type,
    name,
    version,
    purl,
    ...(license === undefined ? {} : { licenses: [{ expression: license }] }),
    ...(sha512 === undefined ? {} : { hashes: [{ alg: 'SHA-512', content: sha512 }] }),
  };
}
