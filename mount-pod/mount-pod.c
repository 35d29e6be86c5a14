/*
 * What runs as PID 1 of a mount pod, and as `fusermount3` beside it?
 *
 * PID 1 keeps one rclone running (remote control on a Unix socket) and passes FUSE descriptors from the node agent
 * to it. It mounts nothing, needs no capability and no privilege.
 *
 * Protocol on fuse.sock (SOCK_STREAM): one line a message, one message at a time, answered by "OK" or "ERR <why>".
 *   PUT <name>  + descriptor   from the node agent: keep the descriptor for rclone while this connection is open
 *   GET <name>                 from fusermount3: the answer carries the descriptor
 *   QUIT                       from the node agent: end with status 0 (retired for good) when all is uploaded, unless
 *                              rclone serves a mount: files may be open in one that is shown nowhere any more
 *   KILL                       from the node agent: end with status 0 now, whatever rclone does
 *   RESTART                    from the node agent: kill rclone, which hangs, and start it again at once
 *   WATCH                      from the node agent: from now on a line on this connection as soon as rclone has ended
 *                              ("DOWN signal <n>" or "DOWN status <n>") and when it is started again ("UP"); and
 *                              "NEWS" at once if there was any, and at each TELL
 *   TELL                       from rclone: the storage of a source fails, or serves again (rc call sources/failing)
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <time.h>

#include "descriptor-passing.h"
#include "fusermount3.h"

#define RUN_DIR "/run/mount"
#define DESCRIPTOR_SOCKET RUN_DIR "/fuse.sock"
#define REMOTE_CONTROL_SOCKET RUN_DIR "/rc.sock"
#define MOUNTPOINTS_DIR RUN_DIR "/m"
#define NEWS "NEWS\n"

enum {
    MAX_CONNECTIONS = 256, /* so at most 256 descriptors wait; the agent keeps one open for each mount that it makes */
    MAX_PASSED_ARGUMENTS = 64,
    FIRST_BACKOFF_MS = 100,
    MAX_BACKOFF_MS = 5000,
    STABLE_AFTER_MS = 10000, /* a daemon that ran this long is restarted at once when it dies */
    TERMINATION_CHECK_MS = 500,
};

struct connection {
    int socket;          /* -1: free */
    int descriptor;      /* waits to be fetched, or -1 */
    bool watches;        /* is told when rclone ends and starts */
    char name[MAX_LINE]; /* set by PUT */
};

static struct connection connections[MAX_CONNECTIONS];

static struct {
    pid_t pid; /* 0: not running */
    bool ending; /* was asked to end by itself */
    bool told; /* has said TELL */
    long started_ms, restart_ms, backoff_ms;
    char *arguments[MAX_PASSED_ARGUMENTS + 16];
} daemon_state;

static bool terminating;

static long now_ms(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static void fail(const char *what) {
    fprintf(stderr, "mount-pod: %s: %s\n", what, strerror(errno));
    exit(1);
}

/* ---- watchers ---- */

/* One that does not read loses its connection, and so knows that it has missed something. */
static void tell_watchers(const char *line) {
    for (int i = 0; i < MAX_CONNECTIONS; i++)
        if (connections[i].socket >= 0 && connections[i].watches &&
            send_with_descriptor(connections[i].socket, line, strlen(line), -1) != 0)
            shutdown(connections[i].socket, SHUT_RDWR);
}

/* ---- rclone ---- */

static void build_daemon_arguments(int count, char **passed) {
    static char *fixed[] = {
        "rclone", "rcd", "--rc-addr", "unix://" REMOTE_CONTROL_SOCKET, "--rc-no-auth", "--config", "",
        "--cache-dir", "/tmp/rclone-cache", "--temp-dir", "/tmp", "--contimeout", "15s",
        /* The object's own time of change: rclone's would cost one more request for each file of a listing. */
        "--use-server-modtime",
    };
    int fixed_count = sizeof fixed / sizeof *fixed;
    if (count - 1 > MAX_PASSED_ARGUMENTS) errno = E2BIG, fail("arguments");
    memcpy(daemon_state.arguments, fixed, sizeof fixed);
    for (int i = 1; i < count; i++) daemon_state.arguments[fixed_count + i - 1] = passed[i];
}

static void start_daemon(void) {
    /* rclone refuses to listen on the socket file that a killed predecessor left. */
    unlink(REMOTE_CONTROL_SOCKET);
    daemon_state.started_ms = now_ms();
    daemon_state.pid = fork();
    if (daemon_state.pid < 0) fail("fork");
    if (daemon_state.pid > 0) {
        tell_watchers("UP\n");
        return;
    }
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    execvp(daemon_state.arguments[0], daemon_state.arguments);
    fail("rclone");
}

/* First restart at once: the kubelet would take a second and more. Then slower, so that a broken start costs little. */
static void plan_restart(int status) {
    long now = now_ms();
    if (now - daemon_state.started_ms >= STABLE_AFTER_MS) daemon_state.backoff_ms = 0;
    daemon_state.pid = 0;
    daemon_state.ending = daemon_state.told = false;
    daemon_state.restart_ms = now + daemon_state.backoff_ms;
    const char *how = WIFSIGNALED(status) ? "signal" : "status";
    int number = WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);
    char line[64];
    snprintf(line, sizeof line, "DOWN %s %d\n", how, number);
    tell_watchers(line);
    fprintf(stderr, "mount-pod: rclone ended (%s %d), next start in %ld ms\n", how, number, daemon_state.backoff_ms);
    long doubled = daemon_state.backoff_ms ? 2 * daemon_state.backoff_ms : FIRST_BACKOFF_MS;
    daemon_state.backoff_ms = doubled < MAX_BACKOFF_MS ? doubled : MAX_BACKOFF_MS;
}

/* Asked for, so it is not slowed down. */
static void restart_daemon(void) {
    daemon_state.backoff_ms = 0;
    if (daemon_state.pid) kill(daemon_state.pid, SIGKILL);
    else daemon_state.restart_ms = now_ms();
}

static void reap_children(void) {
    int status;
    for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;)
        if (pid == daemon_state.pid) plan_restart(status);
}

/* Does rclone serve a mount, or is one about to be? The kernel's list of its descriptors is the truth. */
static bool is_serving(void) {
    for (int i = 0; i < MAX_CONNECTIONS; i++)
        if (connections[i].socket >= 0 && connections[i].descriptor >= 0) return true;
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/fd", (int)daemon_state.pid);
    DIR *directory = daemon_state.pid ? opendir(path) : NULL;
    bool found = false;
    for (struct dirent *entry; directory && !found && (entry = readdir(directory));) {
        struct stat file;
        /* By number, not by name: the agent opened it in another mount namespace, where its path is another. */
        found = fstatat(dirfd(directory), entry->d_name, &file, 0) == 0 && S_ISCHR(file.st_mode) &&
                file.st_rdev == makedev(10, 229);
    }
    if (directory) closedir(directory);
    return found;
}

static void leave(void) {
    if (daemon_state.pid) kill(daemon_state.pid, SIGKILL);
    exit(0); /* restartPolicy OnFailure: status 0 means that the kubelet never starts us again */
}

/* What was written must reach the bucket: rclone, which serves nothing any more, ends by itself when all is uploaded. */
static void leave_after_uploads(void) {
    if (!daemon_state.pid) leave();
    if (!daemon_state.ending) kill(daemon_state.pid, SIGTERM);
    daemon_state.ending = true;
}

/* ---- connections ---- */

static bool is_valid_name(const char *name) {
    size_t length = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-");
    return length > 0 && name[length] == 0 && name[0] != '.';
}

static struct connection *find_waiting(const char *name) {
    for (int i = 0; i < MAX_CONNECTIONS; i++)
        if (connections[i].socket >= 0 && connections[i].descriptor >= 0 && strcmp(connections[i].name, name) == 0)
            return &connections[i];
    return NULL;
}

static void build_mountpoint(const char *name, char *path, size_t size) {
    snprintf(path, size, MOUNTPOINTS_DIR "/%s", name);
}

static void close_connection(struct connection *connection) {
    char mountpoint[sizeof MOUNTPOINTS_DIR + MAX_LINE];
    build_mountpoint(connection->name, mountpoint, sizeof mountpoint);
    /* rclone looks at the directory only while it mounts, and the agent stays connected until then. */
    if (connection->name[0]) rmdir(mountpoint);
    if (connection->descriptor >= 0) close(connection->descriptor);
    close(connection->socket);
    connection->socket = -1;
}

static const char *put(struct connection *connection, const char *name, int descriptor) {
    char mountpoint[sizeof MOUNTPOINTS_DIR + MAX_LINE];
    if (!is_valid_name(name)) return "ERR bad name\n";
    if (descriptor < 0) return "ERR no descriptor\n";
    if (connection->name[0] || find_waiting(name)) return "ERR name in use\n";
    build_mountpoint(name, mountpoint, sizeof mountpoint);
    if (mkdir(mountpoint, 0700) != 0) return "ERR no mountpoint directory\n";
    snprintf(connection->name, sizeof connection->name, "%s", name);
    connection->descriptor = dup(descriptor);
    if (connection->descriptor < 0) return "ERR no free descriptor\n";
    fcntl(connection->descriptor, F_SETFD, FD_CLOEXEC);
    return "OK\n";
}

static void answer_get(struct connection *connection, const char *name) {
    struct connection *owner = find_waiting(name);
    if (!owner) {
        send_with_descriptor(connection->socket, "ERR unknown\n", 12, -1);
        return;
    }
    /* Our copy must go: the mount is dead as soon as rclone is, never hung on a descriptor that nobody reads. */
    send_with_descriptor(connection->socket, "OK\n", 3, owner->descriptor);
    close(owner->descriptor);
    owner->descriptor = -1;
}

static void watch(struct connection *connection) {
    connection->watches = true;
    if (daemon_state.told) send_with_descriptor(connection->socket, NEWS, strlen(NEWS), -1);
}

static void pass_on_news(void) {
    daemon_state.told = true;
    tell_watchers(NEWS);
}

static void answer(struct connection *connection, char *line, int descriptor) {
    if (strncmp(line, "GET ", 4) == 0) {
        answer_get(connection, line + 4);
        return;
    }
    bool quit = strcmp(line, "QUIT") == 0, leaves = strcmp(line, "KILL") == 0, stays = quit && is_serving();
    bool restarts = strcmp(line, "RESTART") == 0, watches = strcmp(line, "WATCH") == 0;
    bool tells = strcmp(line, "TELL") == 0;
    const char *text = stays                                           ? "ERR serving\n"
                       : quit || leaves || restarts || watches || tells ? "OK\n"
                       : strncmp(line, "PUT ", 4) == 0 ? put(connection, line + 4, descriptor)
                                                       : "ERR unknown verb\n";
    send_with_descriptor(connection->socket, text, strlen(text), -1);
    if (quit && !stays) terminating = true;
    if (leaves) leave();
    if (restarts) restart_daemon();
    if (watches) watch(connection);
    if (tells) pass_on_news();
}

static void receive(struct connection *connection) {
    char line[MAX_LINE];
    int descriptor;
    ssize_t length = receive_with_descriptor(connection->socket, line, sizeof line, &descriptor);
    if (length > 0 && line[length - 1] == '\n') {
        line[length - 1] = 0;
        answer(connection, line, descriptor);
    } else if (length >= 0 || errno != EAGAIN) {
        close_connection(connection);
    }
    if (descriptor >= 0) close(descriptor);
}

static void accept_connection(int listener) {
    int socket = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (socket < 0) return;
    for (int i = 0; i < MAX_CONNECTIONS; i++) {
        if (connections[i].socket >= 0) continue;
        connections[i] = (struct connection){.socket = socket, .descriptor = -1};
        return;
    }
    close(socket);
}

static int listen_on_descriptor_socket(void) {
    struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = DESCRIPTOR_SOCKET};
    unlink(DESCRIPTOR_SOCKET);
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (listener < 0 || bind(listener, (void *)&address, sizeof address) != 0 || listen(listener, 64) != 0)
        fail(DESCRIPTOR_SOCKET);
    return listener;
}

/* ---- the loop ---- */

static int open_signals(void) {
    sigset_t watched;
    sigemptyset(&watched);
    sigaddset(&watched, SIGCHLD);
    sigaddset(&watched, SIGTERM);
    sigprocmask(SIG_BLOCK, &watched, NULL);
    int signals = signalfd(-1, &watched, SFD_CLOEXEC | SFD_NONBLOCK);
    if (signals < 0) fail("signalfd");
    return signals;
}

static void take_signals(int signals) {
    struct signalfd_siginfo signal;
    while (read(signals, &signal, sizeof signal) == sizeof signal)
        if (signal.ssi_signo == SIGTERM) terminating = true;
    reap_children();
}

static int build_timeout_ms(void) {
    if (terminating) return TERMINATION_CHECK_MS;
    if (daemon_state.pid) return -1;
    long rest = daemon_state.restart_ms - now_ms();
    return rest > 0 ? (int)rest : 0;
}

static void wait_for_work(int signals, int listener) {
    struct pollfd watched[2 + MAX_CONNECTIONS] = {{signals, POLLIN, 0}, {listener, POLLIN, 0}};
    /* poll(2) ignores entries whose descriptor is negative. */
    for (int i = 0; i < MAX_CONNECTIONS; i++) watched[2 + i] = (struct pollfd){connections[i].socket, POLLIN, 0};
    if (poll(watched, 2 + MAX_CONNECTIONS, build_timeout_ms()) < 0 && errno != EINTR) fail("poll");
    if (watched[0].revents) take_signals(signals);
    for (int i = 0; i < MAX_CONNECTIONS; i++)
        if (watched[2 + i].revents) receive(&connections[i]);
    if (watched[1].revents) accept_connection(listener);
}

static _Noreturn void run(int count, char **arguments) {
    umask(077);
    /* rclone finds `fusermount3` by PATH, and an image may come without an environment. */
    setenv("PATH", "/usr/bin", 0);
    setenv("HOME", "/tmp", 0);
    for (int i = 0; i < MAX_CONNECTIONS; i++) connections[i].socket = -1;
    if (mkdir(MOUNTPOINTS_DIR, 0700) != 0 && errno != EEXIST) fail(MOUNTPOINTS_DIR);
    build_daemon_arguments(count, arguments);
    int signals = open_signals();
    start_daemon();
    int listener = listen_on_descriptor_socket();
    for (;;) {
        wait_for_work(signals, listener);
        /* A live mount must not break because somebody deleted the mount pod: on SIGTERM we go on for as long as
         * rclone serves one (until the grace period ends), which gives the controller time to put another pod below. */
        if (terminating && !is_serving()) leave_after_uploads();
        if (!daemon_state.pid && now_ms() >= daemon_state.restart_ms) start_daemon();
    }
}

int main(int count, char **arguments) {
    const char *slash = strrchr(arguments[0], '/');
    if (strcmp(slash ? slash + 1 : arguments[0], "fusermount3") == 0)
        return fusermount3(DESCRIPTOR_SOCKET, count, arguments);
    run(count, arguments);
}
