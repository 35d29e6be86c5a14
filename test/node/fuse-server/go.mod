module dynvol/fuse-server

go 1.25
