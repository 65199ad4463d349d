/* SPDX-License-Identifier: MIT
 * The output folder: all or nothing, whatever happens. */
#include "image_support.h"

#include <time.h>

#include <fcntl.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "tt1_image.h"

static tt1_folder *open_with(const char *path, const char *a, const char *b)
{
  tt1_folder *folder = NULL;
  tt1_error err = {0};
  if (tt1_folder_open(&folder, path, &err) != TT1_OK) print_error("%s\n", err.message);
  assert_non_null(folder);
  if (a) assert_int_equal(tt1_folder_write(folder, "a.txt", a, strlen(a), &err), TT1_OK);
  if (b) assert_int_equal(tt1_folder_write(folder, "b.txt", b, strlen(b), &err), TT1_OK);
  return folder;
}

static void appears_by_the_commit(void **state)
{
  (void)state;
  sandbox s = sandbox_make();
  tt1_error err = {0};
  tt1_folder *folder = open_with(inside(&s, "out//"), "one", "two");
  assert_int_equal(count_entries(inside(&s, "out")), -1);
  assert_int_equal(tt1_folder_commit(folder, &err), TT1_OK);
  assert_true(same_text(inside(&s, "out/a.txt"), "one"));
  assert_true(same_text(inside(&s, "out/b.txt"), "two"));
  assert_int_equal(tt1_folder_commit(folder, &err), TT1_BAD_ARGUMENT);
  tt1_folder_abandon(folder); // too late to change anything
  tt1_folder_free(folder);
  assert_int_equal(count_entries(inside(&s, "out")), 2);
  assert_int_equal(count_entries(s.path), 1);
  remove_tree(s.path);
}

static void replaces_files_and_leaves_others(void **state)
{
  (void)state;
  sandbox s = sandbox_make();
  write_text(inside(&s, "a.txt"), "old");
  write_text(inside(&s, "other.txt"), "other");
  tt1_folder *folder = open_with(s.path, "new", "two");
  assert_true(same_text(inside(&s, "a.txt"), "old"));
  assert_int_equal(tt1_folder_commit(folder, NULL), TT1_OK);
  tt1_folder_free(folder);
  assert_true(same_text(inside(&s, "a.txt"), "new"));
  assert_true(same_text(inside(&s, "b.txt"), "two"));
  assert_true(same_text(inside(&s, "other.txt"), "other"));
  assert_int_equal(count_entries(s.path), 3);
  remove_tree(s.path);
}

static void leaves_nothing_without_a_commit(void **state)
{
  (void)state;
  sandbox s = sandbox_make();
  tt1_folder_free(open_with(inside(&s, "out"), "one", "two"));
  assert_int_equal(count_entries(s.path), 0);
  write_text(inside(&s, "a.txt"), "old");
  tt1_folder_free(open_with(s.path, "one", "two"));
  assert_int_equal(count_entries(s.path), 1);
  assert_true(same_text(inside(&s, "a.txt"), "old"));
  tt1_folder_free(NULL);
  remove_tree(s.path);
}

static void puts_everything_back_if_a_move_fails(void **state)
{
  (void)state;
  sandbox s = sandbox_make();
  tt1_error err = {0};
  write_text(inside(&s, "b.txt"), "old");
  tt1_folder *folder = open_with(s.path, "new a", "new b");
  assert_int_equal(tt1_folder_write(folder, "sub/d", "x", 1, &err), TT1_OK);
  write_text(inside(&s, "gone.txt"), "to go");
  assert_int_equal(tt1_folder_remove(folder, "gone.txt", &err), TT1_OK);
  assert_int_equal(tt1_folder_write(folder, "c", "x", 1, &err), TT1_OK);
  // Take away the file that would be moved last, so that the commit fails after three moves.
  struct dirent *item;
  DIR *directory = opendir(s.path);
  char staged[512] = "";
  while ((item = readdir(directory)) != NULL)
    if (strncmp(item->d_name, ".torcht1-", 9) == 0) {
      const char *path = inside(&s, item->d_name);
      assert_true(strlen(path) < sizeof staged - 3);
      strcpy(staged, path);
    }
  closedir(directory);
  strcat(staged, "/c");
  assert_int_equal(unlink(staged), 0);
  assert_int_equal(tt1_folder_commit(folder, &err), TT1_IO);
  check_sentence(&err, TT1_IO, "/c cannot be written: ");
  tt1_folder_free(folder);
  assert_true(same_text(inside(&s, "b.txt"), "old"));
  assert_true(same_text(inside(&s, "gone.txt"), "to go"));
  assert_int_equal(count_entries(s.path), 2);
  remove_tree(s.path);
}

static void puts_files_into_subfolders(void **state)
{
  (void)state;
  sandbox s = sandbox_make();
  tt1_error err = {0};
  for (int round = 0; round < 2; round++) { // into a new folder, and over what is there
    tt1_folder *folder = open_with(inside(&s, "out"), round ? "two" : "one", NULL);
    const char *text = round ? "in two" : "in one";
    assert_int_equal(tt1_folder_write(folder, "sub/a.txt", text, 6, &err), TT1_OK);
    assert_int_equal(tt1_folder_write(folder, round ? "new/c" : "sub/c", "x", 1, &err), TT1_OK);
    tt1_folder_write(folder, "sub/a.txt", text, 6, &err);
    check_sentence(&err, TT1_BAD_ARGUMENT, "sub/a.txt is written twice");
    assert_int_equal(tt1_folder_commit(folder, &err), TT1_OK);
    tt1_folder_free(folder);
    assert_true(same_text(inside(&s, "out/sub/a.txt"), text));
    assert_true(same_text(inside(&s, "out/a.txt"), round ? "two" : "one"));
    assert_int_equal(count_entries(inside(&s, "out")), round ? 3 : 2);
    assert_int_equal(count_entries(inside(&s, "out/sub")), 2);
  }
  assert_int_equal(count_entries(s.path), 1);
  remove_tree(s.path);
}

static void subfolders_leave_nothing_behind(void **state)
{
  (void)state;
  sandbox s = sandbox_make();
  tt1_error err = {0};
  for (int is_abandoned = 0; is_abandoned < 2; is_abandoned++)
    for (int is_old = 0; is_old < 2; is_old++) {
      tt1_folder *folder = open_with(is_old ? s.path : inside(&s, "out"), "one", NULL);
      assert_int_equal(tt1_folder_write(folder, "sub/a.txt", "x", 1, &err), TT1_OK);
      if (is_abandoned) tt1_folder_abandon(folder);
      tt1_folder_free(folder);
      assert_int_equal(count_entries(s.path), 0);
    }
  write_text(inside(&s, "sub"), "a file");
  tt1_folder *folder = open_with(s.path, NULL, NULL);
  tt1_folder_write(folder, "sub/a.txt", "x", 1, &err);
  check_sentence(&err, TT1_IO, "/sub cannot be made: a file of that name is there");
  tt1_folder_free(folder);
  assert_int_equal(count_entries(s.path), 1);
  remove_tree(s.path);
}

static void limits_the_count_of_subfolders(void **state)
{
  (void)state;
  sandbox s = sandbox_make();
  tt1_error err = {0};
  tt1_folder *folder = open_with(inside(&s, "out"), NULL, NULL);
  char name[16];
  for (int i = 0; i < 256; i++) {
    snprintf(name, sizeof name, "%ss%d/f", i == 126 ? "s0/" : "", i);
    assert_int_equal(tt1_folder_write(folder, name, "x", 1, &err), TT1_OK);
  }
  tt1_folder_write(folder, "more/f", "x", 1, &err);
  check_sentence(&err, TT1_BAD_ARGUMENT, "256 folders are the limit");
  assert_int_equal(tt1_folder_write(folder, "s3/g", "x", 1, &err), TT1_OK);
  tt1_folder_free(folder);
  assert_int_equal(count_entries(s.path), 0);
  remove_tree(s.path);
}

/* Commit versions 1, 2, 3 ... of many files, the record last, until somebody puts an end to it. */
static void commit_for_ever(const char *path)
{
  for (int version = 1;; version++) {
    char name[16], text[16];
    tt1_folder *folder = NULL;
    if (tt1_folder_open(&folder, path, NULL) != TT1_OK) _exit(1);
    snprintf(text, sizeof text, "%d", version);
    for (int i = 0; i <= 40; i++) {
      snprintf(name, sizeof name, i < 40 ? "f%d" : "record", i);
      if (tt1_folder_write(folder, name, text, strlen(text), NULL) != TT1_OK) _exit(1);
    }
    if (tt1_folder_commit(folder, NULL) != TT1_OK) _exit(1);
    tt1_folder_free(folder);
  }
}

static int read_version(const sandbox *s, const char *name)
{
  int version = 0;
  FILE *file = fopen(inside(s, name), "r");
  if (file && fscanf(file, "%d", &version) != 1) version = -1;
  if (file) fclose(file);
  return version;
}

/* After a kill at any moment, where the record is, all files are there, of its version. */
static void a_record_vouches_for_the_others(void **state)
{
  (void)state;
  int n_found = 0;
  for (int round = 0; round < 60; round++) {
    sandbox s = sandbox_make_in_memory();
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) commit_for_ever(s.path);
    struct timespec wait = {0, 3000000L + 150000L * round};
    nanosleep(&wait, NULL);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    int version = read_version(&s, "record");
    for (int i = 0; version && i < 40; i++) {
      char name[16];
      snprintf(name, sizeof name, "f%d", i);
      assert_int_equal(read_version(&s, name), version);
    }
    n_found += version > 0;
    remove_tree(s.path);
  }
  assert_true(n_found > 0);
}

static void refuses_impossible_places(void **state)
{
  (void)state;
  sandbox s = sandbox_make();
  tt1_folder *folder = NULL;
  tt1_error err = {0};
  write_text(inside(&s, "file"), "x");
  tt1_folder_open(&folder, inside(&s, "file"), &err);
  check_sentence(&err, TT1_IO, "file cannot be made: a file of that name is there");
  tt1_folder_open(&folder, inside(&s, "file/out"), &err);
  check_sentence(&err, TT1_IO, "file/out cannot be made: ");
  tt1_folder_open(&folder, inside(&s, "no/out"), &err);
  check_sentence(&err, TT1_IO, "no/out cannot be made: ");
  tt1_folder_open(&folder, "/proc", &err); // holds against root, too
  check_sentence(&err, TT1_IO, "/proc cannot be written to: ");
  tt1_folder_open(&folder, "/proc/out", &err);
  check_sentence(&err, TT1_IO, "/proc/out cannot be made: ");
  tt1_folder_open(&folder, "", &err);
  check_sentence(&err, TT1_BAD_ARGUMENT, "has no name");
  assert_null(folder);
  assert_int_equal(count_entries(s.path), 1);
  if (geteuid() == 0) {
    print_message("not tried: permissions, which do not bind root\n");
  } else {
    assert_int_equal(chmod(s.path, 0500), 0);
    tt1_folder_open(&folder, s.path, &err);
    check_sentence(&err, TT1_IO, "cannot be written to: ");
    assert_int_equal(chmod(s.path, 0700), 0);
  }
  remove_tree(s.path);
}

static void limits_the_length_of_names(void **state)
{
  (void)state;
  char name[602];
  sandbox s = sandbox_make();
  tt1_error err = {0};
  tt1_folder *folder = open_with(inside(&s, "out"), "one", NULL);
  for (int i = 0; i < 600; i++)
    name[i] = i % 100 == 99 ? '/' : 'a';
  name[599] = 'a';
  name[600] = '\0';
  assert_int_equal(tt1_folder_write(folder, name, "x", 1, &err), TT1_OK);
  snprintf(name + 600, 2, "b");
  tt1_folder_write(folder, name, "x", 1, &err);
  check_sentence(&err, TT1_BAD_ARGUMENT, "cannot be the name of a file");
  assert_int_equal(tt1_folder_write(folder, ".bidsignore", "x", 1, &err), TT1_OK); // the one hidden
  assert_int_equal(tt1_folder_commit(folder, &err), TT1_OK);
  tt1_folder_free(folder);
  assert_true(same_text(inside(&s, "out/.bidsignore"), "x"));
  remove_tree(s.path);
}

static void refuses_impossible_names(void **state)
{
  (void)state;
  static const char *const names[] = {"",       ".",  "..",   ".hidden", "/a",
                                      "/etc/x", "a/", "../x", "a/.b",    "a//b"};
  sandbox s = sandbox_make();
  tt1_error err = {0};
  tt1_folder *folder = open_with(inside(&s, "out"), "one", NULL);
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    tt1_folder_write(folder, names[i], "x", 1, &err);
    check_sentence(&err, TT1_BAD_ARGUMENT, "cannot be the name of a file");
  }
  tt1_folder_write(folder, "a.txt", "x", 1, &err);
  check_sentence(&err, TT1_BAD_ARGUMENT, "a.txt is written twice");
  tt1_folder_free(folder);
  assert_int_equal(mkdir(inside(&s, "a.txt"), 0700), 0);
  assert_int_equal(tt1_folder_open(&folder, s.path, &err), TT1_OK);
  tt1_folder_write(folder, "a.txt", "x", 1, &err);
  check_sentence(&err, TT1_IO, "a folder of that name is there");
  tt1_folder_free(folder);
  assert_int_equal(count_entries(s.path), 1);
  remove_tree(s.path);
}

static void limits_the_count_of_files(void **state)
{
  (void)state;
  sandbox s = sandbox_make_in_memory();
  tt1_error err = {0};
  tt1_folder *folder = open_with(inside(&s, "out"), NULL, NULL);
  char name[16];
  for (int i = 0; i < 4096; i++) {
    snprintf(name, sizeof name, "f%d", i);
    assert_int_equal(tt1_folder_write(folder, name, "x", 1, &err), TT1_OK);
  }
  tt1_folder_write(folder, "more", "x", 1, &err);
  check_sentence(&err, TT1_BAD_ARGUMENT, "4096 files are the limit");
  tt1_folder_free(folder);
  assert_int_equal(count_entries(s.path), 0);
  remove_tree(s.path);
}

// A limit on the size of files acts like a full disk and needs no privilege.
static void says_when_a_file_cannot_grow(void **state)
{
  (void)state;
  sandbox s = sandbox_make();
  struct rlimit before, small;
  tt1_error err = {0};
  static const char bytes[100000];
  tt1_folder *folder = open_with(inside(&s, "out"), "one", NULL);
  signal(SIGXFSZ, SIG_IGN);
  assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
  small = before;
  small.rlim_cur = 65536;
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
  tt1_status status = tt1_folder_write(folder, "big", bytes, sizeof bytes, &err);
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
  signal(SIGXFSZ, SIG_DFL);
  assert_int_equal(status, TT1_IO);
  check_sentence(&err, TT1_IO, "/out/big cannot be written: ");
  tt1_folder_free(folder);
  assert_int_equal(count_entries(s.path), 0);
  remove_tree(s.path);
}

static void says_when_the_disk_is_full(void **state)
{
  (void)state;
  sandbox s = sandbox_make();
  tt1_error err = {0};
  static const char bytes[200000];
  if (mount("tmpfs", s.path, "tmpfs", 0, "size=64k") != 0) {
    print_message("skipped: a small disk cannot be mounted here\n");
    remove_tree(s.path);
    skip();
  }
  tt1_folder *folder = open_with(inside(&s, "out"), "one", NULL);
  tt1_status status = tt1_folder_write(folder, "big", bytes, sizeof bytes, &err);
  tt1_folder_free(folder);
  int left = count_entries(s.path);
  umount(s.path);
  remove_tree(s.path);
  assert_int_equal(status, TT1_IO);
  check_sentence(&err, TT1_IO, "No space left on device");
  assert_int_equal(left, 0);
}

static tt1_folder *interrupted;

static void on_signal(int number)
{
  (void)number;
  tt1_folder_abandon(interrupted);
  _exit(42);
}

static void interrupt_child(const char *path)
{
  pid_t child = fork();
  if (child == 0) {
    signal(SIGINT, on_signal);
    interrupted = NULL;
    if (tt1_folder_open(&interrupted, path, NULL) != TT1_OK) _exit(1);
    if (tt1_folder_write(interrupted, "a.txt", "x", 1, NULL) != TT1_OK) _exit(1);
    if (tt1_folder_write(interrupted, "b.txt", "x", 1, NULL) != TT1_OK) _exit(1);
    raise(SIGINT);
    _exit(2);
  }
  int status = 0;
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 42);
}

static void an_interrupt_leaves_nothing(void **state)
{
  (void)state;
  sandbox s = sandbox_make();
  interrupt_child(inside(&s, "out"));
  assert_int_equal(count_entries(s.path), 0);
  write_text(inside(&s, "a.txt"), "old");
  interrupt_child(s.path);
  assert_int_equal(count_entries(s.path), 1);
  assert_true(same_text(inside(&s, "a.txt"), "old"));
  tt1_folder_abandon(NULL);
  remove_tree(s.path);
}

static void nothing_can_be_added_after_an_abandon(void **state)
{
  (void)state;
  sandbox s = sandbox_make();
  tt1_error err = {0};
  tt1_folder *folder = open_with(inside(&s, "out"), "one", NULL);
  tt1_folder_abandon(folder);
  tt1_folder_write(folder, "b", "x", 1, &err);
  check_sentence(&err, TT1_BAD_ARGUMENT, "committed or abandoned");
  assert_int_equal(tt1_folder_commit(folder, &err), TT1_BAD_ARGUMENT);
  tt1_folder_free(folder);
  assert_int_equal(count_entries(s.path), 0);
  remove_tree(s.path);
}

// Both began while the folder did not exist: the later commit must not mix its files in.
static void two_runs_do_not_meet(void **state)
{
  (void)state;
  sandbox s = sandbox_make();
  tt1_folder *first = open_with(inside(&s, "out"), "first", NULL);
  tt1_folder *second = open_with(inside(&s, "out"), "second", NULL);
  tt1_error err = {0};
  assert_int_equal(tt1_folder_commit(first, &err), TT1_OK);
  assert_int_equal(tt1_folder_commit(second, &err), TT1_IO);
  check_sentence(&err, TT1_IO, "/out cannot be made: ");
  tt1_folder_free(first);
  tt1_folder_free(second);
  assert_true(same_text(inside(&s, "out/a.txt"), "first"));
  assert_int_equal(count_entries(s.path), 1);
  remove_tree(s.path);
}

static void keeps_what_is_protected(void **state)
{
  (void)state;
  sandbox s = sandbox_make();
  tt1_error err = {0};
  write_text(inside(&s, "b.txt"), "input");
  assert_int_equal(symlink("b.txt", inside(&s, "link")), 0);
  assert_int_equal(link(inside(&s, "b.txt"), inside(&s, "hard")), 0);
  tt1_folder *folder = open_with(s.path, "new", NULL);
  for (int i = 0; i < 20; i++) // more than there is room for at first
    assert_int_equal(tt1_folder_protect(folder, inside(&s, i ? "not there" : "link"), &err),
                     TT1_OK);
  for (int i = 0; i < 20; i++)
    assert_int_equal(tt1_folder_protect(folder, inside(&s, "b.txt"), &err), TT1_OK);
  const char *const names[] = {"b.txt", "link", "hard"};
  for (int i = 0; i < 3; i++) {
    tt1_folder_write(folder, names[i], "x", 1, &err);
    check_sentence(&err, TT1_BAD_ARGUMENT, "cannot be replaced: it is an input of the same");
    tt1_folder_remove(folder, names[i], &err);
    check_sentence(&err, TT1_BAD_ARGUMENT, "cannot be replaced: it is an input of the same");
  }
  assert_int_equal(tt1_folder_commit(folder, &err), TT1_OK);
  tt1_folder_free(folder);
  assert_true(same_text(inside(&s, "b.txt"), "input"));
  assert_true(same_text(inside(&s, "a.txt"), "new"));
  remove_tree(s.path);
}

static tt1_folder *open_for_removal(const sandbox *s)
{
  tt1_error err = {0};
  mkdir(inside(s, "sub"), 0777);
  mkdir(inside(s, "sub/deep"), 0777);
  mkdir(inside(s, "kept"), 0777);
  write_text(inside(s, "old.txt"), "old");
  write_text(inside(s, "sub/deep/old.txt"), "old");
  write_text(inside(s, "kept/old.txt"), "old");
  write_text(inside(s, "kept/own.txt"), "own");
  tt1_folder *folder = open_with(s->path, "new", NULL);
  const char *const names[] = {"old.txt", "sub/deep/old.txt", "kept/old.txt",
                               "a.txt",   "not/there",        "kept"};
  for (int i = 0; i < 6; i++)
    assert_int_equal(tt1_folder_remove(folder, names[i], &err), TT1_OK);
  tt1_folder_remove(folder, "../x", &err);
  check_sentence(&err, TT1_BAD_ARGUMENT, "cannot be the name of a file");
  assert_int_equal(tt1_folder_write(folder, "b.txt", "two", 3, &err), TT1_OK);
  assert_string_equal(tt1_folder_file(folder, 0), "a.txt");
  assert_string_equal(tt1_folder_file(folder, 1), "b.txt");
  assert_null(tt1_folder_file(folder, 2));
  return folder;
}

static void removes_with_the_commit(void **state)
{
  (void)state;
  sandbox s = sandbox_make();
  tt1_folder *folder = open_for_removal(&s);
  assert_true(same_text(inside(&s, "old.txt"), "old"));
  assert_int_equal(tt1_folder_commit(folder, NULL), TT1_OK);
  tt1_folder_free(folder);
  assert_int_equal(count_entries(s.path), 3); // a.txt, b.txt, kept
  assert_int_equal(count_entries(inside(&s, "kept")), 1);
  assert_true(same_text(inside(&s, "a.txt"), "new"));
  remove_tree(s.path);
}

static void removes_nothing_without_a_commit(void **state)
{
  (void)state;
  sandbox s = sandbox_make();
  tt1_folder_free(open_for_removal(&s));
  assert_true(same_text(inside(&s, "old.txt"), "old"));
  assert_true(same_text(inside(&s, "sub/deep/old.txt"), "old"));
  assert_int_equal(count_entries(s.path), 3); // old.txt, sub, kept
  remove_tree(s.path);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(appears_by_the_commit),
      cmocka_unit_test(replaces_files_and_leaves_others),
      cmocka_unit_test(leaves_nothing_without_a_commit),
      cmocka_unit_test(puts_everything_back_if_a_move_fails),
      cmocka_unit_test(puts_files_into_subfolders),
      cmocka_unit_test(subfolders_leave_nothing_behind),
      cmocka_unit_test(limits_the_count_of_subfolders),
      cmocka_unit_test(a_record_vouches_for_the_others),
      cmocka_unit_test(refuses_impossible_places),
      cmocka_unit_test(limits_the_length_of_names),
      cmocka_unit_test(refuses_impossible_names),
      cmocka_unit_test(limits_the_count_of_files),
      cmocka_unit_test(says_when_a_file_cannot_grow),
      cmocka_unit_test(says_when_the_disk_is_full),
      cmocka_unit_test(an_interrupt_leaves_nothing),
      cmocka_unit_test(nothing_can_be_added_after_an_abandon),
      cmocka_unit_test(two_runs_do_not_meet),
      cmocka_unit_test(keeps_what_is_protected),
      cmocka_unit_test(removes_with_the_commit),
      cmocka_unit_test(removes_nothing_without_a_commit),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
