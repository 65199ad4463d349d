/* SPDX-License-Identifier: MIT
 * What the files of the command line share: the table of commands, options,
 * complaints, and memory. Built on the public headers only. */
#ifndef TT1_PROGRAM_H
#define TT1_PROGRAM_H

#include <stddef.h>

#include "tt1_image.h"

enum { EXIT_OK = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

/** One option of a command: parsing, --help and the man page all come from this row. */
typedef struct option_row {
  const char *name;     /* without the dashes; NULL ends a table */
  int key;              /* its letter, or a number from 256 on for none */
  const char *argument; /* what it takes, for the help; NULL: nothing */
  const char *help;     /* one phrase */
} option_row;

/** One command. */
typedef struct command_row {
  const char *name;
  const char *arguments; /* after the name, for instance "INPUT -o OUT" */
  const char *summary;   /* one line */
  const char *details;   /* a paragraph or two, lines of at most 79 characters */
  const option_row *options;
  int (*run)(int argc, char **argv); /* argv[0] is the name of the command */
  /** Fill in option `index`, from 0, of those that the library adds; 0 past the last. NULL: none. */
  int (*more)(int index, option_row *row);
} command_row;

#define COMMAND(name) extern const command_row command_##name;
#include "cli/commands.def"
#include "tt1_dicom.h"
#undef COMMAND

/** Option `index` of a command, from 0: those of its table, then those of the library; 0 past the last. */
int option_at(const command_row *command, int index, option_row *row);

/** Command `index`, in the order of commands.def; NULL past the last. */
const command_row *command_at(int index);
const command_row *command_find(const char *name);

/**
 * The key of the next option, its argument in `optarg`; 0 at the end, when `optind` is the
 * first operand. Serves --help and --version itself and does not return from a wrong option.
 */
int option_next(const command_row *command, int argc, char **argv);
/** The operand after the options, or a complaint that it is missing (`what`) or that there are more. */
const char *one_operand(const command_row *command, int argc, char **argv, const char *what);
/** The same for one or more: the first of `*count` that are neighbours. */
const char *const *operands(const command_row *command, int argc, char **argv, const char *what,
                            int *count);
/** Numbers as options give them; complain and leave if `text` is not one in the range. */
double option_number(const command_row *command, const char *option, const char *text, double from,
                     double to);
int option_integer(const command_row *command, const char *option, const char *text, int from,
                   int to);
/** Two finite numbers with a comma between. */
void option_two(const command_row *command, const char *option, const char *text,
                double numbers[2]);
/** "X,Y" into two texts; "X" alone into both if `one_is_enough`. Cuts `text` at its comma. */
void option_words(const command_row *command, const char *option, char *text, int one_is_enough,
                  const char **first, const char **second);
/** `text`, if it ends in .nii or .nii.gz. */
const char *option_nifti(const command_row *command, const char *option, const char *text);
/** Index of `text` among the names that `name_of` gives until NULL; complain and leave if it is none. */
int option_choice(const command_row *command, const char *option, const char *text,
                  const char *(*name_of)(int index));

/** Rows of the options that say what is read, and the value of --times. */
#define SERIES_OPTION_ROW(key)                                                                     \
  {                                                                                                \
    "series", key, "N|#ROW|TEXT", "which DICOM series: number, row, UID, kind or part of its text" \
  }
#define TIMES_OPTION_ROW(key)                                                         \
  {                                                                                   \
    "times", key, "NAME", "auto, or trigger to take TriggerTime for the times (auto)" \
  }
/** The row of --threads, and its value. */
#define THREADS_OPTION_ROW                                          \
  {                                                                 \
    "threads", 't', "N", "threads (as many as the process may use)" \
  }
int option_threads(const command_row *command, const char *text);
tt1_times option_times(const command_row *command, const char *text);

/** Rows of the options that choose series of a BIDS dataset: BIDS_OPTION_ROWS(PARTICIPANTS, ...). */
#define BIDS_OPTION_ROWS(participants, sessions, suffix)                               \
  {"participant-label", participants, "LIST",                                          \
   "of a BIDS dataset: only these, for instance 01,02"},                               \
      {"session", sessions, "LIST", "of a BIDS dataset: only these sessions"},         \
  {                                                                                    \
    "suffix", suffix, "NAME", "of a BIDS dataset: only these series, for instance VFA" \
  }

void print_help(const command_row *command); /* NULL: of the whole program */
void print_manual(void);                     /* roff */

/** Print "torcht1: sentence" to stderr and return EXIT_FAILED. */
__attribute__((format(printf, 1, 2))) int complain(const char *format, ...);
/** The same for an error of the library. */
int complain_of(const tt1_error *error);
/** Complain, point to --help and leave with EXIT_USAGE. */
__attribute__((noreturn, format(printf, 2, 3))) void usage_error(const command_row *command,
                                                                 const char *format, ...);

/** Zeroed memory; leaves the program, and nothing behind, if there is none. */
void *allocate(size_t count, size_t size);

/** A shipped model by name or a model file by path; complains (with line and caret) and gives NULL. */
tt1_model *load_model(const char *name_or_path);

/** Show an error in the model file `path` with its line and a caret; EXIT_FAILED. */
int complain_of_model(const char *path, const tt1_error *failure);

/** Print a text of the library to stdout and free it; EXIT_FAILED after a complaint if it is NULL, for want
    of memory. */
int print_text(char *text);

/** The whole of a file of at most 64 MiB as text, or NULL. Free with free(). */
char *read_text(const char *path);

/** Seconds of a clock that only runs forward. */
double seconds_now(void);

/**
 * A folder for output, or NULL after a complaint. Until close_folder() an interrupted program
 * (Ctrl-C, SIGTERM, SIGHUP) leaves nothing half-written in it.
 */
tt1_folder *open_folder(const char *path);
/** Free the folder; what was not committed disappears. */
void close_folder(tt1_folder *folder);
/** Make a folder that need not be new; EXIT_OK, or a complaint. */
int make_folder(const char *path);
/** For signal handlers: as open_folder(), of a folder that the library opened; NULL: it is gone. */
void guard_folder(tt1_folder *folder);
/** Adds one file, called `name`, to a folder. */
typedef tt1_status (*put_file)(const void *context, tt1_folder *folder, const char *name,
                               tt1_error *error);
/** Write one file, whole or not at all, into the folder that its path names. */
int write_one_file(const char *path, put_file put, const void *context);
/* inputs.c */
/** Remember a file that this command reads: open_folder() and check_output() protect it. */
void remember_file(const char *path);
/** The same for all files of an image; NULL has none. */
void remember_image(const tt1_image *image);
tt1_status protect_inputs(tt1_folder *folder, tt1_error *error);
/** EXIT_FAILED after a complaint if `path` (NULL: none) is a file that this command reads. */
int check_output(const char *path);

/** Keep those signals away from threads started between hold (1) and release (0). */
void hold_signals(int hold);
#endif
