/* SPDX-License-Identifier: MIT
 * The text of a kernel to a shared object, by the C++ compiler of the build. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "standin.h"

/* STANDIN_CXX, STANDIN_FLAGS, STANDIN_WORDS: set by the build. */

enum { MOST_PATH = 64 };

static int write_text(const char *path, const char *text)
{
  FILE *file = fopen(path, "w");
  if (!file) return 0;
  int ok = fputs(text, file) >= 0;
  return !fclose(file) && ok;
}

static unsigned char *read_bytes(const char *path, size_t *size)
{
  FILE *file = fopen(path, "rb");
  if (!file) return NULL;
  fseek(file, 0, SEEK_END);
  long length = ftell(file);
  rewind(file);
  unsigned char *bytes = calloc((size_t)length + 1, 1);
  *size = bytes ? fread(bytes, 1, (size_t)length, file) : 0;
  fclose(file);
  return bytes;
}

unsigned char *standin_compile(const char *text, int architecture, size_t *size, char **log)
{
  char folder[] = "/tmp/standin-XXXXXX", source[MOST_PATH], object[MOST_PATH], said[MOST_PATH];
  char command[1200];
  unsigned char *made = NULL;
  size_t length;
  *log = NULL;
  if (!mkdtemp(folder)) return NULL;
  snprintf(source, sizeof source, "%s/fit.cu", folder);
  snprintf(object, sizeof object, "%s/fit.so", folder);
  snprintf(said, sizeof said, "%s/log", folder);
  snprintf(command, sizeof command,
           "%s -std=c++17 -x c++ -shared -fPIC -O0 -ffp-contract=off -w %s -include '%s' "
           "-DSTANDIN_ARCHITECTURE=%d -o '%s' '%s' >'%s' 2>&1",
           STANDIN_CXX, STANDIN_FLAGS, STANDIN_WORDS, architecture, object, source, said);
  if (write_text(source, text) && !system(command))
    made = read_bytes(object, size);
  else
    *log = (char *)read_bytes(said, &length);
  unlink(source);
  unlink(object);
  unlink(said);
  rmdir(folder);
  return made;
}
