/* SPDX-License-Identifier: MIT */
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Cut a text that did not fit back to the end of its last whole UTF-8 character. */
static void trim_utf8(char *text, size_t capacity)
{
  size_t end = strlen(text), start = end;
  if (end + 1 < capacity) return;
  while (start > 0 && ((unsigned char)text[start - 1] & 0xC0) == 0x80)
    start--;
  if (start > 0 && ((unsigned char)text[start - 1] & 0xC0) == 0xC0) text[start - 1] = '\0';
}

__attribute__((format(printf, 5, 0))) static void
fill(tt1_error *err, tt1_status status, int line, int column, const char *format, va_list arguments)
{
  if (!err) return;
  err->status = status;
  err->line = line;
  err->column = column;
  vsnprintf(err->message, sizeof err->message, format, arguments);
  trim_utf8(err->message, sizeof err->message);
}

tt1_status tt1__error_set(tt1_error *err, tt1_status status, const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  fill(err, status, 0, 0, format, arguments);
  va_end(arguments);
  return status;
}

tt1_status tt1__error_at(tt1_error *err, int line, int column, const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  fill(err, TT1_BAD_MODEL, line, column, format, arguments);
  va_end(arguments);
  return TT1_BAD_MODEL;
}

tt1_status tt1__no_memory(tt1_error *err)
{
  return tt1__error_set(err, TT1_NO_MEMORY, "%s", tt1_status_text(TT1_NO_MEMORY));
}

tt1_status tt1__check_version(const char *what, uint32_t version, uint32_t expected, tt1_error *err)
{
  if (version == expected) return TT1_OK;
  return tt1__error_set(err, TT1_BAD_ARGUMENT,
                        "%s has version %u, this library knows %u: start from its _INIT", what,
                        (unsigned)version, (unsigned)expected);
}

const char *tt1__reason(int code, char text[128])
{
  if (strerror_r(code, text, 128) != 0) snprintf(text, 128, "error %d", code);
  return text;
}

const char *tt1_status_text(tt1_status status)
{
  switch (status) {
  case TT1_OK: return "success";
  case TT1_NO_MEMORY: return "out of memory";
  case TT1_BAD_ARGUMENT: return "an argument is outside its documented range";
  case TT1_BAD_MODEL: return "the text of a model is wrong";
  case TT1_BAD_FILE: return "a file is damaged or of an unknown format";
  case TT1_IO: return "the operating system refused to read or write";
  case TT1_NO_DEVICE: return "the device is absent";
  case TT1_DEVICE: return "the device failed while working";
  case TT1_CANCELLED: return "cancelled";
  }
  return "unknown status";
}

const char *tt1_version(void)
{
  return TT1_VERSION_TEXT;
}
