/* Log files: <sequence>.ndjson, {"timestamp","message","bootId","stream"} a line. The newest is appended to until it
 * is full; the oldest goes when there are too many. A reader's place (sequence, byte) stays true for ever. */
#include "journal.h"
#include "native.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static unsigned long sequence_of(const char *name) {
  char *end;
  unsigned long sequence = strtoul(name, &end, 10);
  return end != name && !strcmp(end, ".ndjson") ? sequence : 0;
}

static char *path_of(const struct journal *journal, unsigned long sequence) {
  return text("%s/%010lu.ndjson", journal->directory, sequence);
}

static void forget_old(const struct journal *journal) {
  DIR *directory = opendir(journal->directory);
  if (!directory) return;
  for (struct dirent *entry; (entry = readdir(directory));) {
    unsigned long sequence = sequence_of(entry->d_name);
    if (sequence && sequence + journal->keep <= journal->sequence) unlinkat(dirfd(directory), entry->d_name, 0);
  }
  closedir(directory);
}

static void open_file(struct journal *journal) {
  char *path = path_of(journal, journal->sequence);
  struct stat info;
  if (journal->fd >= 0) close(journal->fd);
  journal->fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0640);
  journal->written = journal->fd >= 0 && fstat(journal->fd, &info) == 0 ? (unsigned long)info.st_size : 0;
  free(path);
}

void journal_open(struct journal *journal) {
  DIR *directory = opendir(journal->directory);
  if (!directory) die("%s", journal->directory);
  journal->sequence = 1;
  for (struct dirent *entry; (entry = readdir(directory));) {
    unsigned long sequence = sequence_of(entry->d_name);
    if (sequence > journal->sequence) journal->sequence = sequence;
  }
  closedir(directory);
  journal->fd = -1;
  open_file(journal);
  if (journal->fd < 0) die("%s", journal->directory);
}

/* Length of the UTF-8 sequence at `at` (RFC 3629), 0 when it is none. */
static size_t utf8_length(const unsigned char *at, size_t left) {
  size_t length = at[0] < 0x80 ? 1 : at[0] >= 0xc2 && at[0] < 0xe0 ? 2 : (at[0] & 0xf0) == 0xe0 ? 3
                  : at[0] >= 0xf0 && at[0] < 0xf5 ? 4 : 0;
  if (!length || length > left) return 0;
  for (size_t i = 1; i < length; i++) {
    if ((at[i] & 0xc0) != 0x80) return 0;
  }
  if (length == 3 && ((at[0] == 0xe0 && at[1] < 0xa0) || (at[0] == 0xed && at[1] > 0x9f))) return 0;
  if (length == 4 && ((at[0] == 0xf0 && at[1] < 0x90) || (at[0] == 0xf4 && at[1] > 0x8f))) return 0;
  return length;
}

static size_t escape(char *to, const char *message, size_t length) {
  char *start = to;
  for (size_t i = 0; i < length;) {
    const unsigned char *at = (const unsigned char *)message + i;
    size_t run = utf8_length(at, length - i);
    if (!run) {
      memcpy(to, "\xef\xbf\xbd", 3); /* U+FFFD */
      to += 3;
      i++;
    } else if (*at == '"' || *at == '\\') {
      *to++ = '\\';
      *to++ = (char)*at;
      i++;
    } else if (*at < 0x20 || *at == 0x7f) {
      to += sprintf(to, "\\u%04x", *at);
      i++;
    } else {
      memcpy(to, at, run);
      to += run;
      i += run;
    }
  }
  return (size_t)(to - start);
}

/* One write a line, so that two writers of one file never mix. A full disk loses lines, not the service. */
static void write_line(struct journal *journal, struct stream *stream) {
  static char record[sizeof stream->line * 6 + 256];
  if (journal->written >= journal->max_bytes) {
    journal->sequence++;
    open_file(journal);
    forget_old(journal);
  }
  struct timespec now;
  struct tm utc;
  char stamp[32];
  clock_gettime(CLOCK_REALTIME, &now);
  gmtime_r(&now.tv_sec, &utc);
  strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%S", &utc);
  size_t length = (size_t)sprintf(record, "{\"timestamp\":\"%s.%06ldZ\",\"message\":\"", stamp, now.tv_nsec / 1000);
  length += escape(record + length, stream->line, stream->length);
  length += (size_t)sprintf(record + length, "\",\"bootId\":\"%s\",\"stream\":\"%s\"}\n", journal->boot_id, stream->name);
  ssize_t done = journal->fd >= 0 ? write(journal->fd, record, length) : -1;
  if (done > 0) journal->written += (unsigned long)done;
  if (done > 0 && (size_t)done < length && ftruncate(journal->fd, (off_t)(journal->written -= (unsigned long)done)) < 0)
    warn("half a log line stays in the file");
  stream->length = 0;
}

/* A program may have left an unfinished line before init spoke. */
static void end_line(struct journal *journal, struct stream *stream) {
  char *mark = stream->mark ? memmem(stream->line, stream->length, MARK, sizeof MARK - 1) : NULL;
  if (mark) {
    char *words = text("%.*s", (int)(stream->line + stream->length - mark) - (int)(sizeof MARK - 1), mark + sizeof MARK - 1);
    stream->mark(words);
    free(words);
    stream->length = (size_t)(mark - stream->line);
    if (!stream->length) return;
  }
  if (stream->length && stream->line[stream->length - 1] == '\r') stream->length--;
  write_line(journal, stream);
}

void journal_take(struct journal *journal, struct stream *stream, const char *bytes, size_t length) {
  for (size_t i = 0; i < length; i++) {
    if (bytes[i] == '\n') {
      end_line(journal, stream);
    } else {
      stream->line[stream->length++] = bytes[i];
      if (stream->length == sizeof stream->line) write_line(journal, stream);
    }
  }
}

void journal_end(struct journal *journal, struct stream *stream) {
  if (stream->length) write_line(journal, stream);
}
