// Which version of every part does the stack run?

/** Versions of what is compiled from source, each the newest that the Go module proxy can install. */
export const versions = {
  kubernetes: '1.36.3',
  containerd: '2.3.4',
  coredns: '1.12.4',
  helm: '4.3.1',
  temporal: '1.5.1',
  versitygw: '1.7.0',
  rclone: '1.75.0',
  'csi-sanity': '5.6.0',
} as const;

/** A Debian package the stack needs, the version it was tested with, and a path that shows it is there. */
export type DebianPackage = { name: string; tested: string; provides: string };

/**
 * Debian 12 packages. They are not pinned by apt, because Debian keeps only the newest security fix of
 * each: an exact pin would break on the day of the next one.
 */
export const debianPackages: readonly DebianPackage[] = [
  { name: 'runc', tested: '1.1.5+ds1-1+deb12u1', provides: '/usr/sbin/runc' },
  {
    name: 'containernetworking-plugins',
    tested: '1.1.1+ds1-3+b5',
    provides: '/usr/lib/cni/ptp',
  },
  { name: 'nftables', tested: '1.0.6-2+deb12u2', provides: '/usr/sbin/nft' },
  { name: 'busybox-static', tested: '1:1.35.0-4+deb12u1+b1', provides: '/bin/busybox' },
  { name: 'fuse3', tested: '3.14.0-4', provides: '/usr/bin/fusermount3' },
  { name: 'iproute2', tested: '6.1.0-3', provides: '/usr/sbin/ip' },
  { name: 'util-linux', tested: '2.38.1-5+deb12u3', provides: '/usr/bin/nsenter' },
  { name: 'openssl', tested: '3.0.19-1~deb12u2', provides: '/usr/bin/openssl' },
  {
    name: 'ca-certificates',
    tested: '20230311+deb12u1',
    provides: '/etc/ssl/certs/ca-certificates.crt',
  },
  { name: 'gcc', tested: '4:12.2.0-3', provides: '/usr/bin/gcc' },
  { name: 'libc6-dev', tested: '2.36-9+deb12u14', provides: '/usr/lib/x86_64-linux-gnu/libc.a' },
];

/** What shows pages, in tests and pictures. */
export const browserPackages: readonly DebianPackage[] = [
  { name: 'chromium', tested: '156.0.8078.79-1~deb12u1', provides: '/usr/bin/chromium' },
  {
    name: 'fonts-dejavu-core',
    tested: '2.37-6',
    provides: '/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf',
  },
];

/** What pushes images, for machines that have none of their own. */
export const skopeoPackage: DebianPackage = {
  name: 'skopeo',
  tested: '1.9.3+ds1-1+b10',
  provides: '/usr/bin/skopeo',
};
