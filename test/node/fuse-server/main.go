// What can stand in for rclone in a mount pod, and misbehave on command? (tests of the node agent only)
//
// It takes the beginning of rclone's command line and the calls of its remote control that the agent makes. One more
// call is ours: `control/set` {"mode": …, "source": a source key, or "" for all that are and will be}.
package main

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"syscall"
)

type mountRequest struct {
	Fs struct {
		Root string `json:"_root"`
	} `json:"fs"`
	MountPoint string `json:"mountPoint"`
}

type controlRequest struct {
	Source string `json:"source"`
	Mode   string `json:"mode"`
}

// server is what all mounts share.
type server struct {
	mutex  sync.Mutex
	mounts []*mount
	mode   string
	roots  map[string]*folder
}

func (s *server) find(root string) *folder {
	if s.roots[root] == nil {
		s.roots[root] = newFolder()
	}
	return s.roots[root]
}

// mount lets a mount of the agent be served, as rclone's mount/mount does.
func (s *server) mount(request mountRequest) error {
	device, err := fetchDevice(request.MountPoint)
	if err != nil {
		return err
	}
	name := request.MountPoint[strings.LastIndexByte(request.MountPoint, '/')+1:]
	s.mutex.Lock()
	made := newMount(device, name, s.find(request.Fs.Root), s.mode)
	s.mounts = append(s.mounts, made)
	s.mutex.Unlock()
	go made.serve()
	return nil
}

// fetchDevice runs fusermount3, which passes the descriptor on the socket that `_FUSE_COMMFD` names.
func fetchDevice(mountpoint string) (int, error) {
	pair, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return -1, err
	}
	ours, theirs := os.NewFile(uintptr(pair[0]), "ours"), os.NewFile(uintptr(pair[1]), "theirs")
	defer func() { _, _ = ours.Close(), theirs.Close() }()
	if err := runFusermount(mountpoint, theirs); err != nil {
		return -1, err
	}
	bytes, control := make([]byte, 4), make([]byte, 64)
	_, length, _, _, err := syscall.Recvmsg(int(ours.Fd()), bytes, control, syscall.MSG_CMSG_CLOEXEC)
	if err != nil {
		return -1, err
	}
	messages, err := syscall.ParseSocketControlMessage(control[:length])
	if err != nil || len(messages) != 1 {
		return -1, fmt.Errorf("fusermount3 passed no descriptor (%w)", err)
	}
	descriptors, err := syscall.ParseUnixRights(&messages[0])
	if err != nil {
		return -1, err
	}
	return descriptors[0], nil
}

func (s *server) control(request controlRequest) error {
	switch request.Mode {
	case "exit":
		os.Exit(0)
	case "crash":
		return syscall.Kill(os.Getpid(), syscall.SIGSEGV)
	case "ok", "slow", "hang", "EIO", "EACCES":
	default:
		return fmt.Errorf("mode %q is not known", request.Mode)
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if request.Source == "" {
		s.mode = request.Mode
	}
	for _, one := range s.mounts {
		if request.Source == "" || strings.HasPrefix(one.name, request.Source+".") {
			one.setMode(request.Mode)
		}
	}
	return nil
}

func decode[Request any](run func(Request) error) func(*json.Decoder) (any, error) {
	return func(body *json.Decoder) (any, error) {
		var request Request
		if err := body.Decode(&request); err != nil {
			return nil, err
		}
		return struct{}{}, run(request)
	}
}

func answer(value any) func(*json.Decoder) (any, error) {
	return func(*json.Decoder) (any, error) { return value, nil }
}

func (s *server) calls() map[string]func(*json.Decoder) (any, error) {
	return map[string]func(*json.Decoder) (any, error){
		"rc/noop":         answer(struct{}{}),
		"operations/list": answer(map[string]any{"list": []any{}}),
		"backend/command": answer(map[string]any{"result": nil}),
		"uploads/pending": answer(map[string]int{"queued": 0, "abandoned": 0}),
		"uploads/resume":  answer(struct{}{}),
		"mount/mount":     decode(s.mount),
		"control/set":     decode(s.control),
	}
}

func (s *server) ServeHTTP(writer http.ResponseWriter, request *http.Request) {
	var result any
	err := fmt.Errorf("couldn't find method %q", request.URL.Path)
	if call, found := s.calls()[strings.TrimPrefix(request.URL.Path, "/")]; found {
		result, err = call(json.NewDecoder(request.Body))
	}
	if err != nil {
		writer.WriteHeader(http.StatusInternalServerError)
		result = map[string]string{"error": err.Error()}
	}
	_ = json.NewEncoder(writer).Encode(result)
}

func findAddress() string {
	for index, argument := range os.Args {
		if argument == "--rc-addr" && index+1 < len(os.Args) {
			return strings.TrimPrefix(os.Args[index+1], "unix://")
		}
	}
	return ""
}

func main() {
	listener, err := net.Listen("unix", findAddress())
	if err != nil {
		fmt.Fprintln(os.Stderr, "fuse-server:", err)
		os.Exit(1)
	}
	fmt.Fprintln(os.Stderr, http.Serve(listener, &server{mode: "ok", roots: map[string]*folder{}}))
}
