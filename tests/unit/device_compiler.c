/* SPDX-License-Identifier: MIT
 * The C compiler of the machine: what it is given, and that it is ended in time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/memory.h"
#include "device/compiler.h"

static char place[64];

static int make_place(void **state)
{
  (void)state;
  strcpy(place, "/tmp/torcht1-compiler-XXXXXX");
  return mkdtemp(place) ? 0 : -1;
}

static int remove_place(void **state)
{
  (void)state;
  char command[128];
  snprintf(command, sizeof command, "rm -rf '%s'", place);
  return system(command);
}

static void use_compiler(const char *script, const char *flags)
{
  char path[128], value[200];
  snprintf(path, sizeof path, "%s/my-cc", place);
  FILE *file = fopen(path, "w");
  assert_non_null(file);
  fprintf(file, "#!/bin/sh\n%s\n", script);
  fclose(file);
  assert_int_equal(chmod(path, 0700), 0);
  snprintf(value, sizeof value, "  %s %s", path, flags);
  setenv("CC", value, 1);
}

static void it_is_given_words_and_no_shell(void **state)
{
  (void)state;
  void *out = NULL;
  size_t size = 0;
  tt1_error err = {0};
  char expected[512];
  use_compiler(
      "while [ $# -gt 0 ]; do echo \"[$1]\"; [ \"$1\" = -o ] && file=$2; shift; done >all\n"
      "echo \"$TMPDIR\" >>all; cat all >\"$file\"; rm all",
      "-m64 $(touch /tmp/bad) ;");
  tt1_status status = tt1__compiler_run(&out, &size, "int x;", "-O3  -DX=\"1\"", place, 20, &err);
  if (status) fail_msg("%s", err.message);
  snprintf(expected, sizeof expected,
           "[-m64]\n[$(touch]\n[/tmp/bad)]\n[;]\n[-O3]\n[-DX=\"1\"]\n[-fPIC]\n[-shared]\n[-w]\n"
           "[-x]\n[c]\n[%s/kernels.c]\n[-o]\n[%s/kernels.so]\n[-lm]\n%s\n",
           place, place, place);
  assert_int_equal(size, strlen(expected));
  assert_memory_equal(out, expected, size);
  tt1__free(out);
}

static void it_is_ended_in_time(void **state)
{
  (void)state;
  void *out = NULL;
  size_t size = 0;
  tt1_error err = {0};
  struct timespec begin, end;
  use_compiler("sleep 100 & sleep 100", "");
  clock_gettime(CLOCK_MONOTONIC, &begin);
  assert_int_equal(tt1__compiler_run(&out, &size, "", "", place, 0.2, &err), TT1_DEVICE);
  clock_gettime(CLOCK_MONOTONIC, &end);
  assert_non_null(strstr(err.message, "was ended after 0.2 s"));
  assert_true(end.tv_sec - begin.tv_sec < 20);
  assert_null(out);
}

static void a_text_already_there_is_not_overwritten(void **state)
{
  (void)state;
  void *out = NULL;
  size_t size = 0;
  tt1_error err = {0};
  char path[128];
  snprintf(path, sizeof path, "%s/kernels.c", place);
  assert_int_equal(symlink("/tmp/torcht1-elsewhere", path), 0);
  use_compiler("exit 0", "");
  assert_int_equal(tt1__compiler_run(&out, &size, "", "", place, 20, &err), TT1_IO);
  assert_non_null(strstr(err.message, "cannot be written"));
}

int main(void)
{
#define IN_PLACE(test) cmocka_unit_test_setup_teardown(test, make_place, remove_place)
  const struct CMUnitTest tests[] = {
      IN_PLACE(it_is_given_words_and_no_shell),
      IN_PLACE(it_is_ended_in_time),
      IN_PLACE(a_text_already_there_is_not_overwritten),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
