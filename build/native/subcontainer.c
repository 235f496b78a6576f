/* Subcontainers, seen from inside the service's container: an image's root with its own process tree.
 *   launch       becomes the leader's parent: new PID, cgroup and IPC namespaces, proc mounted on CHROOT/proc
 *   launch-init  the leader itself, PID 1 there
 *   exec         runs a command in the namespaces of the leader
 *   exec-command only enters CHROOT
 *   kill         ends the leader, and with it every process of the subcontainer, and unmounts its root */
#include "native.h"
#include "subcontainer.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static int exit_code(int status) {
  if (WIFEXITED(status)) return WEXITSTATUS(status);
  if (WTERMSIG(status) == SIGTERM) return 0; /* asked to stop, and did */
  warn("ended by signal %d (%s)", WTERMSIG(status), strsignal(WTERMSIG(status)));
  return 1;
}

/* The outer id of PID 1 of the namespace whose proc is at root/proc; 0 when there is none. */
static pid_t find_leader(const char *root) {
  struct stat wanted, seen;
  char *path = text("%s/proc/1/ns/pid", root);
  bool found = stat(path, &wanted) == 0;
  free(path);
  DIR *directory = found ? opendir("/proc") : NULL;
  pid_t leader = 0;
  for (struct dirent *entry; directory && !leader && (entry = readdir(directory));) {
    pid_t pid = (pid_t)atol(entry->d_name);
    if (pid < 2) continue;
    char *link = text("/proc/%d/ns/pid", (int)pid), *file = text("/proc/%d/status", (int)pid);
    if (stat(link, &seen) == 0 && seen.st_ino == wanted.st_ino && seen.st_dev == wanted.st_dev) {
      char *status = read_whole(file), *ids = status ? strstr(status, "NSpid:") : NULL;
      if (ids) {
        ids[strcspn(ids, "\n")] = 0;
        char *last = strrchr(ids, '\t');
        if (last && atol(last + 1) == 1) leader = pid;
      }
      free(status);
    }
    free(link);
    free(file);
  }
  if (directory) closedir(directory);
  return leader;
}

static void end_leader(const char *root) {
  pid_t leader = find_leader(root);
  if (leader) kill(leader, SIGKILL);
  char *proc = text("%s/proc", root);
  while (umount2(proc, MNT_DETACH | UMOUNT_NOFOLLOW) == 0) continue;
  free(proc);
}

static void mount_proc(const char *root) {
  char *proc = text("%s/proc", root);
  if (mkdir(proc, 0555) < 0 && errno != EEXIST) die("%s", proc);
  if (mount("proc", proc, "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0) die("mount proc on %s", proc);
  free(proc);
}

/* A leader without a program: keeps the namespaces, reaps, and ends when asked. */
static int idle(void) {
  sigset_t all;
  sigfillset(&all);
  for (;;) {
    siginfo_t info;
    int signal = sigwaitinfo(&all, &info);
    while (waitpid(-1, NULL, WNOHANG) > 0) continue;
    if (signal == SIGTERM || signal == SIGINT || signal == SIGQUIT) return 0;
  }
}

static int launch_init(const struct subcontainer *box) {
  mount_proc(box->root);
  if (!box->command[0]) {
    block_all_signals();
    return idle();
  }
  unblock_all_signals();
  enter_and_exec(box);
}

static int launch(const struct subcontainer *box) {
  end_leader(box->root);
  if (unshare(CLONE_NEWPID | CLONE_NEWCGROUP | CLONE_NEWIPC) < 0) die("new namespaces");
  block_all_signals();
  pid_t child = fork();
  if (child < 0) die("fork");
  if (!child) {
    prctl(PR_SET_PDEATHSIG, SIGKILL); /* no process tree without somebody who can stop it */
    exit(launch_init(box));
  }
  /* The proc mount stays, empty: the next leader may have put its own there by now. */
  return exit_code(relay(child));
}

static void join(const char *root, const char *name, int kind) {
  char *path = text("%s/proc/1/ns/%s", root, name);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0 || setns(fd, kind) < 0) die("subcontainer %s is not running: %s", root, path);
  close(fd);
  free(path);
}

static int exec_in_leader(struct subcontainer *box) {
  bool terminal = wants_terminal(&box->terminal);
  if (terminal) open_terminal(&box->terminal);

  join(box->root, "pid", CLONE_NEWPID);
  join(box->root, "cgroup", CLONE_NEWCGROUP);
  join(box->root, "ipc", CLONE_NEWIPC);
  block_all_signals();
  pid_t child = fork();
  if (child < 0) die("fork");
  if (!child) {
    unblock_all_signals();
    if (terminal) use_terminal(&box->terminal);
    enter_and_exec(box);
  }
  if (!terminal) return exit_code(relay(child));
  int status = relay_terminal(child, &box->terminal);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

int subcontainer_main(int argc, char **argv) {
  if (argc < 1) fail(2, "subcontainer launch|launch-init|exec|exec-command|kill");
  const char *command = argv[0];
  struct subcontainer box = read_subcontainer(argc - 1, argv + 1);
  if (!strcmp(command, "launch")) return launch(&box);
  if (!strcmp(command, "launch-init")) return launch_init(&box);
  if (!strcmp(command, "kill")) {
    end_leader(box.root);
    /* Also what packages bind below it (/dev, /sys, volumes), or the layer would live on in here; private first, or
     * taking away the copy of /dev would take away what is mounted in the real one. */
    do mount(NULL, box.root, NULL, MS_REC | MS_PRIVATE, NULL);
    while (umount2(box.root, MNT_DETACH | UMOUNT_NOFOLLOW) == 0);
    return 0;
  }
  if (!box.command[0]) fail(2, "subcontainer %s needs a command", command);
  if (!strcmp(command, "exec")) return exec_in_leader(&box);
  if (!strcmp(command, "exec-command")) enter_and_exec(&box);
  fail(2, "subcontainer has no command %s", command);
}
