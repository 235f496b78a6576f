/* journal.c: the log files of a container, one JSON object a line. */
#ifndef STARTD_JOURNAL_H
#define STARTD_JOURNAL_H

#include <stddef.h>

struct journal {
  const char *directory, *boot_id;
  unsigned long max_bytes; /* of one file */
  unsigned keep;           /* files */
  unsigned long sequence;  /* of the file being written; names never come back */
  unsigned long written;
  int fd;
};

/* One stream of a program, cut into lines. */
struct stream {
  const char *name;
  /* Hears what our own init says on this stream, which does not belong in the log; may be NULL. */
  void (*mark)(const char *words);
  size_t length;
  char line[16384];
};

/* How init begins such words; they end with the line. */
#define MARK "\001startd-init-"

void journal_open(struct journal *journal);
void journal_take(struct journal *journal, struct stream *stream, const char *bytes, size_t length);
void journal_end(struct journal *journal, struct stream *stream); /* writes an unfinished last line */

#endif
