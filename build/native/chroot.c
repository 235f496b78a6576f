/* Options of the subcontainer commands, and "enter and exec". */
#include "native.h"
#include "subcontainer.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

extern char **environ;

/* Later values win, wherever they come from: inherited, file, option. */
static void set_variable(struct subcontainer *box, char *pair) {
  size_t name = strcspn(pair, "="), count = 0;
  if (!strncmp(pair, "HOME=", 5)) box->home_given = true;
  for (; box->environment[count]; count++) {
    if (!strncmp(box->environment[count], pair, name + 1)) {
      box->environment[count] = pair;
      return;
    }
  }
  box->environment = realloc(box->environment, (count + 2) * sizeof(char *));
  if (!box->environment) fail(1, "out of memory");
  box->environment[count] = pair;
  box->environment[count + 1] = NULL;
}

static void take_file(void *to, const char *path) {
  char *rest = read_whole(path), *line;
  if (!rest) die("environment file %s", path);
  while ((line = strsep(&rest, "\n"))) {
    if (*line && line[strlen(line) - 1] == '\r') line[strlen(line) - 1] = 0;
    if (!*line) continue;
    if (strchr(line, '=') > line) set_variable(to, line);
    else warn("%s: no variable in this line: %s", path, line);
  }
}

static void take_variable(void *to, const char *pair) {
  if (strchr(pair, '=') > pair) set_variable(to, text("%s", pair));
  else if (*pair == '/' && access(pair, R_OK) == 0) take_file(to, pair); /* packages of the SDK before 0.4.0-beta.41 */
  else warn("not a variable: %s", pair);
}

static void take_user(void *to, const char *value) { ((struct subcontainer *)to)->user = value; }
static void take_directory(void *to, const char *value) { ((struct subcontainer *)to)->directory = value; }

static void take_tty(void *to, const char *value) { (void)value, ((struct subcontainer *)to)->terminal.forced = true; }
static void take_stderr_tty(void *to, const char *value) {
  (void)value, ((struct subcontainer *)to)->terminal.errors_too = true;
}
static void take_size(void *to, const char *value) { ((struct subcontainer *)to)->terminal.size = value; }

static const struct option_spec OPTIONS[] = {{"env", 'e', true, take_variable},
                                             {"env-file", 0, true, take_file},
                                             {"user", 'u', true, take_user},
                                             {"workdir", 'w', true, take_directory},
                                             {"force-tty", 0, false, take_tty},
                                             {"force-stderr-tty", 0, false, take_stderr_tty},
                                             {"pty-size", 0, true, take_size},
                                             {NULL, 0, false, NULL}};

struct subcontainer read_subcontainer(int argc, char **argv) {
  struct subcontainer box = {.environment = calloc(1, sizeof(char *))};
  for (char **pair = environ; *pair; pair++) set_variable(&box, *pair);
  box.home_given = false; /* our own HOME is not the image's */
  int used = take_options(argc, argv, OPTIONS, &box);
  if (used >= argc) fail(2, "which subcontainer? Give the path of its root");
  box.root = argv[used];
  box.command = argv + used + 1;
  if (box.command[0] && !strcmp(box.command[0], "--")) box.command++;
  return box;
}

/* pivot_root and not chroot: a chrooted process may not make user namespaces, which nested engines need. */
static void enter_root(const char *root) {
  if (unshare(CLONE_NEWNS) < 0) die("new mount namespace");
  if (mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) < 0) die("make / slave");
  if (mount(root, root, NULL, MS_BIND | MS_REC, NULL) < 0) die("%s", root);
  if (chdir(root) < 0) die("%s", root);
  /* The old root lands on top of the new one and is taken away at once: pivot_root(2), "pivot_root(".", ".")". */
  if (syscall(SYS_pivot_root, ".", ".") < 0) die("enter %s", root);
  if (umount2(".", MNT_DETACH) < 0 || chdir("/") < 0) die("leave the old root");
}

static void become(const struct user *user) {
  if (user->uid != 0) {
    for (int fd = 0; fd < 3; fd++) {
      if (fchown(fd, user->uid, (gid_t)-1) < 0) continue; /* a log file or a terminal may refuse: it still can be written */
    }
  }
  setsid();
  if (setgroups((size_t)user->group_count, user->groups) < 0) die("set groups");
  if (setgid(user->gid) < 0 || setuid(user->uid) < 0) die("become user %u", user->uid);
  prctl(PR_SET_DUMPABLE, 1); /* or /proc/self would belong to root */
}

void enter_and_exec(const struct subcontainer *box) {
  struct subcontainer inner = *box;
  enter_root(box->root);
  struct user user = find_user(box->user);
  if (!inner.home_given) set_variable(&inner, text("HOME=%s", user.home));
  become(&user);
  prctl(PR_SET_PDEATHSIG, SIGKILL); /* changing the user has cleared it */
  if (inner.directory && *inner.directory && chdir(inner.directory) < 0) die("working directory %s", inner.directory);
  environ = inner.environment;
  if (!getenv("PATH")) setenv("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", 1);
  execvp(inner.command[0], inner.command);
  int error = errno;
  warn("%s: %s", inner.command[0], strerror(error));
  _exit(error == ENOENT ? 127 : 126);
}
