/* SPDX-License-Identifier: MIT
 * What `torcht1 fit --output-format` asks for: a list of formats, and whether this
 * machine can write them. */
#include <stdio.h>
#include <string.h>

#include "fit/fit.h"
#include "tt1_report.h"

typedef struct format_row {
  const char *name;
  int bit;
} format_row;

static const format_row formats[] = {
    {"nifti", FIT_NIFTI}, {"png", FIT_PNG}, {"dicom", FIT_DICOM}, {"mat", FIT_MAT}, {NULL, 0}};

static const char *name_of(int index)
{
  return formats[index].name;
}

int fit_parse_formats(const char *text)
{
  int found = 0;
  for (const char *at = text;; at++) {
    char name[32];
    size_t length = strcspn(at, ",");
    snprintf(name, sizeof name, "%.*s", (int)length, at);
    found |= formats[option_choice(&command_fit, "output-format", name, name_of)].bit;
    at += length;
    if (!*at) return found;
  }
}

const char *fit_formats_text(char text[FORMATS_SIZE], int wanted)
{
  text[0] = '\0';
  for (int i = 0; formats[i].name; i++) {
    size_t used = strlen(text);
    if (wanted & formats[i].bit)
      snprintf(text + used, FORMATS_SIZE - used, "%s%s", used ? "," : "", formats[i].name);
  }
  return text;
}

/* A format that was named and cannot be written is refused before anything is read. */
int fit_check_formats(const fit_request *request)
{
  const char *why = NULL;
  if (!request->names_formats) return EXIT_OK;
  if ((request->formats & FIT_PNG) && !tt1_picture_available(&why))
    return complain("no picture can be written: %s", why);
  if ((request->formats & FIT_MAT) && !tt1_mat_available(&why))
    return complain("no MATLAB file can be written: %s", why);
  return EXIT_OK;
}
