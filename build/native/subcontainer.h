/* chroot.c: entering an image's root and running a program there. */
#ifndef STARTD_SUBCONTAINER_H
#define STARTD_SUBCONTAINER_H

#include <stdbool.h>

struct subcontainer {
  const char *root, *user, *directory;
  char **command;     /* NULL-terminated, may be empty */
  char **environment; /* NULL-terminated, complete */
  bool home_given;
};

struct subcontainer read_subcontainer(int argc, char **argv);
void enter_and_exec(const struct subcontainer *box) __attribute__((noreturn));

#endif
