/* SPDX-License-Identifier: MIT */
#include "device/compiler.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"

enum { MOST_WORDS = 64, MOST_BYTES = 1 << 26, LINE = 400 };

extern char **environ;

/* Words of a command, and the texts that they point into. */
typedef struct command {
  char *words[MOST_WORDS + 1];
  int n;
  tt1__arena arena;
  int failed;
} command;

static void add(command *c, const char *word, size_t length)
{
  char *copy = c->n < MOST_WORDS ? tt1__arena_copy(&c->arena, word, length) : NULL;
  if (copy)
    c->words[c->n++] = copy;
  else
    c->failed = 1;
}

static void add_words(command *c, const char *words)
{
  while (*(words += strspn(words, " "))) {
    size_t length = strcspn(words, " ");
    add(c, words, length);
    words += length;
  }
}

static void add_joined(command *c, const char *first, const char *second)
{
  tt1__text text = {0};
  tt1__text_add(&text, "%s%s", first, second);
  if (text.failed)
    c->failed = 1;
  else
    add(c, text.bytes, text.length);
  tt1__text_free(&text);
}

/* ---- Which compiler -------------------------------------------------------- */

static int is_program(const char *path)
{
  struct stat state;
  return stat(path, &state) == 0 && S_ISREG(state.st_mode) && access(path, X_OK) == 0;
}

/* The absolute path of a program; relative entries of PATH are passed over. NULL: not found. */
static char *find_program(const char *name)
{
  const char *path = getenv("PATH");
  if (*name == '/') return is_program(name) ? tt1__copy_text(name) : NULL;
  while (path && *path && !strchr(name, '/')) {
    size_t length = strcspn(path, ":");
    tt1__text text = {0};
    if (*path == '/') tt1__text_add(&text, "%.*s/%s", (int)length, path, name);
    char *candidate = tt1__text_take(&text);
    if (candidate && is_program(candidate)) return candidate;
    tt1__free(candidate);
    path += length + (path[length] == ':');
  }
  return NULL;
}

/* $CC may hold flags behind the name. */
static tt1_status add_compiler(command *c, tt1_error *err)
{
  static const char *const NAMES[] = {"cc", "gcc", "clang"};
  const char *wanted = getenv("CC");
  char *found = NULL;
  if (wanted && *(wanted += strspn(wanted, " "))) {
    char name[512];
    size_t length = strcspn(wanted, " ");
    snprintf(name, sizeof name, "%.*s", (int)length, wanted);
    found = find_program(name);
    if (!found)
      return tt1__error_set(err, TT1_NO_DEVICE, "the C compiler CC=%s is not there", name);
    add(c, found, strlen(found));
    add_words(c, wanted + length);
  }
  for (int i = 0; i < 3 && !found; i++)
    if ((found = find_program(NAMES[i]))) add(c, found, strlen(found));
  if (!found)
    return tt1__error_set(err, TT1_NO_DEVICE,
                          "there is no C compiler (cc, gcc or clang) in PATH, and CC names none");
  tt1__free(found);
  return TT1_OK;
}

/* ---- Running it ------------------------------------------------------------ */

/* The environment with TMPDIR in the scratch folder, and messages in English. */
static void add_environment(command *c, const char *scratch, char ***out)
{
  size_t n = 0;
  while (environ[n])
    n++;
  char **list = tt1__arena_allocate(&c->arena, n + 3, sizeof *list);
  command own = {.arena = c->arena};
  add_joined(&own, "TMPDIR=", scratch);
  add(&own, "LC_ALL=C", 8);
  c->arena = own.arena;
  c->failed |= own.failed || !list;
  if (c->failed) return;
  size_t kept = 0;
  for (size_t i = 0; i < n; i++)
    if (strncmp(environ[i], "TMPDIR=", 7) != 0 && strncmp(environ[i], "LC_ALL=", 7) != 0)
      list[kept++] = environ[i];
  list[kept++] = own.words[0];
  list[kept] = own.words[1];
  *out = list;
}

/* In its own process group, so that all that it starts can be ended with it. */
static int spawn(pid_t *child, char *const *words, char *const *environment, const char *messages)
{
  posix_spawn_file_actions_t files;
  posix_spawnattr_t attributes;
  sigset_t none;
  sigemptyset(&none);
  if (posix_spawn_file_actions_init(&files)) return ENOMEM;
  if (posix_spawnattr_init(&attributes)) {
    posix_spawn_file_actions_destroy(&files);
    return ENOMEM;
  }
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setsigmask(&attributes, &none);
  int failed = posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0) ||
               posix_spawn_file_actions_addopen(&files, 1, messages, O_WRONLY | O_CREAT, 0600) ||
               posix_spawn_file_actions_adddup2(&files, 1, 2);
  int code =
      failed ? ENOMEM : posix_spawn(child, words[0], &files, &attributes, words, environment);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&files);
  return code;
}

/* Wait for the end; nonzero if it was too long in coming. */
static int wait_for(pid_t child, double seconds, int *status)
{
  const struct timespec pause = {0, 2000000};
  double began = tt1__seconds();
  for (;;) {
    pid_t ended = waitpid(child, status, WNOHANG);
    if (ended == child) return 0;
    if (ended < 0 && errno != EINTR) {
      *status = -1;
      return 0;
    }
    if (tt1__seconds() - began > seconds) break;
    nanosleep(&pause, NULL);
  }
  kill(-child, SIGKILL);
  waitpid(child, status, 0);
  return 1;
}

/* The first line that tells of an error, else the first line. */
static void first_complaint(char out[LINE], const char *path)
{
  char line[LINE];
  FILE *file = fopen(path, "r");
  *out = '\0';
  while (file && fgets(line, sizeof line, file)) {
    int is_error = strstr(line, "error") != NULL;
    line[strcspn(line, "\r\n")] = '\0';
    if (!*out || is_error) memcpy(out, line, LINE);
    if (is_error) break;
  }
  if (file) fclose(file);
  if (!*out) snprintf(out, LINE, "no message");
}

static tt1_status run(const command *c, char *const *environment, const char *messages,
                      double seconds, tt1_error *err)
{
  char reason[128], complaint[LINE];
  pid_t child = 0;
  int status = 0, code = spawn(&child, c->words, environment, messages);
  if (code)
    return tt1__error_set(err, TT1_DEVICE, "the C compiler %s cannot be run: %s", c->words[0],
                          tt1__reason(code, reason));
  if (wait_for(child, seconds, &status))
    return tt1__error_set(err, TT1_DEVICE, "the C compiler %s was ended after %g s", c->words[0],
                          seconds);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return TT1_OK;
  first_complaint(complaint, messages);
  return tt1__error_set(err, TT1_DEVICE, "the C compiler %s failed: %s", c->words[0], complaint);
}

/* ---- Files ----------------------------------------------------------------- */

static tt1_status write_text(const char *path, const char *text, tt1_error *err)
{
  char reason[128];
  FILE *file = fopen(path, "wbx");
  int failed = !file || fputs(text, file) < 0;
  if (file && fclose(file) != 0) failed = 1;
  if (!failed) return TT1_OK;
  return tt1__error_set(err, TT1_IO, "%s cannot be written: %s", path, tt1__reason(errno, reason));
}

static tt1_status read_object(void **out, size_t *size, const char *path, tt1_error *err)
{
  FILE *file = fopen(path, "rb");
  long length = -1;
  if (file && fseek(file, 0, SEEK_END) == 0) length = ftell(file);
  void *bytes = length > 0 && length < MOST_BYTES ? tt1__allocate((size_t)length, 1) : NULL;
  int is_whole = bytes && fseek(file, 0, SEEK_SET) == 0 &&
                 fread(bytes, 1, (size_t)length, file) == (size_t)length;
  if (file) fclose(file);
  if (is_whole) {
    *out = bytes;
    *size = (size_t)length;
    return TT1_OK;
  }
  tt1__free(bytes);
  return tt1__error_set(err, TT1_IO, "what the C compiler wrote cannot be read");
}

static void add_arguments(command *c, const char *flags, const char *scratch)
{
  add_words(c, flags);
  add_words(c, "-fPIC -shared -w -x c");
  add_joined(c, scratch, "/kernels.c");
  add_words(c, "-o");
  add_joined(c, scratch, "/kernels.so");
  add_words(c, "-lm");
}

tt1_status tt1__compiler_run(void **out, size_t *size, const char *text, const char *flags,
                             const char *scratch, double seconds, tt1_error *err)
{
  command c = {0}, paths = {0};
  char **environment = NULL;
  tt1_status status = add_compiler(&c, err);
  if (status == TT1_OK) {
    add_arguments(&c, flags, scratch);
    add_environment(&c, scratch, &environment);
    add_joined(&paths, scratch, "/kernels.c");
    add_joined(&paths, scratch, "/kernels.so");
    add_joined(&paths, scratch, "/messages");
    if (c.failed || paths.failed) status = tt1__no_memory(err);
  }
  if (status == TT1_OK) status = write_text(paths.words[0], text, err);
  if (status == TT1_OK) status = run(&c, environment, paths.words[2], seconds, err);
  if (status == TT1_OK) status = read_object(out, size, paths.words[1], err);
  tt1__arena_free(&paths.arena);
  tt1__arena_free(&c.arena);
  return status;
}
