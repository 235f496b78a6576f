/* Mounts as descriptors: made detached, shaped (id-mapped, read-only), and only then put into the tree.
 * The numbers are those of mount_setattr(2), open_tree(2), move_mount(2), fsopen(2) and loop(4); older C libraries
 * have no names for them. */
#include "native.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <linux/loop.h>
#include <unistd.h>

enum { NR_open_tree = 428, NR_move_mount = 429, NR_fsopen = 430, NR_fsconfig = 431, NR_fsmount = 432 };
enum { NR_mount_setattr = 442 };
enum { TREE_CLONE = 1, TREE_RECURSIVE = 0x8000, EMPTY_PATH = 0x1000 };
enum { FROM_EMPTY = 0x04, TO_EMPTY = 0x40 };
enum { SET_FLAG = 0, SET_STRING = 1, CREATE = 6 };
#define ATTR_RDONLY 0x01ULL
#define ATTR_NODEV 0x04ULL
#define ATTR_IDMAP 0x100000ULL

struct attributes {
  uint64_t set, clear, propagation, userns_fd;
};

static int set_attributes(int mount_fd, struct attributes *attributes) {
  return (int)syscall(NR_mount_setattr, mount_fd, "", EMPTY_PATH | TREE_RECURSIVE, attributes, sizeof *attributes);
}

void add_extent(void *id_map, const char *value) {
  struct id_map *map = id_map;
  if (map->count >= 340) fail(2, "more than 340 id ranges");
  char end;
  int n = map->count++;
  if (sscanf(value, "%u:%u:%u%c", &map->extents[n].inner, &map->extents[n].outer, &map->extents[n].range, &end) != 3)
    fail(2, "an id map is from:to:range, not %s", value);
}

int clone_tree(int dirfd, const char *path, bool recursive) {
  unsigned flags = TREE_CLONE | O_CLOEXEC | EMPTY_PATH | (recursive ? TREE_RECURSIVE : 0);
  int fd = (int)syscall(NR_open_tree, dirfd, path, flags);
  if (fd < 0) die("clone the mount at %s", *path ? path : "the source");
  return fd;
}

void attach_mount(int mount_fd, int target_fd) {
  if (syscall(NR_move_mount, mount_fd, "", target_fd, "", FROM_EMPTY | TO_EMPTY) < 0) die("attach mount");
}

bool detach_mount(int target_fd) {
  char *path = text("/proc/self/fd/%d", target_fd);
  if (umount2(path, MNT_DETACH) == 0) return true;
  if (errno != EINVAL) die("unmount");
  return false;
}

void make_readonly(int mount_fd) {
  struct attributes attributes = {.set = ATTR_RDONLY};
  if (set_attributes(mount_fd, &attributes) < 0) die("make read-only");
}

void forbid_devices(int mount_fd) {
  struct attributes attributes = {.set = ATTR_NODEV};
  if (set_attributes(mount_fd, &attributes) < 0) die("forbid devices");
}

/* A user namespace is only a carrier of the map here: a child holds it open until we have its descriptor. */
static int user_namespace(const struct id_map *map) {
  int ready[2];
  if (pipe2(ready, O_CLOEXEC) < 0) die("pipe");
  pid_t child = fork();
  if (child < 0) die("fork");
  if (!child) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    char state = unshare(CLONE_NEWUSER) == 0 ? 1 : 0;
    write_all(ready[1], &state, 1);
    for (;;) pause();
  }
  char state = 0;
  if (read(ready[0], &state, 1) != 1 || !state) fail(1, "no user namespace (sysctl user.max_user_namespaces is 0?)");
  char lines[340 * 36];
  size_t length = 0;
  for (int i = 0; i < map->count; i++)
    length += (size_t)sprintf(lines + length, "%u %u %u\n", map->extents[i].inner, map->extents[i].outer,
                              map->extents[i].range);
  const char *files[] = {"uid_map", "gid_map"};
  for (int i = 0; i < 2; i++) {
    char *path = text("/proc/%d/%s", (int)child, files[i]);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0 || write(fd, lines, length) != (ssize_t)length) die("%s", path);
    close(fd);
  }
  char *path = text("/proc/%d/ns/user", (int)child);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) die("%s", path);
  kill(child, SIGKILL);
  waitpid(child, NULL, 0);
  close(ready[0]);
  close(ready[1]);
  return fd;
}

bool map_ids(int mount_fd, const struct id_map *map) {
  int namespace = user_namespace(map);
  struct attributes attributes = {.set = ATTR_IDMAP, .userns_fd = (uint64_t)namespace};
  int result = set_attributes(mount_fd, &attributes), error = errno;
  close(namespace);
  if (result == 0) return true;
  errno = error;
  if (error != EINVAL && error != EPERM && error != ENOSYS) die("id-map the mount");
  return false;
}

static int loop_device(const char *file, unsigned long long offset, unsigned long long size, char *name) {
  int backing = open(file, O_RDONLY | O_CLOEXEC);
  if (backing < 0) die("%s", file);
  struct stat info;
  if (fstat(backing, &info) < 0) die("%s", file);
  if (offset + size > (unsigned long long)info.st_size) fail(1, "%s is shorter than its contents list says", file);
  /* The device counts whole sectors: round up where the file has the bytes. */
  unsigned long long limit = (size + 511) / 512 * 512;
  struct loop_config config = {.fd = (uint32_t)backing};
  config.info.lo_offset = offset;
  config.info.lo_sizelimit = offset + limit > (unsigned long long)info.st_size ? size : limit;
  config.info.lo_flags = LO_FLAGS_READ_ONLY | LO_FLAGS_AUTOCLEAR;
  snprintf((char *)config.info.lo_file_name, LO_NAME_SIZE, "%s", file);
  int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
  if (control < 0) die("/dev/loop-control");
  for (int attempt = 0; attempt < 64; attempt++) {
    int free_one = ioctl(control, LOOP_CTL_GET_FREE);
    if (free_one < 0) die("no free loop device");
    sprintf(name, "/dev/loop%d", free_one);
    int device = open(name, O_RDONLY | O_CLOEXEC);
    if (device < 0 && errno == ENOENT) {
      mknod(name, S_IFBLK | 0660, (dev_t)(7 << 8 | free_one));
      device = open(name, O_RDONLY | O_CLOEXEC);
    }
    if (device < 0) die("%s", name);
    if (ioctl(device, LOOP_CONFIGURE, &config) == 0) {
      close(control);
      close(backing);
      return device;
    }
    if (errno != EBUSY) die("attach %s to %s", file, name);
    close(device); /* somebody else was faster */
  }
  fail(1, "every free loop device was taken by others");
}

/* The loop device frees itself when the mount that this makes is gone. */
int squashfs_mount(const char *file, unsigned long long offset, unsigned long long size) {
  char name[32];
  int device = loop_device(file, offset, size, name);
  int fs = (int)syscall(NR_fsopen, "squashfs", 1 /* FSOPEN_CLOEXEC */);
  if (fs < 0) die("squashfs");
  if (syscall(NR_fsconfig, fs, SET_STRING, "source", name, 0) < 0 ||
      syscall(NR_fsconfig, fs, SET_FLAG, "ro", NULL, 0) < 0 || syscall(NR_fsconfig, fs, CREATE, NULL, NULL, 0) < 0)
    die("%s at byte %llu is not a squashfs that this kernel reads", file, offset);
  int mount_fd = (int)syscall(NR_fsmount, fs, 1 /* FSMOUNT_CLOEXEC */, (unsigned)(ATTR_RDONLY | ATTR_NODEV));
  if (mount_fd < 0) die("mount squashfs of %s", file);
  close(fs);
  close(device);
  return mount_fd;
}
