/* SPDX-License-Identifier: MIT
 * Help for people, and the man page, both from the tables of the commands. */
#include <ctype.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "cli/program.h"

static const char about[] =
    "Turns MRI series into quantitative maps: fits a signal model to every voxel.\n"
    "Not for diagnosis.\n";

static const option_row common_options[] = {{"help", 'h', NULL, "show this help and leave"},
                                            {"version", 256, NULL, "print the version and leave"},
                                            {NULL, 0, NULL, NULL}};

static void print_option(const option_row *row)
{
  char left[64];
  char letter[8] = "    ";
  if (row->key < 256) snprintf(letter, sizeof letter, "-%c, ", row->key);
  snprintf(left, sizeof left, "%s--%s%s%s", letter, row->name, row->argument ? " " : "",
           row->argument ? row->argument : "");
  printf("  %-28s  %s\n", left, row->help);
}

static void print_program_help(void)
{
  printf("usage: torcht1 COMMAND [OPTIONS]\n\n%s\ncommands:\n", about);
  for (int i = 0; command_at(i); i++)
    printf("  %-10s %s\n", command_at(i)->name, command_at(i)->summary);
  printf("\n'torcht1 COMMAND --help' tells about one of them.\n");
}

void print_help(const command_row *command)
{
  if (!command) {
    print_program_help();
    return;
  }
  printf("usage: torcht1 %s %s\n\n%s\n", command->name, command->arguments, command->summary);
  if (command->details) printf("\n%s", command->details);
  printf("\noptions:\n");
  option_row row;
  for (int i = 0; option_at(command, i, &row); i++)
    print_option(&row);
  for (int i = 0; common_options[i].name; i++)
    print_option(&common_options[i]);
}

/* Text as roff shows it literally: no hyphenation dashes, no requests. */
static void print_roff(const char *text)
{
  for (const char *c = text; *c; c++) {
    int starts_line = c == text || c[-1] == '\n';
    if (starts_line && (*c == '.' || *c == '\'')) printf("\\&");
    if (*c == '-')
      printf("\\-");
    else if (*c == '\\')
      printf("\\e");
    else
      putchar(*c);
  }
}

static void print_roff_option(const option_row *row)
{
  printf(".TP\n");
  if (row->key < 256) printf("\\fB\\-%c\\fR, ", row->key);
  printf("\\fB\\-\\-");
  print_roff(row->name);
  printf("\\fR");
  if (row->argument) printf(" \\fI%s\\fR", row->argument);
  printf("\n");
  print_roff(row->help);
  printf("\n");
}

void print_manual(void)
{
  printf(".TH TORCHT1 1 \"\" \"torcht1 %s\" \"User commands\"\n", tt1_version());
  printf(".SH NAME\ntorcht1 \\- quantitative maps from MRI series\n");
  printf(".SH SYNOPSIS\n.B torcht1\n.I COMMAND\n[\\fIOPTIONS\\fR]\n");
  printf(".SH DESCRIPTION\n");
  print_roff(about);
  printf(".SH COMMANDS\n");
  for (int i = 0; command_at(i); i++) {
    const command_row *command = command_at(i);
    printf(".SS \"torcht1 %s ", command->name);
    print_roff(command->arguments);
    printf("\"\n");
    print_roff(command->summary);
    printf(".\n");
    if (command->details) {
      printf(".PP\n.nf\n");
      print_roff(command->details);
      printf(".fi\n");
    }
    option_row row;
    for (int k = 0; option_at(command, k, &row); k++)
      print_roff_option(&row);
  }
  printf(".SH OPTIONS OF EVERY COMMAND\n");
  for (int i = 0; common_options[i].name; i++)
    print_roff_option(&common_options[i]);
  printf(".SH EXIT STATUS\n0 on success, 1 on failure, 2 if the command line is wrong, "
         "128 plus the signal if interrupted.\n");
}

enum { MAN = 256 };
static const option_row options[] = {{"man", MAN, NULL, "print the manual page as roff"},
                                     {NULL, 0, NULL, NULL}};

static int run(int argc, char **argv)
{
  while (option_next(&command_help, argc, argv) == MAN) {
    print_manual();
    return EXIT_OK;
  }
  if (optind >= argc) {
    print_help(NULL);
    return EXIT_OK;
  }
  const command_row *command = command_find(argv[optind]);
  if (!command) usage_error(NULL, "unknown command '%s'", argv[optind]);
  print_help(command);
  return EXIT_OK;
}

const command_row command_help = {"help", "[COMMAND]", "Show help for a command", NULL, options,
                                  run,    NULL};
