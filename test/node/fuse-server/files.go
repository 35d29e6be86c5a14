// What does the file system show? One folder in memory, with one file that is always there at the start.
package main

import (
	"sort"
	"sync"
)

const rootID = 1

type file struct {
	id   uint64
	data []byte
}

// folder is flat: files by name and by number.
type folder struct {
	mutex  sync.Mutex
	byName map[string]*file
	byID   map[uint64]*file
}

func newFolder() *folder {
	made := &folder{byName: map[string]*file{}, byID: map[uint64]*file{}}
	made.create("hello.txt").data = []byte("hello\n")
	return made
}

func (f *folder) create(name string) *file {
	if found := f.byName[name]; found != nil {
		return found
	}
	made := &file{id: rootID + 1 + uint64(len(f.byID))}
	f.byName[name], f.byID[made.id] = made, made
	return made
}

func (f *folder) names() []string {
	names := make([]string, 0, len(f.byName))
	for name := range f.byName {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

func (f *file) read(offset, size uint64) []byte {
	start := min(offset, uint64(len(f.data)))
	return f.data[start:min(start+size, uint64(len(f.data)))]
}

func (f *file) resize(size uint64) {
	for uint64(len(f.data)) < size {
		f.data = append(f.data, 0)
	}
	f.data = f.data[:size]
}

func (f *file) write(offset uint64, bytes []byte) {
	if end := offset + uint64(len(bytes)); end > uint64(len(f.data)) {
		f.resize(end)
	}
	copy(f.data[offset:], bytes)
}
