/* How does a file descriptor cross a Unix socket, together with one line of text? (unix(7), SCM_RIGHTS) */
#pragma once

#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

/* Longest line of the protocol: a verb, a space, a name, a newline. */
enum { MAX_LINE = 256 };

/* Sends `text` and, unless it is -1, `descriptor`. Returns 0, or -1 with errno. */
static inline int send_with_descriptor(int to, const char *text, size_t length, int descriptor) {
    union {
        char bytes[CMSG_SPACE(sizeof(int))];
        struct cmsghdr aligned;
    } control = {0};
    struct iovec part = {(void *)text, length};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    if (descriptor >= 0) {
        message.msg_control = control.bytes;
        message.msg_controllen = sizeof control.bytes;
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof descriptor);
        memcpy(CMSG_DATA(header), &descriptor, sizeof descriptor);
    }
    return sendmsg(to, &message, MSG_NOSIGNAL) == (ssize_t)length ? 0 : -1;
}

/* Receives at most `size` bytes and, into `*descriptor`, the descriptor that came along or -1. */
static inline ssize_t receive_with_descriptor(int from, char *text, size_t size, int *descriptor) {
    union {
        char bytes[CMSG_SPACE(sizeof(int))];
        struct cmsghdr aligned;
    } control;
    struct iovec part = {text, size};
    struct msghdr message = {
        .msg_iov = &part,
        .msg_iovlen = 1,
        .msg_control = control.bytes,
        .msg_controllen = sizeof control.bytes,
    };
    *descriptor = -1;
    ssize_t received = recvmsg(from, &message, MSG_CMSG_CLOEXEC);
    if (received < 0) return received;
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    if (header && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS)
        memcpy(descriptor, CMSG_DATA(header), sizeof *descriptor);
    return received;
}
