/* What every parent here does: hand signals on to the child, and reap. */
#include "native.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <sys/wait.h>
#include <unistd.h>

void block_all_signals(void) {
  sigset_t all;
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, NULL);
}

void unblock_all_signals(void) {
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
}

static bool forwarded(int signal) {
  static const int list[] = {SIGABRT, SIGALRM, SIGCONT, SIGHUP,  SIGINT,  SIGIO,   SIGPIPE, SIGPROF,  SIGQUIT,
                             SIGTERM, SIGTRAP, SIGTSTP, SIGTTIN, SIGTTOU, SIGURG,  SIGUSR1, SIGUSR2, SIGVTALRM};
  for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
    if (list[i] == signal) return true;
  }
  return false;
}

void forward_signal(pid_t child, int signal) {
  if (signal == SIGPWR) kill(child, SIGTERM); /* how LXC asks an init to halt */
  else if (forwarded(signal)) kill(child, signal);
}

/* Signals must be blocked since before the fork, or one that comes early would be lost. */
int relay(pid_t child) {
  sigset_t all;
  sigfillset(&all);
  for (;;) {
    siginfo_t info;
    int signal = sigwaitinfo(&all, &info);
    if (signal < 0) continue;
    if (signal == SIGCHLD) {
      int status;
      pid_t ended;
      while ((ended = waitpid(-1, &status, WNOHANG)) > 0) {
        if (ended == child) return status;
      }
    } else {
      forward_signal(child, signal);
    }
  }
}
