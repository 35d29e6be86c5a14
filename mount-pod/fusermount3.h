/* How does rclone get a FUSE descriptor without the right to mount anything? */
#pragma once

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/un.h>

#include "descriptor-passing.h"

static inline int connect_to(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    int connection = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connection >= 0 && connect(connection, (void *)&address, sizeof address) == 0) return connection;
    if (connection >= 0) close(connection);
    return -1;
}

/* Asks PID 1 for the descriptor that the node agent left under `name`; -1 with a message on stderr. */
static inline int fetch_descriptor(const char *socket_path, const char *name) {
    char line[MAX_LINE], answer[MAX_LINE];
    int length = snprintf(line, sizeof line, "GET %s\n", name);
    int connection = connect_to(socket_path), descriptor = -1;
    if (connection < 0 || length >= (int)sizeof line ||
        send_with_descriptor(connection, line, (size_t)length, -1) != 0 ||
        receive_with_descriptor(connection, answer, sizeof answer, &descriptor) <= 0)
        fprintf(stderr, "fusermount3: cannot ask %s: %s\n", socket_path, strerror(errno));
    else if (descriptor < 0)
        fprintf(stderr, "fusermount3: no FUSE descriptor is waiting under %s\n", name);
    if (connection >= 0) close(connection);
    return descriptor;
}

/*
 * The stand-in for libfuse's setuid program of this name (fuse3 doc/fusermount3.1, lib/mount_util.c):
 * a FUSE daemon runs `fusermount3 -o OPTIONS -- MOUNTPOINT` and expects the descriptor on the socket `_FUSE_COMMFD`.
 * The node agent has made the mount already, so the options are its business and unmounting (`-u`) is too.
 */
static inline int fusermount3(const char *socket_path, int count, char **arguments) {
    for (int i = 1; i < count && strcmp(arguments[i], "--") != 0; i++)
        if (strcmp(arguments[i], "-u") == 0) return 0;
    const char *daemon_socket = getenv("_FUSE_COMMFD");
    if (count < 2 || !daemon_socket) {
        fprintf(stderr, "fusermount3: a mountpoint and _FUSE_COMMFD are needed\n");
        return 2;
    }
    const char *mountpoint = arguments[count - 1], *slash = strrchr(mountpoint, '/');
    int descriptor = fetch_descriptor(socket_path, slash ? slash + 1 : mountpoint);
    if (descriptor < 0) return 1;
    return send_with_descriptor(atoi(daemon_socket), "", 1, descriptor) == 0 ? 0 : 1;
}
