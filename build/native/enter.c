/* On the host: runs a command in all namespaces and control groups of a container, as its root.
 *   start-container enter PID COMMAND… */
#include "native.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif

static bool join_at(const char *hierarchy, const char *group) {
  char *path = text("/sys/fs/cgroup%s%s/cgroup.procs", hierarchy, group);
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  free(path);
  if (fd < 0) return false;
  bool joined = write(fd, "0", 1) == 1;
  close(fd);
  return joined;
}

/* So that what runs here counts, and ends, with the container. Lines are "id:controllers:path" (cgroups(7)). */
static void join_control_groups(const char *pid) {
  char *path = text("/proc/%s/cgroup", pid), *rest = read_whole(path), *line;
  if (!rest) fail(1, "no process %s", pid);
  while ((line = strsep(&rest, "\n"))) {
    char *controllers = strchr(line, ':'), *group = controllers ? strchr(controllers + 1, ':') : NULL;
    if (!group) continue;
    *group++ = 0;
    controllers++;
    if (!*controllers) {
      if (!join_at("", group)) join_at("/unified", group);
    } else {
      const char *name = strncmp(controllers, "name=", 5) ? controllers : controllers + 5;
      char *hierarchy = text("/%s", name);
      join_at(hierarchy, group);
      free(hierarchy);
    }
  }
  free(path);
}

int enter_main(int argc, char **argv) {
  if (argc < 2) fail(2, "enter needs a process id and a command");
  pid_t target = (pid_t)number(argv[0], "process id");
  int handle = (int)syscall(SYS_pidfd_open, target, 0);
  if (handle < 0) die("process %s", argv[0]);
  join_control_groups(argv[0]);
  char *path = getenv("PATH");
  if (setns(handle, CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWNET |
                        CLONE_NEWCGROUP) < 0)
    die("enter the container");
  close(handle);
  if (setgroups(0, NULL) < 0 || setgid(0) < 0 || setuid(0) < 0) die("become the container's root");
  if (!path) setenv("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", 1);
  if (chdir("/") < 0) die("/");
  block_all_signals();
  pid_t child = fork();
  if (child < 0) die("fork");
  if (!child) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    unblock_all_signals();
    execvp(argv[1], argv + 1);
    warn("%s: %s", argv[1], strerror(errno));
    _exit(errno == ENOENT ? 127 : 126);
  }
  int status = relay(child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
