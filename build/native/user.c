/* Users and groups of an image. Its files may be missing or odd: then only numbers and root are known. */
#include "native.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* Splits a line of passwd(5) or group(5) in place; answers the number of fields. */
static int fields(char *line, char *field[], int most) {
  int count = 0;
  while (count < most && (field[count] = strsep(&line, ":"))) count++;
  return count;
}

static bool digits(const char *word) {
  if (!*word) return false;
  for (; *word; word++) {
    if (!isdigit((unsigned char)*word)) return false;
  }
  return true;
}

static bool lists(char *members, const char *name) {
  for (char *member; (member = strsep(&members, ","));) {
    if (*member && !strcmp(member, name)) return true;
  }
  return false;
}

static void find_in_passwd(struct user *user, const char *wanted, char **name) {
  char *rest = read_whole("/etc/passwd"), *line, *field[7];
  bool numeric = digits(wanted), found = false;
  while (!found && rest && (line = strsep(&rest, "\n"))) {
    if (fields(line, field, 7) < 6) continue;
    found = !strcmp(field[0], wanted) || (numeric && digits(field[2]) && atol(field[2]) == atol(wanted));
    if (!found) continue;
    user->uid = (uid_t)atol(field[2]);
    user->gid = (gid_t)atol(field[3]);
    user->home = *field[5] ? field[5] : "/";
    *name = field[0];
  }
  if (found) return;
  if (!numeric && strcmp(wanted, "root")) fail(1, "the image has no user named %s", wanted);
  user->uid = numeric ? (uid_t)number(wanted, "user id") : 0;
}

static void find_in_group(struct user *user, const char *wanted, const char *name) {
  char *rest = read_whole("/etc/group"), *line, *field[4];
  bool found = false;
  while (rest && (line = strsep(&rest, "\n"))) {
    int count = fields(line, field, 4);
    if (count < 3) continue;
    gid_t gid = (gid_t)atol(field[2]);
    if (wanted && !strcmp(field[0], wanted)) {
      user->gid = gid;
      found = true;
    }
    if (count == 4 && name && user->group_count < 64 && lists(field[3], name)) user->groups[user->group_count++] = gid;
  }
  if (!wanted || found) return;
  if (digits(wanted)) user->gid = (gid_t)number(wanted, "group id");
  else if (strcmp(wanted, "root")) fail(1, "the image has no group named %s", wanted);
  else user->gid = 0;
}

/* "name", "uid", either with ":group" or ":gid"; empty means root. */
struct user find_user(const char *user_and_group) {
  struct user user = {.home = "/"};
  char *wanted = text("%s", user_and_group && *user_and_group ? user_and_group : "0"), *name = NULL;
  char *group = strchr(wanted, ':');
  if (group) *group++ = 0;
  find_in_passwd(&user, *wanted ? wanted : "0", &name);
  find_in_group(&user, group && *group ? group : NULL, name);
  return user;
}
