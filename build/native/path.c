/* Opening a path below a root that somebody hostile may be changing at the same time. */
#include "native.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_openat2
#define SYS_openat2 437
#endif

/* openat2(2), Linux 5.6. */
struct how {
  uint64_t flags, mode, resolve;
};
#define NO_MAGICLINKS 0x02
#define NO_SYMLINKS 0x04
#define BENEATH 0x08

static int open_step(int directory, const char *name, int flags) {
  struct how how = {
      .flags = (uint64_t)(flags | O_CLOEXEC), .mode = 0, .resolve = NO_MAGICLINKS | NO_SYMLINKS | BENEATH};
  return (int)syscall(SYS_openat2, directory, name, &how, sizeof how);
}

static int make_step(int directory, const char *name, bool file, const struct owner *owner) {
  int made = file ? openat(directory, name, O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW | O_CLOEXEC, 0644)
                  : mkdirat(directory, name, 0755);
  if (made < 0) return errno == EEXIST ? 0 : -1;
  if (file) close(made);
  return owner ? fchownat(directory, name, owner->uid, owner->gid, AT_SYMLINK_NOFOLLOW) : 0;
}

/* An O_PATH descriptor of root/path. Each component is opened by itself below the one before it, so neither a
 * symlink nor a rename in between leads outside. Missing parts are made, and given to `owner`, when asked; with
 * MAY_MISS the answer is -1 then. */
int open_beneath(const char *root, const char *path, enum missing missing, const struct owner *owner) {
  int at = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (at < 0) die("%s", root);
  char *copy = text("%s", path), *rest = copy, *name;
  while ((name = strsep(&rest, "/"))) {
    if (!*name || !strcmp(name, ".")) continue;
    if (!strcmp(name, "..")) fail(2, "%s: '..' is not allowed", path);
    bool last = !rest || !rest[strspn(rest, "/")];
    int flags = O_PATH | (last ? 0 : O_DIRECTORY);
    int next = open_step(at, name, flags);
    if (next < 0 && errno == ENOENT && missing == MAY_MISS) {
      close(at);
      return -1;
    }
    if (next < 0 && errno == ENOENT && missing != MUST_EXIST) {
      if (make_step(at, name, last && missing == MAKE_FILE, owner) < 0) die("make %s in %s", name, path);
      next = open_step(at, name, flags);
    }
    if (next < 0 && errno == ELOOP) fail(2, "%s: %s is a symbolic link, which is not followed here", path, name);
    if (next < 0) die("%s below %s", path, root);
    close(at);
    at = next;
  }
  free(copy);
  return at;
}
