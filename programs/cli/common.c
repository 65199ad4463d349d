/* SPDX-License-Identifier: MIT
 * Complaints, memory, clock, models by name, and leaving nothing behind. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cli/program.h"
#include "cli/progress.h"

/* The names of files may hold anything: a new line would make two sentences of one, and a terminal
 * obeys what begins with escape. */
static void disarm(char *text)
{
  for (; *text; text++)
    if ((unsigned char)*text < ' ' || *text == 0x7f) *text = '?';
}

/* Print "torcht1: sentence". */
__attribute__((format(printf, 1, 0))) static void say(const char *format, va_list arguments)
{
  char text[8192]; // room for two long paths
  vsnprintf(text, sizeof text, format, arguments);
  disarm(text);
  progress_hide();
  fprintf(stderr, "torcht1: %s\n", text);
}

int complain(const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  say(format, arguments);
  va_end(arguments);
  return EXIT_FAILED;
}

int complain_of(const tt1_error *error)
{
  return complain("%s", error->message);
}

void usage_error(const command_row *command, const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  say(format, arguments);
  va_end(arguments);
  fprintf(stderr, "Try 'torcht1 %s%s--help'.\n", command ? command->name : "", command ? " " : "");
  exit(EXIT_USAGE);
}

/* The one thing a signal handler must reach. */
static _Atomic(tt1_folder *) guarded;

static void leave(int signal_number)
{
  tt1_folder *folder = atomic_load(&guarded);
  if (folder) tt1_folder_abandon(folder);
  _exit(128 + signal_number);
}

static void our_signals(sigset_t *set)
{
  sigemptyset(set);
  sigaddset(set, SIGINT);
  sigaddset(set, SIGTERM);
  sigaddset(set, SIGHUP);
}

void hold_signals(int hold)
{
  sigset_t set;
  our_signals(&set);
  pthread_sigmask(hold ? SIG_BLOCK : SIG_UNBLOCK, &set, NULL);
}

static void catch_signal(int number, const struct sigaction *action)
{
  struct sigaction before;
  // What is ignored (nohup) stays so.
  if (sigaction(number, NULL, &before) == 0 && before.sa_handler == SIG_IGN) return;
  sigaction(number, action, NULL);
}

/* Between guard(f) and guard(NULL) the signals remove the unfinished files of f. */
static void guard(tt1_folder *folder)
{
  struct sigaction action = {.sa_handler = folder ? leave : SIG_DFL};
  our_signals(&action.sa_mask);
  atomic_store(&guarded, folder);
  catch_signal(SIGINT, &action);
  catch_signal(SIGTERM, &action);
  catch_signal(SIGHUP, &action);
}

void guard_folder(tt1_folder *folder)
{
  hold_signals(1);
  guard(folder);
  hold_signals(0);
}

tt1_folder *open_folder(const char *path)
{
  tt1_folder *folder = NULL;
  tt1_error error = {0};
  hold_signals(1);
  if (tt1_folder_open(&folder, path, &error) == TT1_OK) guard(folder);
  hold_signals(0);
  if (folder && protect_inputs(folder, &error) == TT1_OK) return folder;
  complain_of(&error);
  if (folder) close_folder(folder);
  return NULL;
}

void close_folder(tt1_folder *folder)
{
  hold_signals(1);
  guard(NULL);
  tt1_folder_free(folder);
  hold_signals(0);
}

int make_folder(const char *path)
{
  if (mkdir(path, 0777) == 0 || errno == EEXIST) return EXIT_OK;
  return complain("the folder %s cannot be made: %s", path, strerror(errno));
}

int write_one_file(const char *path, put_file put, const void *context)
{
  const char *slash = strrchr(path, '/');
  size_t length = slash ? (size_t)(slash - path) : 0;
  char *parent = allocate(length + 2, 1);
  memcpy(parent, slash ? path : ".", slash ? length : 1);
  if (slash == path) parent[0] = '/';
  tt1_error error = {0};
  tt1_folder *folder = open_folder(parent);
  free(parent);
  if (!folder) return EXIT_FAILED;
  tt1_status status = put(context, folder, slash ? slash + 1 : path, &error);
  if (status == TT1_OK) status = tt1_folder_commit(folder, &error);
  close_folder(folder);
  return status == TT1_OK ? EXIT_OK : complain_of(&error);
}

void *allocate(size_t count, size_t size)
{
  void *block = calloc(count ? count : 1, size ? size : 1);
  if (block) return block;
  complain("out of memory");
  tt1_folder *folder = atomic_load(&guarded);
  if (folder) tt1_folder_abandon(folder);
  _exit(EXIT_FAILED);
}

char *read_text(const char *path)
{
  enum { LONGEST = 64 << 20 };
  struct stat state;
  FILE *file = fopen(path, "rb");
  char *text = NULL;
  if (file && fstat(fileno(file), &state) == 0 && S_ISREG(state.st_mode) &&
      state.st_size <= LONGEST) {
    text = allocate((size_t)state.st_size + 1, 1);
    text[fread(text, 1, (size_t)state.st_size, file)] = '\0';
  }
  if (file) fclose(file);
  return text;
}

int complain_of_model(const char *path, const tt1_error *failure)
{
  char *text = failure->status == TT1_BAD_MODEL ? read_text(path) : NULL;
  char *shown = NULL;
  if (text && tt1_model_error_show(&shown, path, text, failure, NULL) == TT1_OK)
    fputs(shown, stderr);
  else
    complain_of(failure);
  tt1_text_free(shown);
  free(text);
  return EXIT_FAILED;
}

tt1_model *load_model(const char *name_or_path)
{
  tt1_model *model = NULL;
  tt1_error error = {0};
  if (tt1_model_is_path(name_or_path)) remember_file(name_or_path);
  if (tt1_model_open(&model, name_or_path, &error) == TT1_OK) return model;
  complain_of_model(name_or_path, &error);
  return NULL;
}

int print_text(char *text)
{
  if (!text) return complain("%s", tt1_status_text(TT1_NO_MEMORY));
  fputs(text, stdout);
  tt1_text_free(text);
  return EXIT_OK;
}

double seconds_now(void)
{
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}
