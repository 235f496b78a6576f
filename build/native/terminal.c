/* A terminal of its own for a command: a shell that somebody attaches to. */
#include "native.h"
#include "subcontainer.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

static struct termios before;
static bool changed;

static void restore(void) {
  if (changed) tcsetattr(STDIN_FILENO, TCSANOW, &before);
}

/* Keys go through unread to the inner terminal, which is the one that understands them. */
static void make_raw(void) {
  if (tcgetattr(STDIN_FILENO, &before) < 0) return;
  struct termios raw = before;
  cfmakeraw(&raw);
  changed = tcsetattr(STDIN_FILENO, TCSANOW, &raw) == 0;
  atexit(restore);
}

static void set_size(int master, const char *size) {
  struct winsize window = {0};
  unsigned rows, columns, x = 0, y = 0;
  if (size) {
    if (sscanf(size, "%u:%u:%u:%u", &rows, &columns, &x, &y) < 2) fail(2, "a terminal size is rows:columns, not %s", size);
    window.ws_row = (unsigned short)rows;
    window.ws_col = (unsigned short)columns;
    window.ws_xpixel = (unsigned short)x;
    window.ws_ypixel = (unsigned short)y;
  } else if (ioctl(STDIN_FILENO, TIOCGWINSZ, &window) < 0) {
    return;
  }
  ioctl(master, TIOCSWINSZ, &window);
}

bool wants_terminal(const struct terminal *terminal) {
  return terminal->forced || (isatty(STDIN_FILENO) && isatty(STDOUT_FILENO));
}

/* Both ends are opened here, in the service's container, whose /dev the subcontainer shows. */
void open_terminal(struct terminal *terminal) {
  terminal->master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (terminal->master < 0 || unlockpt(terminal->master) < 0) die("new terminal");
  terminal->slave = open(ptsname(terminal->master), O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (terminal->slave < 0) die("open terminal");
  set_size(terminal->master, terminal->size);
}

void use_terminal(const struct terminal *terminal) {
  bool with_errors = terminal->errors_too || isatty(STDERR_FILENO);
  setsid();
  if (ioctl(terminal->slave, TIOCSCTTY, 0) < 0) die("control the terminal");
  for (int fd = 0; fd < (with_errors ? 3 : 2); fd++) dup2(terminal->slave, fd);
}

static bool copy(int from, int to) {
  char bytes[4096];
  ssize_t got = read(from, bytes, sizeof bytes);
  if (got > 0) write_all(to, bytes, (size_t)got);
  return got > 0 || (got < 0 && errno == EAGAIN);
}

/* Copies keys in and output out until the command has ended and its output is through; answers its wait status. */
int relay_terminal(pid_t child, const struct terminal *terminal) {
  enum { SIGNALS, OUTPUT, KEYS };
  sigset_t all;
  sigfillset(&all);
  close(terminal->slave);
  if (isatty(STDIN_FILENO)) make_raw();
  struct pollfd slots[] = {{.fd = signalfd(-1, &all, SFD_CLOEXEC), .events = POLLIN},
                           {.fd = terminal->master, .events = POLLIN},
                           {.fd = STDIN_FILENO, .events = POLLIN}};
  int status = 0;
  bool ended = false;
  while (!ended) {
    if (poll(slots, 3, -1) < 0) continue;
    if (slots[OUTPUT].revents && !copy(terminal->master, STDOUT_FILENO)) slots[OUTPUT].fd = -1;
    if (slots[KEYS].revents && !copy(STDIN_FILENO, terminal->master)) {
      slots[KEYS].fd = -1;
      write_all(terminal->master, "\004", 1); /* end of input, as a key */
    }
    struct signalfd_siginfo info;
    if (!slots[SIGNALS].revents || read(slots[SIGNALS].fd, &info, sizeof info) != sizeof info) continue;
    if (info.ssi_signo == SIGWINCH) set_size(terminal->master, NULL);
    else if (info.ssi_signo != SIGCHLD) forward_signal(child, (int)info.ssi_signo);
    while (waitpid(-1, &status, WNOHANG) == child) ended = true;
  }
  fcntl(terminal->master, F_SETFL, O_NONBLOCK);
  struct pollfd rest = {.fd = terminal->master, .events = POLLIN};
  while (slots[OUTPUT].fd >= 0 && poll(&rest, 1, 0) > 0 && copy(terminal->master, STDOUT_FILENO)) continue;
  return status;
}
