// Of which sources does the storage fail now, and who is told when that changes?
package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/rclone/rclone/fs"
	"github.com/rclone/rclone/fs/rc"
)

const (
	firstProcessSocket = "/run/mount/fuse.sock"
	tellDeadline       = time.Second
	// rclone tries again for minutes; what its first tries overcome is done by then.
	patience = 5 * time.Second
	// The node agent's own question before a mount (csi-node/remote-mount.ts).
	preflightPrefix = ".dynvol-preflight-"
)

func init() {
	rc.Add(rc.Call{Path: "sources/failing", Fn: listFailing, Title: "List the keys of sources whose storage fails."})
}

// watchedFs notes how its listings and the openings of its files go. That is a suspicion: the node agent then asks the
// storage itself, by a listing. So nothing but a listing ends it.
type watchedFs struct {
	fs.Fs
	sourceKey string
}

func watchFs(remote fs.Fs, sourceKey string) fs.Fs {
	features := remote.Features()
	serverSideCopy := features.Copy
	// It wants an object of its own kind.
	features.Copy = func(ctx context.Context, source fs.Object, path string) (fs.Object, error) {
		return serverSideCopy(ctx, fs.UnWrapObject(source), path)
	}
	return &watchedFs{Fs: remote, sourceKey: sourceKey}
}

// List is all that a VFS lists with.
func (f *watchedFs) List(ctx context.Context, dir string) (fs.DirEntries, error) {
	// Of a failure of its own question the agent knows.
	isQuestion := strings.HasPrefix(dir, preflightPrefix)
	if !isQuestion {
		defer f.suspectLater().Stop()
	}
	entries, err := f.Fs.List(ctx, dir)
	if err == nil || !isQuestion && !errors.Is(err, context.Canceled) {
		note(f.sourceKey, err != nil)
	}
	for i, entry := range entries {
		if object, isObject := entry.(fs.Object); isObject {
			entries[i] = &watchedObject{Object: object, in: f}
		}
	}
	return entries, err
}

func (f *watchedFs) suspectLater() *time.Timer {
	return time.AfterFunc(patience, func() { note(f.sourceKey, true) })
}

type watchedObject struct {
	fs.Object
	in *watchedFs
}

// UnWrap is what rclone calls to get at the object itself.
func (o *watchedObject) UnWrap() fs.Object {
	return o.Object
}

// Open is all that a VFS reads with.
func (o *watchedObject) Open(ctx context.Context, options ...fs.OpenOption) (io.ReadCloser, error) {
	defer o.in.suspectLater().Stop()
	body, err := o.Object.Open(ctx, options...)
	if err != nil && !errors.Is(err, context.Canceled) && !errors.Is(err, fs.ErrorObjectNotFound) {
		note(o.in.sourceKey, true)
	}
	return body, err
}

var (
	failingMutex sync.Mutex
	failing      = map[string]bool{}
)

// note takes down whether the storage of a source seems to fail, and tells if that is new. What is wrong here, because
// a late listing has ended at the same moment, is put right by the question that follows.
func note(sourceKey string, isFailing bool) {
	failingMutex.Lock()
	defer failingMutex.Unlock()
	if failing[sourceKey] == isFailing {
		return
	}
	if isFailing {
		failing[sourceKey] = true
	} else {
		delete(failing, sourceKey)
	}
	go func() {
		for tellFirstProcess() != nil {
			time.Sleep(tellDeadline)
		}
	}()
}

// tellFirstProcess lets PID 1 pass on that something has changed; whoever wants to know what then asks.
func tellFirstProcess() error {
	connection, err := net.DialTimeout("unix", firstProcessSocket, tellDeadline)
	if err != nil {
		return err
	}
	defer func() { _ = connection.Close() }()
	_ = connection.SetDeadline(time.Now().Add(tellDeadline))
	if _, err = fmt.Fprintln(connection, "TELL"); err != nil {
		return err
	}
	_, err = bufio.NewReader(connection).ReadString('\n')
	return err
}

func listFailing(context.Context, rc.Params) (rc.Params, error) {
	failingMutex.Lock()
	defer failingMutex.Unlock()
	keys := make([]string, 0, len(failing))
	for key := range failing {
		keys = append(keys, key)
	}
	return rc.Params{"sources": keys}, nil
}
