/* SPDX-License-Identifier: MIT
 * The processor as a device: what is listed, what opens, what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "device/lanes.h"
#include "torcht1.h"

static void every_device_is_listed(void **state)
{
  (void)state;
  static const char *const KINDS[] = {"cpu", "opencl", "cuda"};
  tt1_device_info info;
  int n = 0, kind = 0;
  for (; tt1_device_describe(n, &info); n++) {
    if (strncmp(info.name, KINDS[kind], strlen(KINDS[kind])) != 0) kind++;
    assert_true(kind < 3);
    assert_int_equal(strncmp(info.name, KINDS[kind], strlen(KINDS[kind])), 0);
    assert_true(strlen(info.description) > 0);
    assert_int_equal(info.is_available && kind > 0, strchr(info.name, ':') != NULL);
    assert_int_equal(info.is_available && kind > 0, strlen(info.driver) > 0);
  }
  assert_int_equal(kind, 2);
  assert_int_equal(tt1_device_describe(n, &info), 0);
  assert_int_equal(tt1_device_describe(-1, &info), 0);
  tt1_device_describe(0, &info);
  assert_int_equal(info.is_available, 1);
  assert_non_null(strstr(info.description, "portable"));
}

static void the_best_device_opens(void **state)
{
  (void)state;
  static const char *const NAMES[] = {NULL, "auto", "cpu"};
  for (int i = 0; i < 3; i++) {
    tt1_device *device = NULL;
    const char *why;
    assert_int_equal(tt1_device_open(&device, NAMES[i], NULL, NULL), TT1_OK);
    assert_string_equal(tt1_device_name(device), "cpu");
    assert_true(tt1__isa_runs(tt1_device_isa(device), &why));
    assert_true(tt1_device_threads(device) >= 1);
    tt1_device_free(device);
  }
  tt1_device_free(NULL);
}

static void what_is_asked_for_is_opened(void **state)
{
  (void)state;
  tt1_device *device = NULL;
  tt1_device_options options = TT1_DEVICE_OPTIONS_INIT;
  options.isa = "portable";
  options.threads = 3;
  assert_int_equal(tt1_device_open(&device, "cpu", &options, NULL), TT1_OK);
  assert_string_equal(tt1_device_isa(device), "portable");
  assert_int_equal(tt1_device_threads(device), 3);
  tt1_device_free(device);
}

static void refused(const char *name, tt1_device_options options, tt1_status status,
                    const char *words)
{
  tt1_device *device = NULL;
  tt1_error err = {0};
  assert_int_equal(tt1_device_open(&device, name, &options, &err), status);
  assert_int_equal(err.status, status);
  assert_null(device);
  if (!strstr(err.message, words)) fail_msg("\"%s\" lacks \"%s\"", err.message, words);
  assert_int_equal(tt1_device_open(&device, name, &options, NULL), status);
}

static void what_cannot_be_is_refused(void **state)
{
  (void)state;
  const tt1_device_options fresh = TT1_DEVICE_OPTIONS_INIT;
  tt1_device_options options = fresh;
  refused("gpu", options, TT1_NO_DEVICE, "device \"gpu\"; expected auto, cpu, opencl[:N]");
  refused("", options, TT1_NO_DEVICE, "device \"\"");
  refused("cpu:1", options, TT1_NO_DEVICE, "no device cpu:1, only cpu");
  options.memory = -1;
  refused("cpu", options, TT1_BAD_ARGUMENT, "-1 bytes of device memory");
  options = fresh;
  options.isa = "sse9";
  refused("cpu", options, TT1_BAD_ARGUMENT, "\"sse9\" is not one of avx512, avx2, portable");
  options = fresh;
  options.threads = -2;
  refused("cpu", options, TT1_BAD_ARGUMENT, "-2 threads, expected 1 to 1024");
  options.threads = 5000;
  refused("cpu", options, TT1_BAD_ARGUMENT, "5000 threads");
  options = fresh;
  options.version = 0;
  refused("cpu", options, TT1_BAD_ARGUMENT, "tt1_device_options has version 0");
}

static void absent_instruction_sets_say_why(void **state)
{
  (void)state;
  for (int i = 0; tt1__isa_name(i); i++) {
    const char *why = NULL;
    tt1_device_options options = TT1_DEVICE_OPTIONS_INIT;
    options.isa = tt1__isa_name(i);
    tt1_device *device = NULL;
    tt1_error err = {0};
    if (tt1__isa_runs(tt1__isa_name(i), &why)) {
      assert_int_equal(tt1_device_open(&device, "cpu", &options, &err), TT1_OK);
      assert_string_equal(tt1_device_isa(device), tt1__isa_name(i));
      tt1_device_free(device);
    } else {
      assert_int_equal(tt1_device_open(&device, "cpu", &options, &err), TT1_NO_DEVICE);
      assert_non_null(strstr(err.message, why));
    }
  }
  assert_null(tt1__isa_name(-1));
}

static void memory_may_run_out(void **state)
{
  (void)state;
  tt1_status status = TT1_NO_MEMORY;
  int n = 0;
  while (status) {
    tt1_device *device = NULL;
    tt1_error err = {0};
    tt1__fail_allocation(++n);
    status = tt1_device_open(&device, "cpu", NULL, &err);
    tt1__fail_allocation(0);
    assert_int_equal(status, status ? TT1_NO_MEMORY : TT1_OK);
    assert_true(n < 10);
    tt1_device_free(device);
  }
  assert_true(n > 1);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_device_is_listed),
      cmocka_unit_test(the_best_device_opens),
      cmocka_unit_test(what_is_asked_for_is_opened),
      cmocka_unit_test(what_cannot_be_is_refused),
      cmocka_unit_test(absent_instruction_sets_say_why),
      cmocka_unit_test(memory_may_run_out),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
