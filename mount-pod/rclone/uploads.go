// Which written files are not in the bucket yet, and what makes sure that they get there?
package main

import (
	"context"
	"encoding/json"
	"errors"
	iofs "io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/rclone/rclone/cmd/mountlib"
	"github.com/rclone/rclone/fs"
	"github.com/rclone/rclone/fs/config"
	"github.com/rclone/rclone/fs/rc"
	"github.com/rclone/rclone/lib/atexit"
	"github.com/rclone/rclone/vfs"
	"github.com/rclone/rclone/vfs/vfscache"
	"github.com/rclone/rclone/vfs/vfscache/writeback"
	"github.com/rclone/rclone/vfs/vfscommon"
)

const (
	uploadCheck = 100 * time.Millisecond
	serverCheck = time.Second
)

func init() {
	name, mount := mountlib.ResolveMountMethod("mount")
	mountlib.AddRc(name, keepUploading(mount))
	rc.Add(rc.Call{Path: "uploads/pending", Fn: countPending, Title: "Count files that wait for their upload."})
	rc.Add(rc.Call{Path: "uploads/resume", Fn: resume, Title: "Upload what a killed rclone left in its cache."})
	atexit.Register(finishAll)
}

// keepUploading lets a VFS outlive its mount until all is uploaded, and no longer. rclone itself forgets to end the VFS
// of a mount that somebody else has unmounted.
func keepUploading(mount mountlib.MountFn) mountlib.MountFn {
	return func(VFS *vfs.VFS, mountpoint string, opt *mountlib.Options) (<-chan error, func() error, string, error) {
		// rclone goes on without a cache that it cannot make. A limit of its size is only given with a cache.
		if VFS.Opt.CacheMode == vfscommon.CacheModeOff && VFS.Opt.CacheMaxSize > 0 {
			VFS.Shutdown()
			return nil, nil, "", errors.New("the cache of written files cannot be made in " + config.GetCacheDir())
		}
		ended, unmount, path, err := mount(VFS, mountpoint, opt)
		if err != nil {
			go finish(VFS)
			return nil, nil, "", err
		}
		told := make(chan error, 1)
		go func() {
			told <- <-ended
			finish(VFS)
		}()
		return told, unmount, path, nil
	}
}

// finish ends a VFS when all is uploaded. A file that was closed at the very end may still be open here: the kernel drops
// the release of a file with the mount. It is taken up as after a crash.
func finish(VFS *vfs.VFS) {
	end(VFS)
	if VFS.Opt.CacheMode > vfscommon.CacheModeOff {
		takeUp(VFS.Fs(), &VFS.Opt)
	}
}

func end(VFS *vfs.VFS) {
	for isUploading(VFS) {
		time.Sleep(uploadCheck)
	}
	VFS.Shutdown()
}

func isUploading(VFS *vfs.VFS) bool {
	cache, found := VFS.Stats()["diskCache"].(rc.Params)
	return found && cache["uploadsInProgress"].(int)+cache["uploadsQueued"].(int) > 0
}

// takingUp holds the names of the remotes whose VFS is being made. Meanwhile rclone's list of VFSs is locked.
var (
	takingUpMutex sync.Mutex
	takingUp      = map[string]bool{}
)

func isTakingUp() bool {
	takingUpMutex.Lock()
	defer takingUpMutex.Unlock()
	return len(takingUp) > 0
}

// setTakingUp tells whether it has changed anything.
func setTakingUp(name string, value bool) bool {
	takingUpMutex.Lock()
	defer takingUpMutex.Unlock()
	if takingUp[name] == value {
		return false
	}
	if value {
		takingUp[name] = true
	} else {
		delete(takingUp, name)
	}
	return true
}

// takeUp makes a VFS, which begins with uploading what its cache holds. The objects that were changed are looked up
// first, and that must not fail, or parts that were never read would be missing: so the server is waited for.
// What a VFS of the same remote has in hand is that one's business: it may be mounted again already.
func takeUp(f fs.Fs, opt *vfscommon.Options) {
	name := fs.ConfigString(f)
	for isAbandoned(f) && setTakingUp(name, true) {
		for !answers(f) {
			time.Sleep(serverCheck)
		}
		VFS := vfs.New(context.Background(), f, opt)
		setTakingUp(name, false)
		end(VFS)
		time.Sleep(serverCheck)
	}
}

func isAbandoned(f fs.Fs) bool {
	count, err := countAbandoned(f.Name())
	return err == nil && count > 0
}

func answers(f fs.Fs) bool {
	_, err := f.NewObject(context.Background(), ".dynvol-no-such-object")
	return err == nil || errors.Is(err, fs.ErrorObjectNotFound)
}

// finishAll holds rclone's end, which PID 1 asks for when nothing is mounted any more, until all is uploaded.
func finishAll() {
	for countDirty("") > 0 {
		if !isTakingUp() {
			_, _ = uploadNow("")
		}
		time.Sleep(uploadCheck)
	}
}

// countPending is called with a source's key, or without one for all sources. It makes uploads that wait for another
// try happen now.
func countPending(_ context.Context, in rc.Params) (rc.Params, error) {
	prefix := ""
	if sourceKey, err := in.GetString("source"); err == nil {
		prefix = sourceKey + "{"
	} else if !rc.IsErrParamNotFound(err) {
		return nil, err
	}
	if isTakingUp() {
		return rc.Params{"queued": countDirty(prefix), "abandoned": 0}, nil
	}
	queued, err := uploadNow(prefix)
	if err != nil {
		return nil, err
	}
	abandoned, err := countAbandoned(prefix)
	return rc.Params{"queued": queued, "abandoned": abandoned}, err
}

// resume is called with the parameters `fs` and `vfsOpt` of the mount that was.
func resume(ctx context.Context, in rc.Params) (rc.Params, error) {
	opt := vfscommon.Opt
	if err := rc.ParseOptions(in, "vfsOpt", &opt); err != nil {
		return nil, err
	}
	f, err := rc.GetFs(ctx, in)
	if err != nil {
		return nil, err
	}
	go takeUp(f, &opt)
	return nil, nil
}

func call(path string, in rc.Params) (rc.Params, error) {
	return rc.Calls.Get(path).Fn(context.Background(), in)
}

func listActive(prefix string) ([]string, error) {
	list, err := call("vfs/list", rc.Params{})
	if err != nil {
		return nil, err
	}
	var found []string
	for _, name := range list["vfses"].([]string) {
		if strings.HasPrefix(name, prefix) {
			found = append(found, name)
		}
	}
	return found, nil
}

// uploadNow counts the files that are in upload or wait for it, and lets those that wait be tried at once.
func uploadNow(prefix string) (count int, err error) {
	names, err := listActive(prefix)
	if err != nil {
		return 0, err
	}
	for _, name := range names {
		// A VFS that has just ended is not found any more: nothing of it waits.
		out, err := call("vfs/queue", rc.Params{"fs": name})
		if err != nil {
			continue
		}
		queue, _ := out["queue"].([]writeback.QueueInfo)
		count += len(queue)
		for _, file := range queue {
			if !file.Uploading && file.Expiry > 0 {
				// It may have begun in between; then this does nothing.
				_, _ = call("vfs/queue-set-expiry", rc.Params{"fs": name, "id": int64(file.ID), "expiry": 0.0})
			}
		}
	}
	return count, nil
}

// countAbandoned counts the files that a killed rclone had not uploaded and that no VFS has taken up since.
func countAbandoned(prefix string) (count int, err error) {
	names, err := listActive(prefix)
	if err != nil {
		return 0, err
	}
	count = countDirty(prefix)
	for _, name := range names {
		remote, _, _ := strings.Cut(name, ":")
		count -= countDirty(remote + "/")
	}
	return max(count, 0), nil
}

// countDirty counts the files that the caches of these sources hold and the bucket does not, open ones included.
func countDirty(prefix string) (count int) {
	root := filepath.Join(config.GetCacheDir(), "vfsMeta")
	_ = filepath.WalkDir(root, func(path string, entry iofs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasPrefix(strings.TrimPrefix(path, root+"/"), prefix) {
			return nil
		}
		var info vfscache.Info
		text, err := os.ReadFile(path)
		if err == nil && json.Unmarshal(text, &info) == nil && info.Dirty {
			count++
		}
		return nil
	})
	return count
}
