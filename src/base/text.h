/* SPDX-License-Identifier: MIT
 * A text that grows. After a failed allocation every call does nothing and
 * tt1__text_take() answers NULL, so only the end needs a check. Numbers are
 * printed and read independently of the locale. */
#ifndef TT1_BASE_TEXT_H
#define TT1_BASE_TEXT_H

#include <stddef.h>

typedef struct tt1__text {
  char *bytes; /* NUL-terminated once anything was added */
  size_t length, capacity;
  int failed;
} tt1__text;

__attribute__((format(printf, 2, 3))) void tt1__text_add(tt1__text *text, const char *format, ...);
void tt1__text_add_bytes(tt1__text *text, const char *bytes, size_t length);
/** The shortest decimal that reads back as the same double, with '.' in every locale. */
void tt1__text_add_number(tt1__text *text, double value);
/** Hand the text over (free with tt1_text_free()); NULL if memory ran out. Empties `text`. */
char *tt1__text_take(tt1__text *text);
void tt1__text_free(tt1__text *text);

/** Whether `text` ends in `ending` and holds more. */
int tt1__ends_in(const char *text, const char *ending);
/** Whether one of the words of `text` (may be NULL) is `word`, whatever the case: "UNI" of "mp2rage_uni-DEN". */
int tt1__has_word(const char *text, const char *word);

/** Bytes of the character at `text`; 0 if it is not UTF-8. Overlong forms and surrogates are refused. */
int tt1__character_length(const char *text);

/** Read a decimal number with '.' in every locale. `*end` is where it stopped; `text` itself if none. */
double tt1__number_read(const char *text, const char **end);
#endif
