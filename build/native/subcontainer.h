/* What the subcontainer commands share: entering an image's root, and a terminal for what runs there. */
#ifndef STARTD_SUBCONTAINER_H
#define STARTD_SUBCONTAINER_H

#include <stdbool.h>
#include <sys/types.h>

/* terminal.c */
struct terminal {
  bool forced, errors_too; /* asked for by options; else only where we have one ourselves */
  const char *size;        /* "rows:columns[:x:y]" */
  int master, slave;
};

bool wants_terminal(const struct terminal *terminal);
void open_terminal(struct terminal *terminal);
void use_terminal(const struct terminal *terminal); /* in the child */
int relay_terminal(pid_t child, const struct terminal *terminal);

/* chroot.c */
struct subcontainer {
  const char *root, *user, *directory;
  char **command;     /* NULL-terminated, may be empty */
  char **environment; /* NULL-terminated, complete */
  bool home_given;
  struct terminal terminal;
};

struct subcontainer read_subcontainer(int argc, char **argv);
void enter_and_exec(const struct subcontainer *box) __attribute__((noreturn));

#endif
