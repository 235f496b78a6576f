/* PID 1 of a container: starts one program, hands signals on, reaps orphans, ends with the program's code. */
#include "journal.h"
#include "native.h"

#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static int code_of(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status); }

/* To the supervisor, which keeps it out of the log. */
static void say(const char *line) { write_all(STDOUT_FILENO, line, strlen(line)); }

int init_main(int argc, char **argv) {
  if (argc < 1) fail(2, "init needs a program");
  say(text(MARK "ready\n"));
  block_all_signals();
  pid_t child = fork();
  if (child < 0) die("fork");
  if (!child) {
    setsid();
    unblock_all_signals();
    execvp(argv[0], argv);
    die("%s", argv[0]);
  }
  int code = code_of(relay(child));
  say(text(MARK "exit %d\n", code));
  return code;
}

static void copy(int from, int to) {
  char bytes[4096];
  ssize_t got = read(from, bytes, sizeof bytes);
  if (got > 0) write_all(to, bytes, (size_t)got);
}

/* Gives a program pipes as stdout and stderr, so that it may open /dev/stdout again whatever ours are. */
int pipe_wrap_main(int argc, char **argv) {
  int out[2], err[2];
  if (argc < 1) fail(2, "pipe-wrap needs a program");
  if (pipe(out) < 0 || pipe(err) < 0) die("pipe");
  block_all_signals();
  pid_t main_one = fork();
  if (main_one < 0) die("fork");
  if (!main_one) {
    unblock_all_signals();
    dup2(out[1], STDOUT_FILENO);
    dup2(err[1], STDERR_FILENO);
    for (int i = 0; i < 2; i++) close(out[i]), close(err[i]);
    execvp(argv[0], argv);
    die("%s", argv[0]);
  }
  close(out[1]);
  close(err[1]);
  pid_t copier = fork();
  if (!copier) {
    /* Lives until the last writer has gone, which may be later than the program itself. */
    struct pollfd ends[2] = {{.fd = out[0], .events = POLLIN}, {.fd = err[0], .events = POLLIN}};
    while ((ends[0].fd >= 0 || ends[1].fd >= 0) && poll(ends, 2, -1) > 0) {
      for (int i = 0; i < 2; i++) {
        if (ends[i].revents & POLLIN) copy(ends[i].fd, i + 1);
        else if (ends[i].revents) ends[i].fd = -1;
      }
    }
    _exit(0);
  }
  int status = relay(main_one);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
