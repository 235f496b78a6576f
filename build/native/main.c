/* Which job this call is. Everything that is not here is a question to the host, which the runtime's client asks. */
#include "native.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifndef VERSION
#define VERSION "unknown"
#endif

static const char CLIENT[] = "/usr/lib/startos/init/cli.js";

static const struct applet {
  const char *name;
  int (*run)(int, char **);
} APPLETS[] = {{"init", init_main},
               {"pipe-wrap", pipe_wrap_main},
               {"bind-mount", bind_mount_main},
               {"subcontainer", subcontainer_main},
               {"host", host_main},
               {"supervise", supervise_main},
               {"enter", enter_main}};

static int ask_host(int argc, char **argv) {
  char **words = calloc((size_t)argc + 3, sizeof *words);
  if (!words) fail(1, "out of memory");
  words[0] = "/usr/bin/node";
  words[1] = (char *)CLIENT;
  memcpy(words + 2, argv, (size_t)argc * sizeof *argv);
  execv(words[0], words);
  die("%s", words[0]);
}

int main(int argc, char **argv) {
  if (argc < 2) return ask_host(0, argv);
  if (!strcmp(argv[1], "--version")) return puts("start-container " VERSION) < 0;
  if (!strcmp(argv[1], "--contents")) {
    for (size_t i = 0; i < sizeof APPLETS / sizeof *APPLETS; i++) puts(APPLETS[i].name);
    return 0;
  }
  bool by_host = !strcmp(argv[1], "subcontainer") && argc > 2 && strstr(argv[2], "-fs");
  for (size_t i = 0; !by_host && i < sizeof APPLETS / sizeof *APPLETS; i++) {
    if (!strcmp(argv[1], APPLETS[i].name)) return APPLETS[i].run(argc - 2, argv + 2);
  }
  return ask_host(argc - 1, argv + 1);
}
