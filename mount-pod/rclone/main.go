// Which parts of rclone does a mount pod need? The S3 backend, the remote control, FUSE mounts and a cache of writes.
//
// The whole rclone is 85 MB, of which a mount pod with 50Mi of memory and 10m of CPU would have to read most from disk
// at its start; this one is a third of it. It is rclone's own code, chosen by imports, as rclone's command is.
package main

import (
	_ "github.com/rclone/rclone/backend/local" // the cache of written files
	_ "github.com/rclone/rclone/backend/s3"
	"github.com/rclone/rclone/cmd"
	_ "github.com/rclone/rclone/cmd/mount"
	_ "github.com/rclone/rclone/cmd/rcd"
	_ "github.com/rclone/rclone/fs/operations"
)

func main() {
	cmd.Main()
}
