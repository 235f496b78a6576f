/* Mount commands for the daemon. Targets are ROOT PATH pairs: PATH is resolved below ROOT without following any
 * symlink, because ROOT may be a container's file system.
 *
 *   host squashfs [--map i:o:n] FILE OFFSET SIZE (ROOT PATH)…
 *   host bind     [--map i:o:n] [--readonly] [--recursive] [--create] [--owner UID] SOURCE-ROOT SOURCE (ROOT PATH)…
 *   host overlay  [--owner UID] LOWER UPPER WORK ROOT PATH     (LOWER: paths joined by ':', escaped)
 *   host umount   ROOT PATH
 *   host write    [--owner UID] ROOT DIRECTORY NAME            (content on stdin)
 *   host remove   ROOT DIRECTORY NAME                          (an empty directory) */
#include "native.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

static struct settings {
  struct id_map map;
  bool readonly, recursive, create;
  struct owner owner;
} settings;

static void take_map(void *to, const char *value) { add_extent(&((struct settings *)to)->map, value); }
static void take_readonly(void *to, const char *value) { (void)value, ((struct settings *)to)->readonly = true; }
static void take_recursive(void *to, const char *value) { (void)value, ((struct settings *)to)->recursive = true; }
static void take_create(void *to, const char *value) { (void)value, ((struct settings *)to)->create = true; }
static void take_owner(void *to, const char *value) {
  uid_t owner = (uid_t)number(value, "--owner");
  ((struct settings *)to)->owner = (struct owner){.uid = owner, .gid = owner};
}

static const struct option_spec OPTIONS[] = {{"map", 0, true, take_map},
                                             {"readonly", 0, false, take_readonly},
                                             {"recursive", 0, false, take_recursive},
                                             {"create", 0, false, take_create},
                                             {"owner", 0, true, take_owner},
                                             {NULL, 0, false, NULL}};

static void need(bool enough) {
  if (!enough) fail(2, "wrong number of arguments");
}

static bool is_file(int fd) {
  struct stat info;
  return fstat(fd, &info) == 0 && S_ISREG(info.st_mode);
}

/* Shapes a detached mount and puts it at every target; the later ones are copies of the first. */
static int attach_everywhere(int mount_fd, int argc, char **argv) {
  need(argc >= 2 && argc % 2 == 0);
  if (settings.readonly) make_readonly(mount_fd);
  if (settings.map.count && !map_ids(mount_fd, &settings.map))
    fail(EXIT_NO_IDMAP, "this kernel cannot map ids on that file system: %s", strerror(errno));
  enum missing missing = is_file(mount_fd) ? MAKE_FILE : MAKE_DIRECTORY;
  for (int i = 0; i < argc; i += 2) {
    int target = open_beneath(argv[i], argv[i + 1], missing, &settings.owner);
    attach_mount(i ? clone_tree(mount_fd, "", settings.recursive) : mount_fd, target);
    close(target);
  }
  return 0;
}

static int squashfs(int argc, char **argv) {
  need(argc >= 5);
  unsigned long long offset = (unsigned long long)number(argv[1], "offset");
  unsigned long long size = (unsigned long long)number(argv[2], "size");
  return attach_everywhere(squashfs_mount(argv[0], offset, size), argc - 3, argv + 3);
}

static int bind(int argc, char **argv) {
  need(argc >= 4);
  /* On a volume, owner 0 on disk is the container's root. */
  struct owner disk = {.uid = 0, .gid = 0};
  int source = open_beneath(argv[0], argv[1], settings.create ? MAKE_DIRECTORY : MUST_EXIST, &disk);
  int mount_fd = clone_tree(source, "", settings.recursive);
  forbid_devices(mount_fd); /* a device file may come back with a restored backup */
  return attach_everywhere(mount_fd, argc - 2, argv + 2);
}

static int overlay(int argc, char **argv) {
  need(argc == 5);
  int target = open_beneath(argv[3], argv[4], MAKE_DIRECTORY, &settings.owner);
  char *options = text("lowerdir=%s,upperdir=%s,workdir=%s", argv[0], argv[1], argv[2]);
  char *path = text("/proc/self/fd/%d", target);
  if (mount("overlay", path, "overlay", MS_NODEV, options) < 0) die("overlay at %s", argv[4]);
  /* `target` is below the new mount now: look again, and let later mounts show wherever this one is shown. */
  char *mounted = text("/proc/self/fd/%d", open_beneath(argv[3], argv[4], MUST_EXIST, NULL));
  if (mount(NULL, mounted, NULL, MS_SHARED, NULL) < 0) die("share the overlay at %s", argv[4]);
  return 0;
}

static int unmount(int argc, char **argv) {
  need(argc == 2);
  int target = open_beneath(argv[0], argv[1], MAY_MISS, NULL);
  while (target >= 0 && detach_mount(target)) { /* also what it was mounted over */
    close(target);
    target = open_beneath(argv[0], argv[1], MAY_MISS, NULL);
  }
  return 0;
}

static int write_file(int argc, char **argv) {
  need(argc == 3);
  if (strchr(argv[2], '/')) fail(2, "a file name has no '/'");
  int path = open_beneath(argv[0], argv[1], MAKE_DIRECTORY, &settings.owner);
  char *opened = text("/proc/self/fd/%d", path), *draft = text(".%s.%d", argv[2], (int)getpid());
  int directory = open(opened, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0) die("%s", argv[1]);
  int fd = openat(directory, draft, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
  if (fd < 0) die("%s", argv[2]);
  char bytes[65536];
  for (ssize_t got; (got = read(STDIN_FILENO, bytes, sizeof bytes)) > 0;) {
    if (write(fd, bytes, (size_t)got) == got) continue;
    int error = errno;
    unlinkat(directory, draft, 0);
    errno = error;
    die("write %s", argv[2]);
  }
  if (fchown(fd, settings.owner.uid, settings.owner.gid) < 0 || fchmod(fd, 0644) < 0) die("%s", argv[2]);
  if (renameat(directory, draft, directory, argv[2]) < 0) die("%s", argv[2]);
  return 0;
}

static int remove_directory(int argc, char **argv) {
  need(argc == 3);
  if (strchr(argv[2], '/')) fail(2, "a directory name has no '/'");
  int directory = open_beneath(argv[0], argv[1], MUST_EXIST, NULL);
  if (unlinkat(directory, argv[2], AT_REMOVEDIR) < 0 && errno != ENOENT) die("%s", argv[2]);
  return 0;
}

int host_main(int argc, char **argv) {
  static const struct {
    const char *name;
    int (*run)(int, char **);
  } commands[] = {{"squashfs", squashfs}, {"bind", bind},        {"overlay", overlay},
                  {"umount", unmount},    {"write", write_file}, {"remove", remove_directory}};
  need(argc >= 1);
  umask(022); /* the caller's would hide files from the container */
  int used = 1 + take_options(argc - 1, argv + 1, OPTIONS, &settings);
  for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
    if (!strcmp(argv[0], commands[i].name)) return commands[i].run(argc - used, argv + used);
  }
  fail(2, "host has no command %s", argv[0]);
}
