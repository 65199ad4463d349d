/* SPDX-License-Identifier: MIT
 * The command line of torcht1: finds the command and hands over. No locale is
 * ever set, so numbers are read and printed with a point everywhere. */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "cli/program.h"

static const command_row *const commands[] = {
#define COMMAND(name) &command_##name,
#include "cli/commands.def"
#undef COMMAND
    NULL};

const command_row *command_at(int index)
{
  return commands[index];
}

const command_row *command_find(const char *name)
{
  for (int i = 0; commands[i]; i++)
    if (strcmp(commands[i]->name, name) == 0) return commands[i];
  return NULL;
}

static const char *command_name(int index, const void *context)
{
  (void)context;
  return commands[index] ? commands[index]->name : NULL;
}

static int unknown(const char *word)
{
  if (word[0] == '-') usage_error(NULL, "unknown option '%s'; options follow the command", word);
  const char *close = tt1_closest_name(word, command_name, NULL);
  if (close) usage_error(NULL, "unknown command '%s'; did you mean '%s'?", word, close);
  usage_error(NULL, "unknown command '%s'", word);
}

int main(int argc, char **argv)
{
  // A file that outgrows a limit is an error of write(), not a reason to be killed.
  signal(SIGXFSZ, SIG_IGN);
  if (argc < 2) {
    print_help(NULL);
    return EXIT_USAGE;
  }
  const char *word = argv[1];
  if (strcmp(word, "--version") == 0 || strcmp(word, "-V") == 0) {
    printf("torcht1 %s\n", tt1_version());
    return EXIT_OK;
  }
  if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
    print_help(NULL);
    return EXIT_OK;
  }
  const command_row *command = command_find(word);
  if (!command) return unknown(word);
  int code = command->run(argc - 1, argv + 1);
  if (fflush(stdout) != 0 || ferror(stdout)) return complain("standard output cannot be written");
  return code;
}
