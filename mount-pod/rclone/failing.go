// Of which sources does the storage fail now, and who is told when that changes?
package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
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
	// The node agent's own question before a mount (csi-node/remote-mount.ts).
	preflightPrefix = ".dynvol-preflight-"
)

func init() {
	rc.Add(rc.Call{Path: "sources/failing", Fn: listFailing, Title: "List the keys of sources whose storage fails."})
}

// watchedFs notes how its listings end. It is a listing that every look at a mount begins with. What is read and written
// is left alone: whether a file can be is not told by the listing with which the node agent asks again.
type watchedFs struct {
	fs.Fs
	sourceKey string
}

// List is all that a VFS lists with. It has made its tries when it fails.
func (f *watchedFs) List(ctx context.Context, dir string) (fs.DirEntries, error) {
	entries, err := f.Fs.List(ctx, dir)
	// The agent tells by itself what its own question finds.
	isOwnFailure := err != nil && strings.HasPrefix(dir, preflightPrefix)
	if !isOwnFailure && !errors.Is(err, context.Canceled) {
		noteListing(f.sourceKey, err)
	}
	return entries, err
}

var (
	failingMutex sync.Mutex
	failing      = map[string]bool{}
)

func noteListing(sourceKey string, err error) {
	failingMutex.Lock()
	defer failingMutex.Unlock()
	if failing[sourceKey] == (err != nil) {
		return
	}
	if err != nil {
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
