/*
 * Does a mount answer? One long-lived child of the node agent finds out, so that the agent itself never waits for a
 * FUSE daemon: four hung calls would stop a Node process for good.
 *
 * On descriptor 3, a SOCK_STREAM socket: requests of 8 bytes {u32 id, u32 kind} with the probed descriptor attached
 * (SCM_RIGHTS); answers of 8 bytes {u32 id, i32 errno}, in any order. Kinds: 1 = attributes of the descriptor itself,
 * asked from the server, never from the kernel's cache. The child ends with its parent.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <signal.h>
#include <unistd.h>

enum { AGENT = 3, KIND_ATTRIBUTES = 1, STACK_BYTES = 65536 };

struct request {
    uint32_t id, kind;
};

struct answer {
    uint32_t id;
    int32_t error;
};

struct probe {
    struct request request;
    int descriptor;
};

static int read_attributes(int descriptor) {
    struct statx attributes;
    int flags = AT_EMPTY_PATH | AT_STATX_FORCE_SYNC;
    return statx(descriptor, "", flags, STATX_BASIC_STATS, &attributes) == 0 ? 0 : errno;
}

static void *run(void *argument) {
    struct probe *probe = argument;
    struct answer answer = {probe->request.id, EINVAL};
    if (probe->request.kind == KIND_ATTRIBUTES) answer.error = read_attributes(probe->descriptor);
    /* Closed before the answer: the agent may unmount as soon as it hears from us. */
    close(probe->descriptor);
    free(probe);
    send(AGENT, &answer, sizeof answer, MSG_NOSIGNAL);
    return NULL;
}

static void start(struct request request, int descriptor) {
    struct probe *probe = malloc(sizeof *probe);
    pthread_attr_t attributes;
    pthread_t thread;
    if (!probe) abort();
    *probe = (struct probe){request, descriptor};
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&attributes, STACK_BYTES);
    if (pthread_create(&thread, &attributes, run, probe) != 0) abort();
    pthread_attr_destroy(&attributes);
}

/* The kernel never joins messages that carry descriptors, so one call receives exactly one request. */
static int receive(struct request *request, int *descriptor) {
    union {
        char bytes[CMSG_SPACE(sizeof(int))];
        struct cmsghdr aligned;
    } control;
    struct iovec part = {request, sizeof *request};
    struct msghdr message = {
        .msg_iov = &part,
        .msg_iovlen = 1,
        .msg_control = control.bytes,
        .msg_controllen = sizeof control.bytes,
    };
    ssize_t length = recvmsg(AGENT, &message, MSG_CMSG_CLOEXEC);
    struct cmsghdr *header = length == sizeof *request ? CMSG_FIRSTHDR(&message) : NULL;
    if (!header || header->cmsg_type != SCM_RIGHTS) return -1;
    memcpy(descriptor, CMSG_DATA(header), sizeof *descriptor);
    return 0;
}

int main(void) {
    struct request request;
    int descriptor;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    while (receive(&request, &descriptor) == 0) start(request, descriptor);
    return 0;
}
