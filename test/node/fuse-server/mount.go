// How is one mount served, in which mode? (the kernel's protocol: linux/fuse.h, version 7.31)
package main

import (
	"bytes"
	"encoding/binary"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"
)

const (
	opLookup, opForget, opGetattr, opSetattr              = 1, 2, 3, 4
	opOpen, opRead, opWrite, opStatfs, opRelease          = 14, 15, 16, 17, 18
	opFsync, opFlush, opInit, opOpendir, opReaddir        = 20, 25, 26, 27, 28
	opReleasedir, opAccess, opCreate                      = 29, 34, 35
	opInterrupt, opDestroy, opBatchForget                 = 36, 38, 42
	headerBytes, maxRequestBytes                          = 40, 1 << 18
	slowDelay                                             = time.Second
	directoryMode, fileMode                        uint32 = syscall.S_IFDIR | 0o777, syscall.S_IFREG | 0o666
)

type request struct {
	opcode       uint32
	unique, node uint64
	body         []byte
}

type mount struct {
	device  int
	name    string
	folder  *folder
	mutex   sync.Mutex
	changed *sync.Cond
	mode    string
	closed  bool
}

func newMount(device int, name string, folder *folder, mode string) *mount {
	made := &mount{device: device, name: name, folder: folder, mode: mode}
	made.changed = sync.NewCond(&made.mutex)
	return made
}

func runFusermount(mountpoint string, socket *os.File) error {
	command := exec.Command("fusermount3", "-o", "rw", "--", mountpoint)
	command.Env = append(os.Environ(), "_FUSE_COMMFD=3")
	command.ExtraFiles = []*os.File{socket}
	command.Stderr = os.Stderr
	return command.Run()
}

func (m *mount) setMode(mode string) {
	m.mutex.Lock()
	m.mode = mode
	m.mutex.Unlock()
	m.changed.Broadcast()
}

// awaitTurn gives the mode in which to answer; while it is `hang`, nothing is answered.
func (m *mount) awaitTurn() string {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	for m.mode == "hang" && !m.closed {
		m.changed.Wait()
	}
	return m.mode
}

// close lets go of a mount that is gone. Nobody may write to the descriptor afterwards: its number is given out again.
func (m *mount) close() {
	m.mutex.Lock()
	m.closed = true
	_ = syscall.Close(m.device)
	m.mutex.Unlock()
	m.changed.Broadcast()
}

// serve reads requests until the mount is gone.
func (m *mount) serve() {
	defer m.close()
	for {
		buffer := make([]byte, maxRequestBytes)
		length, err := syscall.Read(m.device, buffer)
		if err == syscall.EINTR || err == syscall.ENOENT {
			continue
		}
		if err != nil || length < headerBytes {
			return
		}
		number := binary.LittleEndian
		go m.handle(request{
			opcode: number.Uint32(buffer[4:]),
			unique: number.Uint64(buffer[8:]),
			node:   number.Uint64(buffer[16:]),
			body:   buffer[headerBytes:length],
		})
	}
}

func (m *mount) handle(asked request) {
	switch asked.opcode {
	case opForget, opBatchForget, opInterrupt:
		return
	case opInit:
		m.reply(asked.unique, 0, buildInit())
		return
	}
	switch m.awaitTurn() {
	case "EIO":
		m.reply(asked.unique, syscall.EIO, nil)
		return
	case "EACCES":
		m.reply(asked.unique, syscall.EACCES, nil)
		return
	case "slow":
		time.Sleep(slowDelay)
	}
	m.folder.mutex.Lock()
	errno, body := m.folder.answer(asked)
	m.folder.mutex.Unlock()
	m.reply(asked.unique, errno, body)
}

func (m *mount) reply(unique uint64, errno syscall.Errno, body []byte) {
	header := pack(uint32(16+len(body)), -int32(errno), unique)
	m.mutex.Lock()
	defer m.mutex.Unlock()
	if m.closed {
		return
	}
	// The asker may have been interrupted: nobody waits then.
	_, _ = syscall.Write(m.device, append(header, body...))
}

func pack(values ...any) []byte {
	var buffer bytes.Buffer
	for _, value := range values {
		_ = binary.Write(&buffer, binary.LittleEndian, value)
	}
	return buffer.Bytes()
}

func buildInit() []byte {
	const maxWrite = 1 << 17
	return pack(uint32(7), uint32(31), uint32(maxWrite), uint32(0), uint16(16), uint16(12),
		uint32(maxWrite), uint32(1), uint16(32), uint16(0), [8]uint32{})
}

func buildAttributes(id, size uint64, mode uint32) []byte {
	return pack(id, size, (size+511)/512, [3]uint64{}, [3]uint32{}, mode, uint32(1), [3]uint32{}, uint32(4096), uint32(0))
}

func (f *file) attributes() []byte { return buildAttributes(f.id, uint64(len(f.data)), fileMode) }

// No times of validity: the kernel asks for every look.
func (f *file) entry() []byte { return append(pack(f.id, [4]uint64{}), f.attributes()...) }

func buildOpened() []byte {
	const directIO = 1
	return pack(uint64(0), uint32(directIO), uint32(0))
}

func buildName(body []byte) string { return string(bytes.TrimRight(body, "\x00")) }

func (f *folder) answer(asked request) (syscall.Errno, []byte) {
	number := binary.LittleEndian
	switch asked.opcode {
	case opStatfs:
		return 0, make([]byte, 80)
	case opOpendir:
		return 0, pack(uint64(0), uint64(0))
	case opReaddir:
		return 0, f.list(number.Uint64(asked.body[8:]), int(number.Uint32(asked.body[16:])))
	case opFlush, opFsync, opRelease, opReleasedir, opAccess, opDestroy:
		return 0, nil
	case opLookup:
		if found := f.byName[buildName(asked.body)]; found != nil {
			return 0, found.entry()
		}
		return syscall.ENOENT, nil
	case opCreate:
		return 0, append(f.create(buildName(asked.body[16:])).entry(), buildOpened()...)
	}
	if asked.node == rootID {
		if asked.opcode == opGetattr || asked.opcode == opSetattr {
			return 0, append(make([]byte, 16), buildAttributes(rootID, 0, directoryMode)...)
		}
		return syscall.ENOSYS, nil
	}
	if found := f.byID[asked.node]; found != nil {
		return found.answer(asked)
	}
	return syscall.ENOENT, nil
}

func (f *file) answer(asked request) (syscall.Errno, []byte) {
	const setsSize = 1 << 3
	number := binary.LittleEndian
	switch asked.opcode {
	case opSetattr:
		if number.Uint32(asked.body)&setsSize != 0 {
			f.resize(number.Uint64(asked.body[16:]))
		}
		return 0, append(make([]byte, 16), f.attributes()...)
	case opGetattr:
		return 0, append(make([]byte, 16), f.attributes()...)
	case opOpen:
		return 0, buildOpened()
	case opRead:
		return 0, f.read(number.Uint64(asked.body[8:]), uint64(number.Uint32(asked.body[16:])))
	case opWrite:
		size := number.Uint32(asked.body[16:])
		f.write(number.Uint64(asked.body[8:]), asked.body[40:40+size])
		return 0, pack(size, uint32(0))
	}
	return syscall.ENOSYS, nil
}

// list gives the entries from an offset on that fit.
func (f *folder) list(offset uint64, size int) []byte {
	var entries []byte
	names := f.names()
	for index := offset; index < uint64(len(names)); index++ {
		name := names[index]
		entry := pack(f.byName[name].id, index+1, uint32(len(name)), uint32(syscall.DT_REG))
		entry = append(append(entry, name...), make([]byte, (8-len(name)%8)%8)...)
		if len(entries)+len(entry) > size {
			break
		}
		entries = append(entries, entry...)
	}
	return entries
}
