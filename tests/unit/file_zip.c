/* SPDX-License-Identifier: MIT
 * Zip archives: of DICOM files they are read as a folder is; damaged and hostile ones are
 * refused with a sentence that names archive and member. */
#include "dicom_support.h"

#include "file/zip.h"

static const char *const three[] = {"100", "1100", "180"};
enum { MEMBERS = 3 };

/* ---- Archives of DICOM files ---- */

static void add(tt1__zip_writer *w, const char *name, const void *bytes, size_t length)
{
  assert_int_equal(tt1__zip_add(w, name, bytes, length, NULL), TT1_OK);
}

/* A series of three images in `names`. */
static tt1__zip_writer zip_series(const char *const *names)
{
  tt1__zip_writer w = {0};
  for (int i = 0; i < MEMBERS; i++) {
    picture p = make_picture(i + 1, three[i]);
    tt1__file file = picture_bytes(&p);
    add(&w, names[i], file.bytes, file.length);
    tt1__file_free(&file);
  }
  return w;
}

static const char *finish(tt1__zip_writer *w, const sandbox *s)
{
  const char *path = inside(s, "study.zip");
  assert_int_equal(tt1__zip_finish(w, NULL), TT1_OK);
  write_bytes(path, w->body.bytes, w->body.length);
  tt1__zip_free(w);
  return path;
}

static void archives_are_read_as_folders(void **state)
{
  (void)state;
  static const char *const names[] = {"study/c.dcm", "study/deep/er/b", "a.ima"};
  sandbox s = write_times(three, 3), z = sandbox_make();
  tt1__zip_writer w = zip_series(names);
  add(&w, "study/", "", 0);
  add(&w, "study/notes.txt", "no image", 8);
  add(&w, "study/._c.dcm", "rest", 4);
  add(&w, "__MACOSX/study/c.dcm", "rest", 4);
  add(&w, "study/DICOMDIR", "rest", 4);
  const char *path = finish(&w, &z);
  tt1_image *folder = read_ok(s.path, NULL);
  for (int threads = 0; threads < 4; threads++) {
    tt1_read_options options = TT1_READ_OPTIONS_INIT;
    options.threads = threads;
    tt1_image *archive = read_ok(path, &options);
    assert_memory_equal(tt1_image_data(archive), tt1_image_data(folder),
                        3 * PIXELS * sizeof(float));
    assert_string_equal(strstr(tt1_image_file(archive, 0), "study.zip"), "study.zip/study/c.dcm");
    assert_string_equal(strstr(tt1_image_file(archive, 2), "study.zip"), "study.zip/a.ima");
    for (int i = 0; i < 3; i++)
      assert_int_equal(tt1_image_file_checksum(archive, i), tt1_image_file_checksum(folder, i));
    tt1_image_free(archive);
  }
  tt1_study *study = NULL;
  assert_int_equal(tt1_study_open(&study, path, NULL, NULL), TT1_OK);
  assert_int_equal(tt1_study_n_skipped(study), 1);
  assert_int_equal(tt1_study_n_archives(study), 0);
  tt1_study_free(study);
  tt1_image_free(folder);
  remove_tree(s.path);
  remove_tree(z.path);
}

static void archives_in_folders_are_counted(void **state)
{
  (void)state;
  static const char *const names[] = {"a.dcm", "b.dcm", "c.dcm"};
  sandbox s = sandbox_make();
  tt1__zip_writer w = zip_series(names);
  finish(&w, &s);
  read_refused(s.path, NULL,
               "holds no MR image beside 1 zip archive, which is read only where given by name");
  picture p = make_picture(1, "100");
  write_picture(&s, "x.dcm", &p);
  tt1_study *study = NULL;
  assert_int_equal(tt1_study_open(&study, s.path, NULL, NULL), TT1_OK);
  assert_int_equal(tt1_study_n_skipped(study), 1);
  assert_int_equal(tt1_study_n_archives(study), 1);
  tt1_study_free(study);
  remove_tree(s.path);
}

/* One more member beside a sound series. */
static void member_is_refused(const char *name, const void *bytes, size_t length, const char *part)
{
  static const char *const names[] = {"a.dcm", "b.dcm", "c.dcm"};
  sandbox s = sandbox_make();
  tt1__zip_writer w = zip_series(names);
  add(&w, name, bytes, length);
  read_refused(finish(&w, &s), NULL, part);
  remove_tree(s.path);
}

static void bad_members_are_named(void **state)
{
  (void)state;
  picture p = make_picture(1, "100");
  tt1__file file = picture_bytes(&p);
  member_is_refused("sub/d.dcm", file.bytes, file.length - 5, "study.zip/sub/d.dcm is damaged");
  member_is_refused("sub/d.dcm", "text", 4,
                    "study.zip/sub/d.dcm is named as a DICOM file, but is none");
  member_is_refused("in.zip", "PK\3\4 and more", 13,
                    "study.zip/in.zip is an archive within an archive, which is not opened");
  member_is_refused("new\nline.dcm", "text", 4, "study.zip/new?line.dcm is named");
  tt1__file_free(&file);
  sandbox s = sandbox_make();
  tt1__zip_writer w = {0};
  add(&w, "readme", "text", 4);
  read_refused(finish(&w, &s), NULL, "study.zip holds no MR image");
  w = (tt1__zip_writer){0};
  read_refused(finish(&w, &s), NULL, "study.zip holds no MR image");
  remove_tree(s.path);
}

static void memory_may_fail(void **state)
{
  (void)state;
  static const char *const names[] = {"a.dcm", "b.dcm", "c.dcm"};
  sandbox s = sandbox_make();
  tt1__zip_writer w = zip_series(names);
  const char *path = finish(&w, &s);
  tt1_read_options options = TT1_READ_OPTIONS_INIT;
  options.threads = 1;
  for (long nth = 1;; nth++) {
    tt1_image *image = NULL;
    tt1__fail_allocation(nth);
    tt1_status status = tt1_image_read(&image, path, &options, NULL);
    tt1__fail_allocation(0);
    tt1_image_free(image);
    if (status == TT1_OK) break;
    assert_int_equal(status, TT1_NO_MEMORY);
    assert_null(image);
  }
  remove_tree(s.path);
}

/* ---- Directories that lie ---- */

typedef struct archive {
  unsigned char bytes[4096];
  size_t length, end; /* where the record at the end lies */
  size_t entries[MEMBERS];
} archive;

/* Three members of 600 bytes: the first two can be deflated. */
static archive make_archive(void)
{
  archive a = {.length = 0};
  char content[600] = "";
  tt1__zip_writer w = {0};
  uint32_t seed = 1;
  for (int m = 0; m < MEMBERS; m++) {
    char name[] = {(char)('a' + m), '.', 't', 'x', 't', '\0'};
    for (size_t i = 0; m == 2 && i < sizeof content; i++)
      content[i] = (char)((seed = seed * 1664525u + 1013904223u) >> 24);
    add(&w, name, content, sizeof content);
  }
  assert_int_equal(tt1__zip_finish(&w, NULL), TT1_OK);
  a.length = w.body.length;
  assert_true(a.length <= sizeof a.bytes);
  memcpy(a.bytes, w.body.bytes, a.length);
  tt1__zip_free(&w);
  a.end = a.length - 22;
  size_t at = a.bytes[a.end + 16] | (size_t)a.bytes[a.end + 17] << 8;
  for (int m = 0; m < MEMBERS; m++, at += 46 + 5)
    a.entries[m] = at;
  return a;
}

static void put_number(archive *a, size_t at, uint32_t value, int width)
{
  for (int i = 0; i < width; i++, value >>= 8)
    a->bytes[at + (size_t)i] = (unsigned char)(value & 255);
}

/* Read everything, from memory and through the file. */
static tt1_status read_archive(const unsigned char *bytes, size_t length, tt1_error *err)
{
  const tt1__zip_limits limits = {"file", 100, 1 << 20};
  sandbox s = sandbox_make();
  tt1_status statuses[2];
  tt1__file memory = {malloc(length ? length : 1), length, 0};
  assert_non_null(memory.bytes);
  memcpy(memory.bytes, bytes, length);
  write_bytes(inside(&s, "x.zip"), bytes, length);
  for (int i = 0; i < 2; i++) {
    tt1__zip zip;
    const char *path = i ? inside(&s, "x.zip") : "x.zip";
    tt1_status status = tt1__zip_open(&zip, i ? NULL : &memory, path, &limits, err);
    for (int m = 0; m < zip.n_members && status == TT1_OK; m++) {
      tt1__file file = {0};
      unsigned char head[16];
      status = tt1__zip_read(&file, &zip, m, err);
      size_t seen = tt1__zip_peek(&zip, m, head, sizeof head);
      if (status == TT1_OK) assert_memory_equal(head, file.bytes, seen);
      if (status == TT1_OK && file.length >= 16) assert_int_equal(seen, 16);
      tt1__file_free(&file);
    }
    tt1__zip_close(&zip);
    statuses[i] = status;
  }
  assert_int_equal(statuses[0], statuses[1]);
  free(memory.bytes);
  remove_tree(s.path);
  return statuses[0];
}

static void check_refused(const archive *a, const char *part)
{
  tt1_error err = {0};
  assert_int_equal(read_archive(a->bytes, a->length, &err), TT1_BAD_FILE);
  check_sentence(&err, TT1_BAD_FILE, part);
  assert_non_null(strstr(err.message, "x.zip"));
}

static void directories_that_lie_are_refused(void **state)
{
  (void)state;
  static const struct {
    int entry; /* MEMBERS: the record at the end */
    size_t at;
    uint32_t value;
    int width;
    const char *part;
  } lies[] = {
      {0, 8, 1, 2, "file a.txt is encrypted"},
      {1, 10, 9, 2, "file b.txt is compressed by method 9"},
      {2, 24, 601, 4, "file c.txt cannot hold 601 bytes in 600"},
      {2, 16, 7, 4, "/c.txt is damaged: its check-sum is wrong"},
      {2, 42, 900000, 4, "/c.txt is damaged: it does not lie in the file"},
      {2, 24, 0xFFFFFFFF, 4, "file c.txt takes zip64"},
      {2, 24, 2000000, 4, "file c.txt claims 2000000 bytes, the limit is 1048576"},
      {1, 0, 0, 4, "entry 2 of its zip directory is cut"},
      {MEMBERS, 10, 0xFFFF, 2, "is a zip64 archive (over 4 GiB or 65535 members)"},
      {MEMBERS, 16, 0xFFFFFFFF, 4, "is a zip64 archive"},
      {MEMBERS, 4, 1, 2, "is a part of a zip archive in several parts"},
      {MEMBERS, 10, 101, 2, "holds 101 files in a directory of"},
      {MEMBERS, 16, 5000, 4, "its zip directory lies at byte 5000"},
      {MEMBERS, 0, 0, 4, "it has no zip directory"},
  };
  for (size_t i = 0; i < sizeof lies / sizeof *lies; i++) {
    archive a = make_archive();
    put_number(&a, (lies[i].entry == MEMBERS ? a.end : a.entries[lies[i].entry]) + lies[i].at,
               lies[i].value, lies[i].width);
    check_refused(&a, lies[i].part);
  }
}

static void members_that_overlap_are_refused(void **state)
{
  (void)state;
  archive a = make_archive();
  memcpy(a.bytes + a.entries[1] + 10, a.bytes + a.entries[2] + 10, 36); // the second is the third
  check_refused(&a, "files b.txt and c.txt overlap");
  a = make_archive();
  put_number(&a, a.entries[0] + 20, 700, 4); // and the first longer than it is
  put_number(&a, a.entries[0] + 24, 700, 4);
  check_refused(&a, "files a.txt and b.txt overlap");
}

static void bombs_are_refused(void **state)
{
  (void)state;
#ifdef TT1_HAVE_ZLIB
  const tt1__zip_limits limits = {"file", 1000, 1 << 30};
  size_t length = 1 << 20;
  void *zeros = calloc(length, 1);
  assert_non_null(zeros);
  tt1__zip_writer w = {0};
  for (int i = 0; i < 100; i++)
    add(&w, "zeros", zeros, length);
  assert_int_equal(tt1__zip_finish(&w, NULL), TT1_OK);
  tt1__file file = {(unsigned char *)w.body.bytes, w.body.length, 0};
  tt1__zip zip;
  tt1_error err = {0};
  assert_int_equal(tt1__zip_open(&zip, &file, "x.zip", &limits, &err), TT1_BAD_FILE);
  check_sentence(&err, TT1_BAD_FILE,
                 "would unpack to 104857600 bytes, more than 100 times its own");
  tt1__zip_close(&zip);
  tt1__zip_free(&w);
  free(zeros);
#else
  skip();
#endif
}

static void cuts_and_flips_do_no_harm(void **state)
{
  (void)state;
  archive good = make_archive();
  tt1_error err = {0};
  assert_int_equal(read_archive(good.bytes, good.length, &err), TT1_OK);
  for (size_t length = 0; length < good.length; length++)
    assert_int_equal(read_archive(good.bytes, length, &err), TT1_BAD_FILE);
  for (size_t at = 0; at < good.length; at++) {
    archive a = good;
    a.bytes[at] ^= 0x5A;
    if (read_archive(a.bytes, a.length, &err) != TT1_OK) assert_true(err.message[0] != '\0');
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(archives_are_read_as_folders),
      cmocka_unit_test(archives_in_folders_are_counted),
      cmocka_unit_test(bad_members_are_named),
      cmocka_unit_test(memory_may_fail),
      cmocka_unit_test(directories_that_lie_are_refused),
      cmocka_unit_test(members_that_overlap_are_refused),
      cmocka_unit_test(bombs_are_refused),
      cmocka_unit_test(cuts_and_flips_do_no_harm),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
