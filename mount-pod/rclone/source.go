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
	"time"

	"github.com/rclone/rclone/fs"
	"github.com/rclone/rclone/fs/config/configmap"
)

// Keys of a remote beside those of rclone's S3 backend (csi-node/remote-mount.ts).
const (
	sourceKeyOption           = "source_key"
	trustedCertificatesOption = "trusted_certificates"
)

var started = time.Now()

func init() {
	info, err := fs.Find("s3")
	if err != nil {
		panic(err)
	}
	newFs := info.NewFs
	info.NewFs = func(ctx context.Context, name, root string, config configmap.Mapper) (fs.Fs, error) {
		certificates, found := config.Get(trustedCertificatesOption)
		if found && !holdsCertificate([]byte(certificates)) {
			return nil, errors.New("ca.crt holds no certificate")
		}
		if found || hasTrustChanged() {
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
		sourceKey, named := config.Get(sourceKeyOption)
		if !named {
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

func holdsCertificate(text []byte) bool {
	return x509.NewCertPool().AppendCertsFromPEM(text)
}

// writeBundle writes the certificates together with those that the mount pod trusts anyway: a client that is given a
// file of its own looks at no other. A file without any certificate would end rclone, so that is checked here.
func writeBundle(certificates string) (path string, err error) {
	bundle := bytes.Join(append(readTrusted(), []byte(certificates)), []byte("\n"))
	if !holdsCertificate(bundle) {
		return "", errors.New("the mount pod trusts no certificate")
	}
	file, err := os.CreateTemp("", "trust-*.pem")
	if err != nil {
		return "", fmt.Errorf("cannot write the trusted certificates: %w", err)
	}
	_, err = file.Write(bundle)
	if err = errors.Join(err, file.Close()); err != nil {
		_ = os.Remove(file.Name())
		return "", fmt.Errorf("cannot write the trusted certificates: %w", err)
	}
	return file.Name(), nil
}

// hasTrustChanged reports whether certificates that the mount pod trusts were written since it began: crypto/x509 reads
// them once in the life of a process, and a ConfigMap changes under a pod that runs.
func hasTrustChanged() bool {
	for _, path := range trustedPaths() {
		if info, err := os.Stat(path); err == nil && info.ModTime().After(started) {
			return true
		}
	}
	return false
}

// readTrusted reads the files that the mount pod trusts. What cannot be read is left out, as crypto/x509 does.
func readTrusted() [][]byte {
	var texts [][]byte
	for _, path := range trustedPaths() {
		if text, err := os.ReadFile(path); err == nil {
			texts = append(texts, text)
		}
	}
	return texts
}

// trustedPaths lists the files that Go's crypto/x509 trusts on Unix.
func trustedPaths() []string {
	paths := []string{os.Getenv("SSL_CERT_FILE")}
	for _, folder := range filepath.SplitList(os.Getenv("SSL_CERT_DIR")) {
		found, _ := filepath.Glob(filepath.Join(folder, "*"))
		paths = append(paths, found...)
	}
	return paths
}
