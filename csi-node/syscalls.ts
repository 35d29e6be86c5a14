// Which system calls does the node agent make? All of them are here; nothing else loads koffi.
import { getSystemErrorName } from 'node:util';
import koffi from 'koffi';
import { Descriptor } from './descriptor.ts';

/** A failed system call; `errno` is the kernel's name, such as `EBUSY`. */
export class SystemCallError extends Error {
  readonly call: string;
  readonly errno: string;

  constructor(call: string, errno: string, subject: string) {
    super(`${call} ${subject}: ${errno}`);
    this.name = 'SystemCallError';
    this.call = call;
    this.errno = errno;
  }
}

/** Did this system call fail for one of these reasons? */
export function hasErrno(thrown: unknown, ...names: string[]): thrown is SystemCallError {
  return thrown instanceof SystemCallError && names.includes(thrown.errno);
}

const libc = koffi.load('libc.so.6');

// Numbers from 424 on are the same on every architecture; older calls go through libc's own functions.
const NUMBER = {
  openTree: 428,
  moveMount: 429,
  fsopen: 430,
  fsconfig: 431,
  fsmount: 432,
  openat2: 437,
  mountSetattr: 442,
} as const;

const syscall = (...types: string[]) => libc.func('syscall', 'long', ['long', ...types]);
const openTreeCall = syscall('int', 'str', 'uint');
const moveMountCall = syscall('int', 'str', 'int', 'str', 'uint');
const fsopenCall = syscall('str', 'uint');
const fsconfigCall = syscall('int', 'uint', 'str', 'str', 'int');
const fsmountCall = syscall('int', 'uint', 'uint');
const openat2Call = syscall('int', 'str', 'void *', 'size_t');
const mountSetattrCall = syscall('int', 'str', 'uint', 'void *', 'size_t');
const umount2Call = libc.func('int umount2(const char *path, int flags)');
const mkdiratCall = libc.func('int mkdirat(int at, const char *path, uint mode)');
const unlinkatCall = libc.func('int unlinkat(int at, const char *path, int flags)');
const statxCall = libc.func('int statx(int at, const char *path, int flags, uint mask, void *out)');
const flockCall = libc.func('int flock(int fd, int operation)');
const socketCall = libc.func('int socket(int domain, int type, int protocol)');
const socketpairCall = libc.func('int socketpair(int domain, int type, int protocol, void *out)');
const connectCall = libc.func('int connect(int fd, void *address, uint length)');
const getsockoptCall = libc.func(
  'int getsockopt(int fd, int level, int option, void *value, void *length)',
);
const sendmsgCall = libc.func('long sendmsg(int fd, void *message, int flags)');

const AT_FDCWD = -100;
const AT_EMPTY_PATH = 0x1000;
const CLOEXEC = 0o2000000;

function check(call: string, result: number | bigint, subject: string): number {
  if (result >= 0) return Number(result);
  throw new SystemCallError(call, getSystemErrorName(-koffi.errno()), subject);
}

/** Flags of openat2(2) for `resolve`. */
export const RESOLVE = {
  noCrossingMounts: 0x01,
  noMagicLinks: 0x02,
  noSymlinks: 0x04,
  beneath: 0x08,
} as const;

const OPEN = { path: 0o10000000, noFollow: 0o400000, writeOnly: 1 } as const;

function openat2(at: number, path: string, flags: number, resolve: number): Descriptor {
  const how = Buffer.alloc(24);
  how.writeBigUInt64LE(BigInt(flags | CLOEXEC), 0);
  how.writeBigUInt64LE(BigInt(resolve), 16);
  return new Descriptor(
    check('openat2', openat2Call(NUMBER.openat2, at, path, how, how.length), path),
  );
}

/** Opens an absolute path as a mere reference (O_PATH): no server behind a mount is asked. */
export function openReference(path: string): Descriptor {
  return openat2(AT_FDCWD, path, OPEN.path | OPEN.noFollow, RESOLVE.noMagicLinks);
}

/** As `openReference`, below a directory and by the given rules of openat2(2). */
export function openBelow(directory: Descriptor, path: string, resolve: number): Descriptor {
  return openat2(directory.fd, path, OPEN.path | OPEN.noFollow, RESOLVE.beneath | resolve);
}

/** Opens a file of a kernel file system below a directory for writing. */
export function openForWriting(directory: Descriptor, path: string): Descriptor {
  return openat2(directory.fd, path, OPEN.writeOnly, RESOLVE.beneath | RESOLVE.noSymlinks);
}

/** Makes a directory below another; EEXIST if there is anything of that name. */
export function makeDirectory(at: Descriptor, name: string, mode: number): void {
  check('mkdirat', mkdiratCall(at.fd, name, mode), name);
}

/** Removes an empty directory, and only that (unlinkat with AT_REMOVEDIR). */
export function removeEmptyDirectory(at: Descriptor | undefined, name: string): void {
  const AT_REMOVEDIR = 0x200;
  check('rmdir', unlinkatCall(at?.fd ?? AT_FDCWD, name, AT_REMOVEDIR), name);
}

/** A detached copy of the mount at this descriptor, without the mounts below it. */
export function cloneMount(mount: Descriptor): Descriptor {
  const OPEN_TREE_CLONE = 1;
  const flags = AT_EMPTY_PATH | OPEN_TREE_CLONE | CLOEXEC;
  return new Descriptor(
    check('open_tree', openTreeCall(NUMBER.openTree, mount.fd, '', flags), mount.path),
  );
}

/** Attaches a detached mount on (or, with `beneath`, below the topmost mount of) the place at a descriptor. */
export function moveMount(
  mount: Descriptor,
  place: Descriptor,
  options: { beneath: boolean } = { beneath: false },
): void {
  const FROM_EMPTY_PATH = 0x04;
  const TO_EMPTY_PATH = 0x40;
  const BENEATH = 0x200;
  const flags = FROM_EMPTY_PATH | TO_EMPTY_PATH | (options.beneath ? BENEATH : 0);
  check(
    'move_mount',
    moveMountCall(NUMBER.moveMount, mount.fd, '', place.fd, '', flags),
    place.path,
  );
}

/**
 * Which errno answers a beneath-move of nothing? The kernel checks the flags before the descriptors:
 * EINVAL without the feature (before 6.5), EBADF with it.
 */
export function observeBeneathErrno(): string {
  const result = moveMountCall(NUMBER.moveMount, -1, 'x', -1, 'x', 0x200);
  return result < 0 ? getSystemErrorName(-koffi.errno()) : '';
}

/** Flags of mount_setattr(2). */
export const ATTRIBUTE = { readOnly: 0x1, noSuid: 0x2, noDev: 0x4 } as const;
export const PROPAGATION = { private: 1 << 18, shared: 1 << 20 } as const;

/** Changes one mount's flags or its propagation, usually while it is still detached. */
export function setMountAttributes(
  mount: Descriptor,
  change: { set?: number; propagation?: number },
): void {
  const attributes = Buffer.alloc(32);
  attributes.writeBigUInt64LE(BigInt(change.set ?? 0), 0);
  attributes.writeBigUInt64LE(BigInt(change.propagation ?? 0), 16);
  const { fd, path } = mount;
  const size = attributes.length;
  check(
    'mount_setattr',
    mountSetattrCall(NUMBER.mountSetattr, fd, '', AT_EMPTY_PATH, attributes, size),
    path,
  );
}

/** Makes a new file system of a type, not attached anywhere (fsopen, fsconfig, fsmount). */
export function makeDetachedMount(
  type: string,
  options: { parameters: Record<string, string>; flags: string[]; attributes: number },
): Descriptor {
  const SET_FLAG = 0;
  const SET_STRING = 1;
  const CREATE = 6;
  using context = new Descriptor(check('fsopen', fsopenCall(NUMBER.fsopen, type, 1), type));
  const configure = (command: number, key: string | null, value: string | null) =>
    check(
      'fsconfig',
      fsconfigCall(NUMBER.fsconfig, context.fd, command, key, value, 0),
      `${type} ${key ?? 'create'}`,
    );
  for (const [key, value] of Object.entries(options.parameters)) configure(SET_STRING, key, value);
  for (const key of options.flags) configure(SET_FLAG, key, null);
  configure(CREATE, null, null);
  return new Descriptor(
    check('fsmount', fsmountCall(NUMBER.fsmount, context.fd, 1, options.attributes), type),
  );
}

/**
 * Takes away the topmost mount at a path. Plain: EBUSY while anything in any namespace uses it.
 * Lazy: at once, and whoever has files open keeps them.
 */
export function unmount(path: string, options: { lazy: boolean } = { lazy: false }): void {
  const DETACH = 2;
  const NO_FOLLOW = 8;
  check('umount2', umount2Call(path, NO_FOLLOW | (options.lazy ? DETACH : 0)), path);
}

/** The minor device number of a mount, without asking its server. FUSE connections are named by it. */
export function observeDeviceMinor(mount: Descriptor): number {
  const DONT_SYNC = 0x4000;
  const out = Buffer.alloc(256);
  check('statx', statxCall(mount.fd, '', AT_EMPTY_PATH | DONT_SYNC, 1, out), mount.path);
  return out.readUInt32LE(140);
}

/** What a descriptor refers to, without asking any server: `directory`, `symlink` or `other`. */
export function observeFileType(file: Descriptor): 'directory' | 'symlink' | 'other' {
  const DONT_SYNC = 0x4000;
  const out = Buffer.alloc(256);
  check('statx', statxCall(file.fd, '', AT_EMPTY_PATH | DONT_SYNC, 1, out), file.path);
  const type = out.readUInt16LE(28) & 0o170000;
  return type === 0o040000 ? 'directory' : type === 0o120000 ? 'symlink' : 'other';
}

/** Takes an exclusive lock without waiting; EAGAIN if another process holds it. Ends with the descriptor. */
export function lockFile(file: Descriptor): void {
  const LOCK_EX = 2;
  const LOCK_NB = 4;
  check('flock', flockCall(file.fd, LOCK_EX | LOCK_NB), file.path);
}

const AF_UNIX = 1;
const SOCK_STREAM = 1;
const SOCK_NONBLOCK = 0o4000;

/** Two connected stream sockets. */
export function makeSocketPair(): [Descriptor, Descriptor] {
  const out = Buffer.alloc(8);
  check('socketpair', socketpairCall(AF_UNIX, SOCK_STREAM | CLOEXEC, 0, out), 'unix');
  return [new Descriptor(out.readInt32LE(0)), new Descriptor(out.readInt32LE(4))];
}

/** Connects to a Unix stream socket without ever waiting; EAGAIN if its server lags behind. */
export function connectUnix(path: string): Descriptor {
  const type = SOCK_STREAM | SOCK_NONBLOCK | CLOEXEC;
  const socket = new Descriptor(check('socket', socketCall(AF_UNIX, type, 0), path));
  const address = Buffer.alloc(110);
  address.writeUInt16LE(AF_UNIX, 0);
  address.write(path, 2);
  try {
    check('connect', connectCall(socket.fd, address, 2 + Buffer.byteLength(path) + 1), path);
  } catch (error) {
    socket[Symbol.dispose]();
    throw error;
  }
  return socket;
}

/** The process that listens behind a connected Unix socket (SO_PEERCRED); 0 if our PID namespace does not show it. */
export function observePeerPid(socket: Descriptor): number {
  const SOL_SOCKET = 1;
  const SO_PEERCRED = 17;
  const value = Buffer.alloc(12); // struct ucred
  const length = Buffer.alloc(4);
  length.writeUInt32LE(value.length);
  const { fd, path } = socket;
  check('getsockopt', getsockoptCall(fd, SOL_SOCKET, SO_PEERCRED, value, length), path);
  return value.readInt32LE(0);
}

/**
 * Sends bytes together with one descriptor (SCM_RIGHTS), without waiting. All parts are in one buffer, the one that the
 * call is given: a buffer of which only the address is left may be collected before the kernel reads it.
 */
export function sendDescriptor(socket: number, bytes: Buffer, descriptor: Descriptor): void {
  const at = { part: 56, control: 72, bytes: 96 };
  const message = Buffer.alloc(at.bytes + bytes.length);
  const start = BigInt(koffi.address(message));
  // struct msghdr
  message.writeBigUInt64LE(start + BigInt(at.part), 16);
  message.writeBigUInt64LE(1n, 24);
  message.writeBigUInt64LE(start + BigInt(at.control), 32);
  message.writeBigUInt64LE(BigInt(at.bytes - at.control), 40);
  // struct iovec
  message.writeBigUInt64LE(start + BigInt(at.bytes), at.part);
  message.writeBigUInt64LE(BigInt(bytes.length), at.part + 8);
  // struct cmsghdr
  message.writeBigUInt64LE(20n, at.control); // cmsg_len: header of 16 and one int
  message.writeInt32LE(1, at.control + 8); // SOL_SOCKET
  message.writeInt32LE(1, at.control + 12); // SCM_RIGHTS
  message.writeInt32LE(descriptor.fd, at.control + 16);
  bytes.copy(message, at.bytes);
  const MSG_DONTWAIT = 0x40;
  const MSG_NOSIGNAL = 0x4000;
  check('sendmsg', sendmsgCall(socket, message, MSG_DONTWAIT | MSG_NOSIGNAL), 'descriptor');
}
