// What does a mount pod add to rclone's S3 remote? Its source's name, certificates that are trusted for it alone, and an
// eye on its listings.
package main

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/rclone/rclone/fs"
	"github.com/rclone/rclone/fs/config/configmap"
)

// Keys of a remote beside those of rclone's S3 backend (csi-node/remote-mount.ts).
const (
	sourceKeyOption           = "source_key"
	trustedCertificatesOption = "trusted_certificates"
)

func init() {
	info, err := fs.Find("s3")
	if err != nil {
		panic(err)
	}
	newFs := info.NewFs
	info.NewFs = func(ctx context.Context, name, root string, config configmap.Mapper) (fs.Fs, error) {
		if certificates, found := config.Get(trustedCertificatesOption); found {
			bundle, err := writeBundle(certificates)
			if err != nil {
				return nil, err
			}
			// It is read once, when the client is made.
			defer func() { _ = os.Remove(bundle) }()
			var changed *fs.ConfigInfo
			ctx, changed = fs.AddConfig(ctx)
			changed.CaCert = []string{bundle}
		}
		sourceKey, found := config.Get(sourceKeyOption)
		if !found {
			return newFs(ctx, name, root, config)
		}
		// rclone names it ":s3{hash of the configuration}"; folders of the cache are named like it.
		remote, err := newFs(ctx, sourceKey+strings.TrimPrefix(name, ":s3"), root, config)
		if remote == nil {
			return nil, err
		}
		return watchFs(remote, sourceKey), err
	}
}

// writeBundle writes the certificates together with those that the mount pod trusts anyway: a client that is given a
// file of its own looks at no other. A file without any certificate would end rclone, so that is checked here.
func writeBundle(certificates string) (path string, err error) {
	if !x509.NewCertPool().AppendCertsFromPEM([]byte(certificates)) {
		return "", errors.New("ca.crt holds no certificate")
	}
	file, err := os.CreateTemp("", "trust-*.pem")
	if err != nil {
		return "", fmt.Errorf("cannot write the trusted certificates: %w", err)
	}
	_, err = file.Write(bytes.Join(append(readTrusted(), []byte(certificates)), []byte("\n")))
	if err = errors.Join(err, file.Close()); err != nil {
		_ = os.Remove(file.Name())
		return "", fmt.Errorf("cannot write the trusted certificates: %w", err)
	}
	return file.Name(), nil
}

// readTrusted reads the files that Go's crypto/x509 trusts on Unix. What cannot be read is left out, as there.
func readTrusted() [][]byte {
	paths := []string{os.Getenv("SSL_CERT_FILE")}
	for _, folder := range filepath.SplitList(os.Getenv("SSL_CERT_DIR")) {
		found, _ := filepath.Glob(filepath.Join(folder, "*"))
		paths = append(paths, found...)
	}
	var texts [][]byte
	for _, path := range paths {
		if text, err := os.ReadFile(path); err == nil {
			texts = append(texts, text)
		}
	}
	return texts
}
