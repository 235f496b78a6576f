/* Errors, and the little text handling that every command needs. */
#include "native.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void say(const char *format, va_list values) {
  fputs("start-container: ", stderr);
  vfprintf(stderr, format, values);
}

void die(const char *format, ...) {
  int error = errno;
  va_list values;
  va_start(values, format);
  say(format, values);
  va_end(values);
  fprintf(stderr, ": %s\n", strerror(error));
  exit(1);
}

void fail(int status, const char *format, ...) {
  va_list values;
  va_start(values, format);
  say(format, values);
  va_end(values);
  fputc('\n', stderr);
  exit(status);
}

void warn(const char *format, ...) {
  va_list values;
  va_start(values, format);
  say(format, values);
  va_end(values);
  fputc('\n', stderr);
}

char *text(const char *format, ...) {
  char *made = NULL;
  va_list values;
  va_start(values, format);
  if (vasprintf(&made, format, values) < 0) fail(1, "out of memory");
  va_end(values);
  return made;
}

char *read_whole(const char *path) {
  const size_t limit = 4 << 20;
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return NULL;
  size_t size = 0, room = 4096;
  char *bytes = malloc(room + 1);
  while (bytes) {
    ssize_t got = read(fd, bytes + size, room - size);
    if (got <= 0 || size + (size_t)got >= limit) {
      if (got > 0) size += (size_t)got;
      break;
    }
    size += (size_t)got;
    if (size == room) bytes = realloc(bytes, (room *= 2) + 1);
  }
  close(fd);
  if (!bytes) fail(1, "out of memory");
  bytes[size] = 0;
  return bytes;
}

long number(const char *digits, const char *what) {
  char *end;
  errno = 0;
  long value = strtol(digits, &end, 10);
  if (errno || end == digits || *end || value < 0) fail(2, "%s is not a number: %s", what, digits);
  return value;
}

void write_all(int fd, const char *bytes, size_t length) {
  while (length) {
    ssize_t done = write(fd, bytes, length);
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) return;
    bytes += done;
    length -= (size_t)done;
  }
}
