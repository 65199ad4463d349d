/* SPDX-License-Identifier: MIT
 * The lexer; see lex.h. */
#include "model/lex.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"

enum { MAX_TEXT = 65536, MAX_NUMBER = 60, MAX_DEPTH = 1000 };

void tt1__lex_place(const char *text, const char *at, int *line, int *column)
{
  *line = 1;
  *column = 1;
  for (; text < at; text++) {
    if (*text == '\n') {
      ++*line;
      *column = 1;
    } else if (((unsigned char)*text & 0xC0) != 0x80) {
      ++*column;
    }
  }
}

void tt1__lex_fail(tt1__lexer *lexer, const char *at, const char *format, ...)
{
  if (lexer->status != TT1_OK) return;
  char message[sizeof lexer->err->message];
  va_list arguments;
  va_start(arguments, format);
  // NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): it is, one line up
  vsnprintf(message, sizeof message, format, arguments);
  va_end(arguments);
  int line, column;
  tt1__lex_place(lexer->text, at, &line, &column);
  lexer->status = tt1__error_at(lexer->err, line, column, "%s", message);
  lexer->token = (tt1__token){.kind = TT1__TOKEN_END, .at = at};
}

static int is_digit(char c)
{
  return c >= '0' && c <= '9';
}

static int is_letter(char c)
{
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

// Texts end up in messages, reports and generated sources, so no control characters anywhere.
static void check_characters(tt1__lexer *lexer)
{
  const char *at = lexer->text;
  while (*at && lexer->status == TT1_OK) {
    unsigned char c = (unsigned char)*at;
    int length = tt1__character_length(at);
    if (length == 0)
      tt1__lex_fail(lexer, at, "the byte 0x%02x is not UTF-8 text", c);
    else if ((c < 0x20 && !strchr("\t\n\r", c)) || c == 0x7F)
      tt1__lex_fail(lexer, at, "the control character 0x%02x has no place in a model", c);
    at += length;
    if (at - lexer->text > MAX_TEXT)
      tt1__lex_fail(lexer, lexer->text, "the text is longer than %d bytes", MAX_TEXT);
  }
}

void tt1__lex_start(tt1__lexer *lexer, const char *text, tt1_error *err)
{
  *lexer = (tt1__lexer){.text = text, .at = text, .err = err};
  check_characters(lexer);
  tt1__lex_next(lexer);
}

static void skip_blanks(tt1__lexer *lexer)
{
  for (;;) {
    while (*lexer->at == ' ' || *lexer->at == '\t' || *lexer->at == '\r' ||
           (*lexer->at == '\n' && lexer->depth > 0))
      lexer->at++;
    if (*lexer->at != '#') return;
    while (*lexer->at && *lexer->at != '\n')
      lexer->at++;
  }
}

static void lex_number(tt1__lexer *lexer)
{
  const char *end;
  lexer->token.value = tt1__number_read(lexer->at, &end);
  lexer->token.kind = TT1__TOKEN_NUMBER;
  lexer->token.length = (size_t)(end - lexer->at);
  if (end - lexer->at > MAX_NUMBER)
    tt1__lex_fail(lexer, lexer->at, "this number has more than %d characters", MAX_NUMBER);
  else if (!isfinite(lexer->token.value))
    tt1__lex_fail(lexer, lexer->at, "this number is too large");
}

static void lex_string(tt1__lexer *lexer)
{
  size_t length = strcspn(lexer->at + 1, "\"\n");
  if (lexer->at[1 + length] != '"') {
    tt1__lex_fail(lexer, lexer->at, "this text has no closing '\"' on its line");
    return;
  }
  lexer->token = (tt1__token){.kind = TT1__TOKEN_STRING, .at = lexer->at + 1, .length = length};
  lexer->at += length + 2;
}

static void lex_sign(tt1__lexer *lexer)
{
  static const char *const signs[] = {"->", "<=", ">=", "+", "-", "*", "/", "^", "(",
                                      ")",  "[",  "]",  ",", "=", "<", ">", NULL};
  for (int i = 0; signs[i]; i++)
    if (strncmp(lexer->at, signs[i], strlen(signs[i])) == 0) {
      lexer->token.kind = TT1__TOKEN_SIGN;
      lexer->token.length = strlen(signs[i]);
      return;
    }
  int length = tt1__character_length(lexer->at);
  tt1__lex_fail(lexer, lexer->at, "the character '%.*s' has no meaning here", length, lexer->at);
}

// Lines end inside [a, b) too, whose brackets need not match; only ( ) join lines.
static void count_depth(tt1__lexer *lexer)
{
  if (*lexer->token.at == '(') lexer->depth++;
  if (*lexer->token.at == ')' && lexer->depth > 0) lexer->depth--;
  if (lexer->depth > MAX_DEPTH) tt1__lex_fail(lexer, lexer->at, "too many open parentheses");
}

void tt1__lex_next(tt1__lexer *lexer)
{
  if (lexer->status != TT1_OK) return;
  lexer->before = lexer->at;
  skip_blanks(lexer);
  lexer->token = (tt1__token){.kind = TT1__TOKEN_END, .at = lexer->at};
  char c = *lexer->at;
  if (c == '\0') return;
  if (c == '"') {
    lex_string(lexer);
    return;
  }
  if (c == '\n') {
    lexer->token.kind = TT1__TOKEN_LINE;
    lexer->token.length = 1;
  } else if (is_digit(c) || (c == '.' && is_digit(lexer->at[1]))) {
    lex_number(lexer);
  } else if (is_letter(c)) {
    lexer->token.kind = TT1__TOKEN_NAME;
    while (is_letter(lexer->at[lexer->token.length]) || is_digit(lexer->at[lexer->token.length]))
      lexer->token.length++;
  } else {
    lex_sign(lexer);
  }
  lexer->at += lexer->token.length;
  if (lexer->token.kind == TT1__TOKEN_SIGN) count_depth(lexer);
}

// A comment begins at a '#' after a blank, so that addresses may hold one.
tt1__token tt1__lex_rest(tt1__lexer *lexer)
{
  tt1__token rest = lexer->token;
  if (rest.kind == TT1__TOKEN_STRING) rest.at--;
  if (rest.kind == TT1__TOKEN_LINE || rest.kind == TT1__TOKEN_END) {
    rest.length = 0;
    return rest;
  }
  rest.length = 0;
  while (rest.at[rest.length] && rest.at[rest.length] != '\n') {
    int before = rest.length ? rest.at[rest.length - 1] : ' ';
    if (rest.at[rest.length] == '#' && strchr(" \t", before)) break;
    rest.length++;
  }
  lexer->at = rest.at + rest.length;
  lexer->depth = 0;
  while (rest.length && strchr(" \t\r", rest.at[rest.length - 1]))
    rest.length--;
  tt1__lex_next(lexer);
  return rest;
}

int tt1__lex_is(const tt1__lexer *lexer, const char *text)
{
  const tt1__token *token = &lexer->token;
  return (token->kind == TT1__TOKEN_NAME || token->kind == TT1__TOKEN_SIGN) &&
         strlen(text) == token->length && memcmp(token->at, text, token->length) == 0;
}

int tt1__lex_skip(tt1__lexer *lexer, const char *text)
{
  if (!tt1__lex_is(lexer, text)) return 0;
  tt1__lex_next(lexer);
  return 1;
}

const char *tt1__lex_missing_at(const tt1__lexer *lexer)
{
  const char *from = lexer->before, *at = lexer->token.at;
  return from && from < at && memchr(from, '\n', (size_t)(at - from)) ? from : at;
}

void tt1__lex_found(const tt1__lexer *lexer, char found[48])
{
  int length = lexer->token.length > 31 ? 31 : (int)lexer->token.length;
  switch (lexer->token.kind) {
  case TT1__TOKEN_END: snprintf(found, 48, "the end of the text"); return;
  case TT1__TOKEN_LINE: snprintf(found, 48, "the end of the line"); return;
  case TT1__TOKEN_STRING: snprintf(found, 48, "a text in quotes"); return;
  default: snprintf(found, 48, "'%.*s'", length, lexer->token.at);
  }
}
