// Which Debian packages do tests need beside those of the stack?
import { skopeoPackage, type DebianPackage } from '../deploy/stack/versions.ts';

/** Where images are pushed to. */
export const registryPackage: DebianPackage = {
  name: 'docker-registry',
  tested: '2.8.2+ds1-1',
  provides: '/usr/bin/docker-registry',
};

/** What pages of the documentation expect their reader to have. */
export const readersPackages: readonly DebianPackage[] = [
  registryPackage,
  skopeoPackage,
  { name: 'jq', tested: '1.6-2.1+deb12u1', provides: '/usr/bin/jq' },
];
