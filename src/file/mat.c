/* SPDX-License-Identifier: MIT
 * MATLAB files (level 5) through matio, opened when one is written and not before: linked, it would
 * bring HDF5, curl and LDAP into every start of every program. The declarations are those of
 * matio 1.5 (libmatio.so.11). */
#include <dlfcn.h>
#include <errno.h>
#include <string.h>

#include "base/error.h"
#include "base/library.h"
#include "file/file.h"
#include "file/gzip.h"

typedef struct matrix matrix;   /* matvar_t */
typedef struct archive archive; /* mat_t */

enum { LEVEL_5 = 0x0100, DEFLATED = 1, BORROWED = 1 };
enum { CLASS_TEXT = 4, CLASS_DOUBLE = 6, CLASS_SINGLE = 7, CLASS_UINT8 = 9 };
enum { TYPE_UINT8 = 2, TYPE_SINGLE = 7, TYPE_DOUBLE = 9, TYPE_UTF8 = 16 };
enum { MAX_DEPTH = 4, MAX_NAME = 63 };

typedef struct matio {
  archive *(*create)(const char *path, const char *header, int version);
  int (*close)(archive *file);
  matrix *(*make)(const char *name, int class, int type, int rank, size_t *sizes, void *data,
                  int options);
  matrix *(*make_structure)(const char *name, int rank, size_t *sizes, const char **fields,
                            unsigned count);
  int (*add_field)(matrix *structure, const char *field);
  matrix *(*set_field)(matrix *structure, const char *field, size_t index, matrix *value);
  int (*write)(archive *file, matrix *value, int compression);
  void (*free)(matrix *value);
} matio;

static tt1_status open_matio(void **handle, matio *calls, tt1_error *err)
{
  static const char *const FILES[] = {"libmatio.so.11", NULL};
  static const char *const NAMES[] = {"Mat_CreateVer",
                                      "Mat_Close",
                                      "Mat_VarCreate",
                                      "Mat_VarCreateStruct",
                                      "Mat_VarAddStructField",
                                      "Mat_VarSetStructFieldByName",
                                      "Mat_VarWrite",
                                      "Mat_VarFree",
                                      NULL};
  tt1_error why = {0};
  if (tt1__library_open(handle, FILES, NAMES, calls, &why) == TT1_OK) return TT1_OK;
  return tt1__error_set(err, TT1_NO_DEVICE, "MATLAB files need matio (Debian: libmatio11): %.160s",
                        why.message);
}

/* ---- Variables ---- */

// As MATLAB takes it: letter { letter | digit | "_" }
static int is_name(const char *name)
{
  static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  if (!name || !*name || !strchr(letters, *name)) return 0;
  size_t length = strlen(name);
  for (size_t i = 0; i < length; i++)
    if (!strchr(letters, name[i]) && !strchr("0123456789_", name[i])) return 0;
  return length <= MAX_NAME;
}

static size_t size_of(tt1_type type)
{
  return type == TT1_FLOAT64 ? sizeof(double) : type == TT1_FLOAT32 ? sizeof(float) : 1;
}

static int is_small(const tt1_variable *v)
{
  const int64_t limit =
      INT64_C(2000000000) / (int64_t)size_of(v->type); // the format counts to 2^32
  int64_t count = 1;
  for (int i = 0; i < 3; i++) {
    if (v->size[i] < 1 || v->size[i] > limit / count) return 0;
    count *= v->size[i];
  }
  return 1;
}

static tt1_status check(const tt1_variable *v, int depth, tt1_error *err)
{
  if (!is_name(v->name))
    return tt1__error_set(err, TT1_BAD_ARGUMENT, "\"%.40s\" cannot be the name of a variable",
                          v->name ? v->name : "");
  if (v->n_fields > 0 && depth == MAX_DEPTH)
    return tt1__error_set(err, TT1_BAD_ARGUMENT, "%s: structures are nested more than %d deep",
                          v->name, MAX_DEPTH);
  if (!v->n_fields && !v->text && (!v->data || !is_small(v)))
    return tt1__error_set(err, TT1_BAD_ARGUMENT,
                          "%s has no numbers, or more than the 2 GB that a MATLAB file takes",
                          v->name);
  tt1_status status = TT1_OK;
  for (int i = 0; i < v->n_fields && status == TT1_OK; i++)
    status = check(&v->fields[i], depth + 1, err);
  return status;
}

// matio takes what it only reads as if it wrote there.
static void *unconst(const void *data)
{
  void *same;
  memcpy(&same, &data, sizeof same);
  return same;
}

static matrix *make_numbers(const matio *m, const tt1_variable *v)
{
  static const int classes[] = {CLASS_SINGLE, CLASS_DOUBLE, CLASS_UINT8};
  static const int types[] = {TYPE_SINGLE, TYPE_DOUBLE, TYPE_UINT8};
  size_t sizes[3];
  for (int i = 0; i < 3; i++)
    sizes[i] = (size_t)v->size[i];
  int rank = sizes[2] > 1 ? 3 : 2;
  return m->make(v->name, classes[v->type], types[v->type], rank, sizes, unconst(v->data),
                 BORROWED);
}

static matrix *make_variable(const matio *m, const tt1_variable *v);

static matrix *make_structure(const matio *m, const tt1_variable *v)
{
  size_t one[] = {1, 1};
  matrix *structure = m->make_structure(v->name, 2, one, NULL, 0);
  for (int i = 0; i < v->n_fields && structure; i++) {
    matrix *field = make_variable(m, &v->fields[i]);
    if (field && m->add_field(structure, v->fields[i].name) == 0) {
      m->set_field(structure, v->fields[i].name, 0, field);
      continue;
    }
    m->free(field);
    m->free(structure);
    structure = NULL;
  }
  return structure;
}

static matrix *make_text(const matio *m, const tt1_variable *v)
{
  size_t length = strlen(v->text), sizes[] = {length > 0, length};
  return m->make(v->name, CLASS_TEXT, TYPE_UTF8, 2, sizes, unconst(v->text), BORROWED);
}

static matrix *make_variable(const matio *m, const tt1_variable *v)
{
  if (v->n_fields > 0) return make_structure(m, v);
  return v->text ? make_text(m, v) : make_numbers(m, v);
}

/* ---- Files ---- */

static int write_variables(const matio *m, archive *file, const tt1_variable *variables, int count)
{
  int is_good = 1;
  for (int i = 0; i < count && is_good; i++) {
    matrix *variable = make_variable(m, &variables[i]);
    is_good = variable && m->write(file, variable, DEFLATED) == 0;
    m->free(variable); // accepts NULL
  }
  return is_good;
}

// matio does not look whether what it writes arrives, and a full disk shows only here: the file is a
// header and `count` compressed elements, each with a checksum.
static int is_complete(const char *path, int count)
{
  enum { HEADER = 128, TAG = 8 };
  tt1__file file;
  size_t at = HEADER;
  int n_whole = 0;
  if (tt1__file_read(&file, path, SIZE_MAX, NULL) != TT1_OK) return 0;
  while (at + TAG <= file.length) {
    uint32_t length; // in the byte order of this machine, as the header says
    memcpy(&length, file.bytes + at + 4, sizeof length);
    at += TAG;
    if (length > file.length - at || !tt1__zlib_is_whole(file.bytes + at, length)) break;
    at += length;
    n_whole++;
  }
  int is_whole = at == file.length && n_whole == count;
  tt1__file_free(&file);
  return is_whole;
}

static int write_archive(const matio *m, const char *path, const tt1_variable *variables, int count)
{
  // Its own header would hold the time of day.
  archive *file = m->create(path, "MATLAB 5.0 MAT-file, written by torcht1", LEVEL_5);
  if (!file) return 0;
  int is_good = write_variables(m, file, variables, count);
  return m->close(file) == 0 && is_good && is_complete(path, count);
}

tt1_status tt1_folder_write_mat(tt1_folder *folder, const char *name, const tt1_variable *variables,
                                int n_variables, tt1_error *err)
{
  matio m;
  void *library = NULL;
  char reason[128];
  const char *path = NULL;
  tt1_status status = TT1_OK;
  for (int i = 0; i < n_variables && status == TT1_OK; i++)
    status = check(&variables[i], 0, err);
  if (status == TT1_OK) status = open_matio(&library, &m, err);
  if (status != TT1_OK) return status;
  status = tt1__folder_claim(&path, folder, name, err);
  errno = 0;
  if (status == TT1_OK && !write_archive(&m, path, variables, n_variables))
    status = tt1__error_set(err, TT1_IO, "%s cannot be written: %s", name,
                            errno ? tt1__reason(errno, reason) : "it came out incomplete");
  if (status == TT1_OK) status = tt1__folder_flush(path, err);
  dlclose(library);
  return status;
}

int tt1_mat_available(const char **why)
{
  static const char absent[] = "matio (libmatio.so.11) cannot be loaded";
  matio m;
  void *library = NULL;
  int is_there = open_matio(&library, &m, NULL) == TT1_OK;
  if (why) *why = is_there ? NULL : absent;
  if (is_there) dlclose(library);
  return is_there;
}
