/* In the container: binds a directory or file of a volume into a subcontainer.
 *   start-container bind-mount --source S --target T [--recursive] [--readonly] [--file] [--idmap from:to:range]… */
#include "native.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct settings {
  const char *source, *target;
  bool recursive, readonly, file;
  struct id_map map;
} settings;

static void take_source(void *to, const char *value) { ((struct settings *)to)->source = value; }
static void take_target(void *to, const char *value) { ((struct settings *)to)->target = value; }
static void take_recursive(void *to, const char *value) { (void)value, ((struct settings *)to)->recursive = true; }
static void take_readonly(void *to, const char *value) { (void)value, ((struct settings *)to)->readonly = true; }
static void take_file(void *to, const char *value) { (void)value, ((struct settings *)to)->file = true; }
static void take_map(void *to, const char *value) {
  char *whole = strchr(value, ':') && strchr(strchr(value, ':') + 1, ':') ? text("%s", value) : text("%s:1", value);
  add_extent(&((struct settings *)to)->map, whole);
}

static const struct option_spec OPTIONS[] = {{"source", 's', true, take_source},
                                             {"target", 't', true, take_target},
                                             {"recursive", 'r', false, take_recursive},
                                             {"readonly", 0, false, take_readonly},
                                             {"file", 'f', false, take_file},
                                             {"idmap", 0, true, take_map},
                                             {NULL, 0, false, NULL}};

static void make_parents(const char *path) {
  char *copy = text("%s", path);
  for (char *slash = copy; (slash = strchr(slash + 1, '/'));) {
    *slash = 0;
    if (mkdir(copy, 0755) < 0 && errno != EEXIST) die("%s", copy);
    *slash = '/';
  }
  free(copy);
}

static int open_target(const char *path, bool file) {
  make_parents(path);
  if (file) {
    int made = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
    if (made >= 0) close(made);
  } else if (mkdir(path, 0755) < 0 && errno != EEXIST) {
    die("%s", path);
  }
  int fd = open(path, O_PATH | O_CLOEXEC);
  if (fd < 0) die("%s", path);
  return fd;
}

int bind_mount_main(int argc, char **argv) {
  take_options(argc, argv, OPTIONS, &settings);
  if (!settings.source || !settings.target) fail(2, "bind-mount needs --source and --target");
  int mount_fd = clone_tree(AT_FDCWD, settings.source, settings.recursive);
  if (settings.readonly) make_readonly(mount_fd);
  if (settings.map.count && !map_ids(mount_fd, &settings.map))
    fail(1, "%s: other owners cannot be shown for this directory from inside the service (%s)", settings.source,
         strerror(errno));
  attach_mount(mount_fd, open_target(settings.target, settings.file));
  return 0;
}
