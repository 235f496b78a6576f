/* start-container: the small native part of startd. One program, several jobs:
 * inside a service's container it is init and the subcontainer commands; on the host it makes mounts,
 * supervises a container and enters it. See docs/decisions/0007-native-helper.md. */
#ifndef STARTD_NATIVE_H
#define STARTD_NATIVE_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Exit status of the host's mount commands when the kernel cannot id-map that file system. */
#define EXIT_NO_IDMAP 75

/* fail.c: a message on stderr and an exit; `die` adds the text of errno. */
void die(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));
void fail(int status, const char *format, ...) __attribute__((noreturn, format(printf, 2, 3)));
void warn(const char *format, ...) __attribute__((format(printf, 1, 2)));
char *text(const char *format, ...) __attribute__((format(printf, 1, 2)));
char *read_whole(const char *path); /* NULL when it cannot be read; bounded to 4 MiB */
long number(const char *digits, const char *what);

/* option.c: "--name=value", "--name value" and flags, in the order given. */
struct option_spec {
  const char *name; /* without dashes */
  char letter;      /* 0: none */
  bool value;
  void (*take)(void *to, const char *value);
};
/* Reads options up to the first word that is none (or after "--"); answers its index. */
int take_options(int argc, char **argv, const struct option_spec *specs, void *to);

/* path.c: paths that other people can change while we look. No symlink is ever followed. */
struct owner {
  uid_t uid;
  gid_t gid;
};
enum missing { MUST_EXIST, MAY_MISS, MAKE_DIRECTORY, MAKE_FILE };
int open_beneath(const char *root, const char *path, enum missing missing, const struct owner *owner);

/* mount.c: the mount calls of Linux 5.12 and later. All descriptors are O_CLOEXEC. */
struct id_map {
  int count;
  struct {
    unsigned inner, outer, range;
  } extents[340];
};
void add_extent(void *id_map, const char *inner_outer_range);
int clone_tree(int dirfd, const char *path, bool recursive);
int squashfs_mount(const char *file, unsigned long long offset, unsigned long long size);
bool map_ids(int mount_fd, const struct id_map *map); /* false: this file system cannot */
void make_readonly(int mount_fd);
void forbid_devices(int mount_fd);
void attach_mount(int mount_fd, int target_fd);
bool detach_mount(int target_fd); /* false: nothing was mounted there */

/* process.c: what a parent does for its child. */
void block_all_signals(void);
void unblock_all_signals(void);
void forward_signal(pid_t child, int signal);
int relay(pid_t child); /* forwards signals, reaps orphans; answers the child's wait status */
void write_all(int fd, const char *bytes, size_t length);

/* user.c: names and numbers out of /etc/passwd and /etc/group of the current root. */
struct user {
  uid_t uid;
  gid_t gid;
  gid_t groups[64];
  int group_count;
  char *home;
};
struct user find_user(const char *user_and_group);

/* One per command. */
int init_main(int argc, char **argv);
int pipe_wrap_main(int argc, char **argv);
int bind_mount_main(int argc, char **argv);
int subcontainer_main(int argc, char **argv);
int host_main(int argc, char **argv);
int supervise_main(int argc, char **argv);
int enter_main(int argc, char **argv);

#endif
