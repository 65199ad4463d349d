/* SPDX-License-Identifier: MIT
 * The record of a series in a derivative dataset, its fit.json under another name: whether a fit need
 * not be done again, and which files an older fit left that the new one does not have. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fit/fit.h"

static void path_of(char path[2 * FILE_SIZE], const fit_request *request, const char *name)
{
  snprintf(path, (size_t)2 * FILE_SIZE, "%.1300s/%s", request->output, name);
}

char *fit_old_record(const fit_input *in, const fit_request *request)
{
  char name[FILE_SIZE], path[2 * FILE_SIZE];
  fit_name(name, in, FILE_RECORD, NULL);
  path_of(path, request, name);
  return read_text(path);
}

/* The next map that a record lists, as the writer of records puts it; NULL past the last. What
 * could lead to another folder is no name of a map. */
static const char *next_map(const char **at, char name[300])
{
  static const char key[] = "\"file\": \"";
  while ((*at = strstr(*at, key)) != NULL) {
    *at += strlen(key);
    size_t length = strcspn(*at, "\"");
    if (length < 300 && strncmp(*at, "sub-", 4) == 0 && !memchr(*at, '/', length)) {
      memcpy(name, *at, length);
      name[length] = '\0';
      return name;
    }
  }
  return NULL;
}

/* Put the path of `base`, which lies beside the record, into `path`. */
static void path_beside(char path[2 * FILE_SIZE], const fit_input *in, const fit_request *request,
                        const char *base)
{
  char name[FILE_SIZE], record[FILE_SIZE];
  fit_name(record, in, FILE_RECORD, NULL);
  snprintf(name, sizeof name, "%.*s%.300s", (int)(fit_base(record) - record), record, base);
  path_of(path, request, name);
}

static void path_of_matlab(char path[2 * FILE_SIZE], const fit_input *in,
                           const fit_request *request)
{
  char name[FILE_SIZE];
  fit_name(name, in, FILE_MATLAB, NULL);
  path_of(path, request, name);
}

static const char *maps_of(const char *record)
{
  return strstr(record, "\"maps\": [");
}

int fit_is_complete(const fit_input *in, const fit_request *request)
{
  char base[300], path[2 * FILE_SIZE];
  char *record = fit_old_record(in, request);
  char *beginning = record ? fit_json_beginning(in, request) : NULL;
  const char *at = record && strncmp(record, beginning, strlen(beginning)) == 0
                       ? maps_of(record + strlen(beginning))
                       : NULL;
  int is_complete = at != NULL;
  while (is_complete && next_map(&at, base)) {
    path_beside(path, in, request, base);
    is_complete = access(path, R_OK) == 0;
  }
  if (is_complete && (request->formats & FIT_MAT)) {
    path_of_matlab(path, in, request);
    is_complete = access(path, R_OK) == 0;
  }
  free(beginning);
  free(record);
  return is_complete;
}

/* ---- What an older fit left ---- */

/* Whether a listed name can be one of ours: it leads nowhere else. */
static int is_ours(const char *name)
{
  return *name && *name != '.' && *name != '/' && !strstr(name, "/.") && !strstr(name, "//") &&
         !strchr(name, '\\');
}

/* The next name of a list of texts, each on a line; NULL at its end. */
static const char *next_name(const char **at, char name[FILE_SIZE])
{
  const char *quote = *at + strcspn(*at, "\"]");
  if (*quote != '"') return NULL;
  size_t length = strcspn(quote + 1, "\"");
  snprintf(name, FILE_SIZE, "%.*s", (int)length, quote + 1);
  *at = quote + 1 + length + (quote[1 + length] == '"');
  return name;
}

tt1_status fit_remove_old(const char *old, const fit_input *in, tt1_folder *folder,
                          tt1_error *error)
{
  static const char mark[] = "{\n  \"torcht1\": \"", key[] = "\n  \"" FILES_KEY "\": [";
  char name[FILE_SIZE], record[FILE_SIZE];
  const char *at = old && strncmp(old, mark, strlen(mark)) == 0 ? strstr(old, key) : NULL;
  tt1_status status = TT1_OK;
  if (!at) return TT1_OK;
  at += strlen(key);
  fit_name(record, in, FILE_RECORD, NULL);
  while (status == TT1_OK && next_name(&at, name))
    if (is_ours(name) && strcmp(name, record) != 0) status = tt1_folder_remove(folder, name, error);
  return status;
}
