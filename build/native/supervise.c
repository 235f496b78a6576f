/* On the host, one for each running container: starts it detached from the daemon, writes its log, and tells whoever
 * connects to its socket that it runs and how it ended. It outlives the daemon; the next daemon connects again.
 *
 *   start-container supervise --socket S --log-dir D --boot-id B [--max-bytes N] [--keep N] --owner UID -- lxc-start …
 *
 * Out:  {"event":"running","init":PID}\n   {"event":"exited","code":N|null,"signal":N|null}\n
 * In:  "T" asks init to end (SIGTERM), "K" kills it. */
#include "journal.h"
#include "native.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LISTENER, SIGNALS, OUT, ERR, FIRST_CLIENT, CLIENTS = 16, SLOTS = FIRST_CLIENT + CLIENTS };

static struct settings {
  const char *socket, *owner;
  struct journal journal;
} settings = {.journal = {.max_bytes = 4 << 20, .keep = 16}};

static struct pollfd slots[SLOTS];
static pid_t starter, container_init;
static bool ended, met;
static int exit_code = -1;

static void take_socket(void *to, const char *value) { ((struct settings *)to)->socket = value; }
static void take_owner(void *to, const char *value) { ((struct settings *)to)->owner = value; }
static void take_directory(void *to, const char *value) { ((struct settings *)to)->journal.directory = value; }
static void take_boot(void *to, const char *value) { ((struct settings *)to)->journal.boot_id = value; }
static void take_bytes(void *to, const char *value) {
  ((struct settings *)to)->journal.max_bytes = (unsigned long)number(value, "--max-bytes");
}
static void take_keep(void *to, const char *value) {
  ((struct settings *)to)->journal.keep = (unsigned)number(value, "--keep");
}

static const struct option_spec OPTIONS[] = {{"socket", 0, true, take_socket},
                                             {"owner", 0, true, take_owner},
                                             {"log-dir", 0, true, take_directory},
                                             {"boot-id", 0, true, take_boot},
                                             {"max-bytes", 0, true, take_bytes},
                                             {"keep", 0, true, take_keep},
                                             {NULL, 0, false, NULL}};

static int listen_at(const char *path) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (strlen(path) >= sizeof address.sun_path) fail(2, "socket path is longer than 107 bytes: %s", path);
  strcpy(address.sun_path, path);
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  unlink(path);
  mode_t before = umask(0177);
  if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) < 0 || listen(fd, CLIENTS) < 0) die("%s", path);
  umask(before);
  return fd;
}

/* The container's own processes open /dev/stdout again, which asks for ownership of the pipe. */
static int log_pipe(int *write_end) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) < 0) die("pipe");
  uid_t owner = (uid_t)number(settings.owner, "--owner");
  if (fchown(ends[1], owner, owner) < 0) die("chown pipe");
  fcntl(ends[0], F_SETFL, O_NONBLOCK);
  *write_end = ends[1];
  return ends[0];
}

static void start(char **command) {
  int out, err;
  slots[OUT].fd = log_pipe(&out);
  slots[ERR].fd = log_pipe(&err);
  starter = fork();
  if (starter < 0) die("fork");
  if (!starter) {
    unblock_all_signals();
    dup2(out, STDOUT_FILENO);
    dup2(err, STDERR_FILENO);
    execvp(command[0], command);
    die("%s", command[0]);
  }
  close(out);
  close(err);
}

/* LXC keeps the container's init as its own child. */
static pid_t child_of(pid_t parent) {
  char *path = text("/proc/%d/task/%d/children", (int)parent, (int)parent);
  char *children = read_whole(path);
  pid_t child = children ? (pid_t)atol(children) : 0;
  free(children);
  free(path);
  return child;
}

static void hear_init(const char *words);
static struct stream streams[2] = {{.name = "stdout", .mark = hear_init}, {.name = "stderr"}};

/* lxc-start does not hand on how init ended. Without init's word it was killed, or it never ran. */
static void tell(int client) {
  char *line = NULL;
  if (ended && exit_code >= 0) line = text("{\"event\":\"exited\",\"code\":%d,\"signal\":null}\n", exit_code);
  else if (ended && container_init) line = text("{\"event\":\"exited\",\"code\":null,\"signal\":%d}\n", SIGKILL);
  else if (ended) line = text("{\"event\":\"exited\",\"code\":1,\"signal\":null}\n");
  else if (container_init) line = text("{\"event\":\"running\",\"init\":%d}\n", (int)container_init);
  if (line && send(client, line, strlen(line), MSG_NOSIGNAL) < 0) warn("a client left");
  free(line);
}

static void tell_all(void) {
  for (int i = FIRST_CLIENT; i < SLOTS; i++) {
    if (slots[i].fd >= 0) tell(slots[i].fd);
  }
}

static void accept_client(void) {
  int client = accept4(slots[LISTENER].fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (client < 0) return;
  for (int i = FIRST_CLIENT; i < SLOTS; i++) {
    if (slots[i].fd >= 0) continue;
    slots[i] = (struct pollfd){.fd = client, .events = POLLIN};
    tell(client);
    met = true;
    return;
  }
  close(client);
}

static void hear_client(struct pollfd *slot) {
  char commands[16];
  ssize_t got = recv(slot->fd, commands, sizeof commands, 0);
  if (got <= 0) {
    if (got < 0 && errno == EAGAIN) return;
    close(slot->fd);
    slot->fd = -1;
    return;
  }
  for (ssize_t i = 0; i < got && !ended; i++) {
    pid_t init = child_of(starter);
    if (commands[i] == 'K') kill(init ? init : starter, SIGKILL);
    if (commands[i] == 'T') kill(init ? init : starter, SIGTERM);
  }
}

/* Init says "ready" first and "exit CODE" last. A service could say the same later; that only lies about itself. */
static void hear_init(const char *words) {
  if (!strcmp(words, "ready") && !container_init) {
    container_init = child_of(starter);
    tell_all();
  }
  if (!strncmp(words, "exit ", 5)) exit_code = atoi(words + 5);
}

static void hear_container(int slot) {
  char bytes[65536];
  ssize_t got;
  while ((got = read(slots[slot].fd, bytes, sizeof bytes)) > 0) {
    journal_take(&settings.journal, &streams[slot - OUT], bytes, (size_t)got);
    if ((size_t)got < sizeof bytes) return;
  }
  if (got == 0 || errno != EAGAIN) {
    close(slots[slot].fd);
    slots[slot].fd = -1;
  }
}

static void hear_signal(void) {
  struct signalfd_siginfo info;
  if (read(slots[SIGNALS].fd, &info, sizeof info) != sizeof info) return;
  if (info.ssi_signo == SIGTERM) kill(starter, SIGTERM); /* LXC hands it on to init */
  pid_t pid;
  while ((pid = waitpid(-1, NULL, WNOHANG)) > 0) {
    if (pid == starter) ended = true;
  }
}

static void serve(void) {
  while (!ended) {
    if (poll(slots, SLOTS, -1) < 0) continue;
    for (int i = OUT; i <= ERR; i++) {
      if (slots[i].revents) hear_container(i);
    }
    for (int i = FIRST_CLIENT; i < SLOTS; i++) {
      if (slots[i].revents) hear_client(&slots[i]);
    }
    if (slots[LISTENER].revents) accept_client();
    if (slots[SIGNALS].revents) hear_signal();
  }
  for (int i = OUT; i <= ERR; i++) {
    if (slots[i].fd >= 0) hear_container(i);
    journal_end(&settings.journal, &streams[i - OUT]);
  }
}

/* The caller's command ends as soon as the socket is there; the rest goes on without it. */
static void detach(void) {
  pid_t child = fork();
  if (child < 0) die("fork");
  if (child) _exit(0);
  setsid();
  int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  for (int fd = 0; fd < 3; fd++) dup2(null, fd);
  for (int fd = 3; fd < 1024; fd++) {
    if (fd != null && fd != slots[LISTENER].fd && fd != settings.journal.fd) close(fd);
  }
  if (chdir("/") < 0) die("/");
}

int supervise_main(int argc, char **argv) {
  int used = take_options(argc, argv, OPTIONS, &settings);
  if (!settings.socket || !settings.owner || !settings.journal.directory || !settings.journal.boot_id || used >= argc)
    fail(2, "supervise needs --socket, --log-dir, --boot-id, --owner and a command");
  for (int i = 0; i < SLOTS; i++) slots[i] = (struct pollfd){.fd = -1, .events = POLLIN};
  journal_open(&settings.journal);
  slots[LISTENER].fd = listen_at(settings.socket);
  detach();
  umask(022); /* for what runs in the container */
  block_all_signals();
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGCHLD);
  sigaddset(&set, SIGTERM);
  slots[SIGNALS].fd = signalfd(-1, &set, SFD_CLOEXEC);
  start(argv + used);
  serve();
  struct pollfd listener = slots[LISTENER];
  if (!met && poll(&listener, 1, 5000) > 0) accept_client(); /* ended before the daemon had time to connect */
  else tell_all();
  unlink(settings.socket);
  return 0;
}
