/* SPDX-License-Identifier: MIT
 * The cache: what is found is what was kept, whatever happens to folder and files,
 * and whoever else works on them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/memory.h"
#include "device/cache.h"

static const char *const KEY[] = {"text", "-O3", "device", "driver 1", NULL};

/* A folder in which the cache is to be. */
static int make_place(void **state)
{
  char *place = malloc(64);
  strcpy(place, "/tmp/torcht1-cache-XXXXXX");
  *state = mkdtemp(place);
  return *state ? 0 : -1;
}

static int remove_place(void **state)
{
  char command[128];
  snprintf(command, sizeof command, "chmod -R u+rwx '%s'; rm -rf '%s'", (char *)*state,
           (char *)*state);
  int failed = system(command);
  free(*state);
  return failed;
}

static tt1__cache opened(const char *place)
{
  tt1__cache cache;
  char folder[128];
  snprintf(folder, sizeof folder, "%s/deep/cache", place);
  tt1__cache_open(&cache, folder, 0);
  assert_int_not_equal(access(folder, F_OK), 0); // made when first used
  tt1__cache_scratch_remove(tt1__cache_scratch(&cache));
  assert_string_equal(cache.why.message, "");
  assert_string_equal(cache.folder, folder);
  return cache;
}

static void keep(tt1__cache *cache, const char *bytes)
{
  if (!tt1__cache_put(cache, KEY, bytes, strlen(bytes))) fail_msg("%s", cache->why.message);
}

static void assert_found(tt1__cache *cache, const char *bytes)
{
  size_t size = 99;
  char *found = tt1__cache_get(cache, KEY, &size);
  assert_non_null(found);
  assert_int_equal(size, strlen(bytes));
  assert_memory_equal(found, bytes, size);
  tt1__free(found);
}

static void assert_absent(tt1__cache *cache)
{
  size_t size;
  assert_null(tt1__cache_get(cache, KEY, &size));
}

static int count_files(const tt1__cache *cache, char last[512])
{
  DIR *folder = opendir(cache->folder);
  int n = 0;
  for (struct dirent *at; (at = readdir(folder));)
    if (at->d_name[0] != '.') {
      snprintf(last, 512, "%.200s/%.200s", cache->folder, at->d_name);
      n++;
    }
  closedir(folder);
  return n;
}

static void the_only_file(const tt1__cache *cache, char path[512])
{
  assert_int_equal(count_files(cache, path), 1);
}

static void what_is_kept_is_found(void **state)
{
  tt1__cache cache = opened(*state);
  size_t size;
  char path[512];
  struct stat file;
  assert_absent(&cache);
  keep(&cache, "bytes");
  assert_found(&cache, "bytes");
  keep(&cache, "other bytes");
  assert_found(&cache, "other bytes");
  keep(&cache, "");
  assert_found(&cache, "");
  the_only_file(&cache, path);
  assert_int_equal(stat(path, &file), 0);
  assert_int_equal(file.st_mode & 0777, 0600);
  assert_int_equal(stat(cache.folder, &file), 0);
  assert_int_equal(file.st_mode & 0777, 0700);
  const char *const others[][5] = {{"text", "-O3", "device", "driver 2", NULL},
                                   {"tex", "t-O3", "device", "driver 1", NULL},
                                   {"text", "-O3", "device", NULL}};
  for (int i = 0; i < 3; i++)
    assert_null(tt1__cache_get(&cache, others[i], &size));
  tt1__cache_drop(&cache, KEY);
  assert_absent(&cache);
  tt1__cache_close(&cache);
}

static void overwrite(const char *path, long at, int byte)
{
  FILE *file = fopen(path, "r+b");
  assert_non_null(file);
  fseek(file, at, SEEK_SET);
  int old = fgetc(file);
  fseek(file, at, SEEK_SET);
  fputc(old ^ byte, file);
  fclose(file);
}

static void damage_is_found_and_removed(void **state)
{
  tt1__cache cache = opened(*state);
  char path[512];
  struct stat file;
  keep(&cache, "some bytes to damage");
  the_only_file(&cache, path);
  assert_int_equal(stat(path, &file), 0);
  for (long at = 0; at < (long)file.st_size; at++) {
    keep(&cache, "some bytes to damage");
    overwrite(path, at, 1 << at % 8);
    assert_absent(&cache);
    assert_int_not_equal(access(path, F_OK), 0);
  }
  for (long size = 0; size < (long)file.st_size; size++) {
    keep(&cache, "some bytes to damage");
    assert_int_equal(truncate(path, size), 0);
    assert_absent(&cache);
  }
  keep(&cache, "some bytes to damage");
  assert_int_equal(truncate(path, (off_t)file.st_size + 1), 0);
  assert_absent(&cache);
  keep(&cache, "whole again");
  assert_found(&cache, "whole again");
  tt1__cache_close(&cache);
}

static void an_entry_of_another_key_is_foreign(void **state)
{
  tt1__cache cache = opened(*state);
  const char *const other[] = {"text", "-O2", "device", "driver 1", NULL};
  char ours[512], theirs[512];
  keep(&cache, "ours");
  the_only_file(&cache, ours);
  tt1__cache_drop(&cache, KEY);
  assert_int_equal(tt1__cache_put(&cache, other, "theirs", 6), 1);
  the_only_file(&cache, theirs);
  assert_int_equal(rename(theirs, ours), 0);
  assert_absent(&cache);
  tt1__cache_close(&cache);
}

static void what_others_could_have_written_is_refused(void **state)
{
  tt1__cache cache = opened(*state);
  char path[512];
  keep(&cache, "code");
  the_only_file(&cache, path);
  assert_int_equal(chmod(path, 0620), 0);
  assert_absent(&cache);
  keep(&cache, "code");
  assert_int_equal(chmod(path, 0602), 0);
  assert_absent(&cache);
  keep(&cache, "code");
  assert_int_equal(chmod(path, 0644), 0); // to read is no harm
  assert_found(&cache, "code");
  if (geteuid() == 0) {
    assert_int_equal(chown(path, 12345, (gid_t)-1), 0);
    assert_absent(&cache);
  }
  // A link to a good entry, a pipe and a folder in place of the entry.
  keep(&cache, "code");
  char aside[600];
  snprintf(aside, sizeof aside, "%s.aside", path);
  assert_int_equal(rename(path, aside), 0);
  assert_int_equal(symlink(aside, path), 0);
  assert_absent(&cache);
  unlink(path);
  assert_int_equal(mkfifo(path, 0600), 0);
  assert_absent(&cache);
  assert_int_equal(mkdir(path, 0700), 0);
  assert_absent(&cache);
  assert_int_equal(tt1__cache_put(&cache, KEY, "code", 4), 0);
  assert_non_null(strstr(cache.why.message, "cannot be made"));
  tt1__cache_close(&cache);
}

static void a_folder_of_others_is_refused(void **state)
{
  tt1__cache cache = opened(*state);
  char folder[128];
  keep(&cache, "code");
  snprintf(folder, sizeof folder, "%s", cache.folder);
  tt1__cache_close(&cache);
  static const mode_t MODES[] = {0720, 0702};
  for (int i = 0; i < 2; i++) {
    assert_int_equal(chmod(folder, MODES[i]), 0);
    tt1__cache_open(&cache, folder, 0);
    assert_absent(&cache);
    assert_null(cache.folder);
    assert_non_null(strstr(cache.why.message, "others may write to it"));
    assert_int_equal(tt1__cache_put(&cache, KEY, "code", 4), 0);
    assert_null(tt1__cache_scratch(&cache));
    assert_non_null(strstr(cache.why.message, "others may write to it"));
  }
  assert_int_equal(chmod(folder, 0755), 0);
  tt1__cache_open(&cache, folder, 0);
  assert_found(&cache, "code");
  tt1__cache_close(&cache);
  if (geteuid() != 0) return;
  assert_int_equal(chown(folder, 12345, (gid_t)-1), 0);
  tt1__cache_open(&cache, folder, 0);
  assert_absent(&cache);
  assert_null(cache.folder);
}

static void refused(const char *folder, int is_off, const char *words)
{
  tt1__cache cache;
  tt1__cache_open(&cache, folder, is_off);
  assert_absent(&cache);
  assert_null(cache.folder);
  if (!strstr(cache.why.message, words)) fail_msg("\"%s\" lacks \"%s\"", cache.why.message, words);
  assert_int_equal(tt1__cache_put(&cache, KEY, "x", 1), 0);
  tt1__cache_drop(&cache, KEY);
  assert_non_null(strstr(cache.why.message, words));
  tt1__cache_close(&cache);
}

static void without_a_folder_it_says_why(void **state)
{
  char path[128];
  refused(NULL, 1, "switched off");
  refused("relative/path", 0, "not an absolute path");
  snprintf(path, sizeof path, "%s/file", (char *)*state);
  FILE *file = fopen(path, "w");
  assert_non_null(file);
  fclose(file);
  refused(path, 0, "is a file");
  strcat(path, "/below");
  refused(path, 0, "cannot be made");
  refused("/proc/torcht1", 0, "cannot be made");
  if (geteuid() != 0) {
    snprintf(path, sizeof path, "%s/closed", (char *)*state);
    assert_int_equal(mkdir(path, 0500), 0);
    strcat(path, "/cache");
    refused(path, 0, "cannot be made");
  }
}

static void the_environment_chooses(void **state)
{
  tt1__cache cache;
  char folder[128];
  setenv("XDG_CACHE_HOME", *state, 1);
  tt1__cache_open(&cache, NULL, 0);
  snprintf(folder, sizeof folder, "%s/torcht1", (char *)*state);
  assert_string_equal(cache.folder, folder);
  tt1__cache_close(&cache);
  setenv("XDG_CACHE_HOME", "relative", 1);
  setenv("HOME", *state, 1);
  tt1__cache_open(&cache, NULL, 0);
  snprintf(folder, sizeof folder, "%s/.cache/torcht1", (char *)*state);
  assert_string_equal(cache.folder, folder);
  tt1__cache_close(&cache);
  unsetenv("XDG_CACHE_HOME");
  setenv("HOME", "/nonexistent", 1);
  refused(NULL, 0, "neither XDG_CACHE_HOME nor HOME");
  unsetenv("HOME");
  refused(NULL, 0, "neither XDG_CACHE_HOME nor HOME");
}

static void a_folder_that_cannot_be_written_to_still_gives(void **state)
{
  if (geteuid() == 0) skip(); // root may write everywhere
  tt1__cache cache = opened(*state);
  keep(&cache, "code");
  assert_int_equal(chmod(cache.folder, 0500), 0);
  assert_found(&cache, "code");
  assert_int_equal(tt1__cache_put(&cache, KEY, "other", 5), 0);
  assert_non_null(strstr(cache.why.message, "cannot be written to"));
  assert_found(&cache, "code");
  tt1__cache_close(&cache);
}

static void the_size_is_bounded(void **state)
{
  tt1__cache cache = opened(*state);
  enum { ENTRY = 1000, N = 8 };
  char name[16], path[512], *bytes = calloc(ENTRY, 1);
  size_t size;
  cache.limit = 5 * ENTRY;
  for (int i = 0; i < N; i++) {
    const char *key[] = {name, NULL}, *first[] = {"0", NULL};
    snprintf(name, sizeof name, "%d", i);
    assert_int_equal(tt1__cache_put(&cache, key, bytes, ENTRY), 1);
    nanosleep(&(struct timespec){0, 20000000}, NULL);
    void *found = tt1__cache_get(&cache, first, &size); // the first stays in use
    assert_non_null(found);
    tt1__free(found);
    nanosleep(&(struct timespec){0, 20000000}, NULL);
  }
  assert_int_equal(count_files(&cache, path), 4); // each with its head
  for (int i = 1; i < N; i++) {
    const char *key[] = {name, NULL};
    snprintf(name, sizeof name, "%d", i);
    void *found = tt1__cache_get(&cache, key, &size);
    assert_int_equal(found != NULL, i >= N - 3);
    tt1__free(found);
  }
  assert_int_equal(tt1__cache_put(&cache, KEY, bytes, 5 * ENTRY + 1), 0);
  assert_non_null(strstr(cache.why.message, "too large"));
  free(bytes);
  tt1__cache_close(&cache);
}

static void make_old(const char *path)
{
  struct timespec times[2] = {{1000, 0}, {1000, 0}};
  assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static void what_was_left_behind_is_removed(void **state)
{
  tt1__cache cache = opened(*state);
  char path[512], inside[600], file[512];
  char *scratch = tt1__cache_scratch(&cache), *young = tt1__cache_scratch(&cache);
  struct stat folder;
  assert_non_null(scratch);
  assert_int_equal(stat(scratch, &folder), 0);
  assert_int_equal(folder.st_mode & 0777, 0700);
  snprintf(inside, sizeof inside, "%s/rest", scratch);
  fclose(fopen(inside, "w"));
  snprintf(file, sizeof file, "%s/unfinished-file", cache.folder);
  fclose(fopen(file, "w"));
  make_old(scratch);
  make_old(file);
  keep(&cache, "code");
  assert_int_equal(count_files(&cache, path), 2); // the entry and the young folder
  assert_int_equal(access(young, F_OK), 0);
  tt1__cache_scratch_remove(young);
  the_only_file(&cache, path);
  free(scratch);
  tt1__cache_scratch_remove(NULL);
  tt1__cache_close(&cache);
}

enum { PROCESSES = 6, ROUNDS = 300, LONG = 20000 };

/* Keeps and finds entries, all of one letter; 0 if no other was seen. */
static int work(const char *folder, char letter)
{
  tt1__cache cache;
  tt1__cache_open(&cache, folder, 0);
  char *bytes = malloc(LONG);
  int bad = 0, found_some = 0;
  memset(bytes, letter, LONG);
  for (int round = 0; round < ROUNDS; round++) {
    size_t size = 0, length = (size_t)(LONG - round);
    bad |= !tt1__cache_put(&cache, KEY, bytes, length);
    char *found = tt1__cache_get(&cache, KEY, &size);
    if (found) bad |= size <= LONG - ROUNDS || size > LONG;
    for (size_t i = 1; found && i < size; i++)
      bad |= found[i] != found[0];
    found_some |= found != NULL;
    if (round % 50 == 0) tt1__cache_drop(&cache, KEY);
    tt1__free(found);
  }
  free(bytes);
  tt1__cache_close(&cache);
  return bad || !found_some;
}

static void processes_do_each_other_no_harm(void **state)
{
  char path[512];
  tt1__cache cache = opened(*state);
  for (int i = 0; i < PROCESSES; i++) {
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) _exit(work(cache.folder, (char)('a' + i)));
  }
  for (int i = 0; i < PROCESSES; i++) {
    int status = 1;
    wait(&status);
    assert_int_equal(status, 0);
  }
  the_only_file(&cache, path);
  tt1__cache_close(&cache);
}

static void memory_may_run_out(void **state)
{
  char folder[128];
  snprintf(folder, sizeof folder, "%s/cache", (char *)*state);
  int is_done = 0;
  for (int n = 1; !is_done; n++) {
    tt1__cache cache;
    size_t size;
    tt1__fail_allocation(n);
    tt1__cache_open(&cache, folder, 0);
    int is_kept = tt1__cache_put(&cache, KEY, "code", 4);
    char *found = tt1__cache_get(&cache, KEY, &size);
    char *scratch = tt1__cache_scratch(&cache);
    if (!scratch) assert_true(*cache.why.message);
    tt1__cache_scratch_remove(scratch);
    tt1__cache_drop(&cache, KEY);
    tt1__fail_allocation(0);
    is_done = is_kept && found && scratch;
    tt1__free(found);
    tt1__cache_close(&cache);
    assert_true(n < 100);
  }
}

int main(void)
{
#define IN_PLACE(test) cmocka_unit_test_setup_teardown(test, make_place, remove_place)
  const struct CMUnitTest tests[] = {
      IN_PLACE(what_is_kept_is_found),
      IN_PLACE(damage_is_found_and_removed),
      IN_PLACE(an_entry_of_another_key_is_foreign),
      IN_PLACE(what_others_could_have_written_is_refused),
      IN_PLACE(a_folder_of_others_is_refused),
      IN_PLACE(without_a_folder_it_says_why),
      IN_PLACE(the_environment_chooses),
      IN_PLACE(a_folder_that_cannot_be_written_to_still_gives),
      IN_PLACE(the_size_is_bounded),
      IN_PLACE(what_was_left_behind_is_removed),
      IN_PLACE(processes_do_each_other_no_harm),
      IN_PLACE(memory_may_run_out),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
