/* SPDX-License-Identifier: MIT
 * The embedded kernel text: all there, and one text after expansion. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "device/sources.h"

static void texts_are_the_files(void **state)
{
  (void)state;
  int n = 0;
  for (const tt1__builtin_text *at = tt1__source_texts; at->name; at++, n++) {
    char path[512];
    if (n) assert_true(strcmp(at[-1].name, at->name) < 0);
    snprintf(path, sizeof path, "%s/src/%s", TT1_SOURCE_DIR, at->name);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t size = strlen(at->text);
    char *bytes = malloc(size + 1);
    assert_non_null(bytes);
    assert_int_equal(fread(bytes, 1, size + 1, file), size);
    assert_memory_equal(bytes, at->text, size);
    free(bytes);
    fclose(file);
  }
  assert_true(n >= 15);
  assert_null(tt1__source_text("kernel/absent.h"));
}

static void includes_give_way_once(void **state)
{
  (void)state;
  const tt1__builtin_text more[] = {
      {"a.h", "A\n#include \"b.h\"\n"}, {"b.h", "B"}, {"MODEL", "M\n"}, {NULL, NULL}};
  char *text = tt1__source_expand("#include \"a.h\"\n#  include \"b.h\"\n#include MODEL\n"
                                  "#include <string.h>\n#include \"c.h\"\n# if 1\nend",
                                  more);
  assert_string_equal(text, "A\nBM\n#include <string.h>\n#include \"c.h\"\n# if 1\nend");
  tt1__free(text);
  text = tt1__source_expand("#include", NULL);
  assert_string_equal(text, "#include");
  tt1__free(text);
}

static void kernels_include_nothing_of_ours(void **state)
{
  (void)state;
  const tt1__builtin_text more[] = {{"LANES_MODEL", "// the model\n"}, {NULL, NULL}};
  char *text = tt1__source_expand(tt1__source_text("device/lanes.c"), more);
  assert_non_null(text);
  assert_null(strstr(text, "\"kernel/"));
  assert_null(strstr(text, "LANES_MODEL\n#"));
  assert_non_null(strstr(text, "// the model\n"));
  tt1__free(text);
}

static void memory_may_run_out(void **state)
{
  (void)state;
  char *text = NULL;
  for (int n = 1; !text; n++) {
    tt1__fail_allocation(n);
    text = tt1__source_expand("#include \"kernel/solvers.h\"\n", NULL);
    tt1__fail_allocation(0);
    assert_true(n < 100);
  }
  tt1__free(text);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(texts_are_the_files),
      cmocka_unit_test(includes_give_way_once),
      cmocka_unit_test(kernels_include_nothing_of_ours),
      cmocka_unit_test(memory_may_run_out),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
