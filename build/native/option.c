/* Command-line options, strict: an unknown one is an error. */
#include "native.h"

#include <string.h>

static const struct option_spec *find(const struct option_spec *specs, const char *word, size_t length) {
  for (; specs->name; specs++) {
    if (strlen(specs->name) == length && !strncmp(specs->name, word, length)) return specs;
  }
  return NULL;
}

static const struct option_spec *find_letter(const struct option_spec *specs, char letter) {
  for (; specs->name; specs++) {
    if (specs->letter && specs->letter == letter) return specs;
  }
  return NULL;
}

int take_options(int argc, char **argv, const struct option_spec *specs, void *to) {
  int i = 0;
  for (; i < argc; i++) {
    const char *word = argv[i];
    if (!strcmp(word, "--")) return i + 1;
    if (word[0] != '-' || !word[1]) return i;
    const struct option_spec *spec;
    const char *value = NULL;
    if (word[1] == '-') {
      const char *equals = strchr(word, '=');
      spec = find(specs, word + 2, equals ? (size_t)(equals - word - 2) : strlen(word + 2));
      if (equals) value = equals + 1;
    } else {
      spec = find_letter(specs, word[1]);
      if (word[2]) value = word + 2;
    }
    if (!spec || (value && !spec->value)) fail(2, "unknown option %s", word);
    if (spec->value && !value) {
      if (++i >= argc) fail(2, "option %s needs a value", word);
      value = argv[i];
    }
    spec->take(to, value);
  }
  return i;
}
