/* SPDX-License-Identifier: MIT
 * The output folder: all files of a run appear together, or none does.
 *
 * Files are written into a hidden staging folder on the same file system. If
 * the output folder does not exist yet, the staging folder lies beside it and
 * becomes it by one rename. If it exists, the staging folder lies inside it,
 * and the commit renames file by file: replaced files are moved there first and kept
 * until all are in place, so that a failure puts them back. tt1_folder_abandon() may run in a
 * signal handler: it uses unlink, rename, mkdir and rmdir on paths that were laid
 * down before, and an interrupted commit is carried to its end, not undone. */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"
#include "file/file.h"

enum { MAX_FILES = 4096, MAX_SUBFOLDERS = 256, MAX_NAME = 600, MAX_TRIES = 1000 };

typedef enum folder_state { WRITING = 0, COMMITTING, COMMITTED, ABANDONED } folder_state;

typedef struct entry {
  char *staged, *final, *backup;
  int is_removal;       /* nothing is staged: `final` goes */
  atomic_int was_there; /* `final` was moved to `backup` */
  atomic_int is_moved;  /* `staged` was moved to `final` */
} entry;

typedef struct subfolder {
  char *staged, *final;
  atomic_int is_made; /* by the commit */
} subfolder;

/* What the disk calls a file, whatever its path. */
typedef struct identity {
  dev_t device;
  ino_t inode;
} identity;

struct tt1_folder {
  char *final;   /* the folder asked for */
  char *staging; /* where files are until the commit */
  int is_new;    /* `staging` becomes `final` */
  identity *protected;
  size_t n_protected, room_protected;
  atomic_int state;
  atomic_int n_entries; /* entries below it are complete and never change their texts */
  entry entries[MAX_FILES];
  atomic_int n_subfolders; /* the same */
  subfolder subfolders[MAX_SUBFOLDERS];
};

/* ---- What a signal handler may call ---- */

// Empty by now; 0 if not, with errno.
static int remove_staging(tt1_folder *folder)
{
  for (int i = atomic_load(&folder->n_subfolders) - 1; i >= 0; i--)
    rmdir(folder->subfolders[i].staged);
  return rmdir(folder->staging) == 0;
}

static void remove_staged(tt1_folder *folder)
{
  // Another thread may be just making a file: try again until the folder is gone.
  for (int attempt = 0; attempt < 3; attempt++) {
    for (int i = 0; i < atomic_load(&folder->n_entries); i++)
      unlink(folder->entries[i].staged);
    if (remove_staging(folder) || errno != ENOTEMPTY) return;
  }
}

static void remove_backups(tt1_folder *folder)
{
  for (int i = 0; i < atomic_load(&folder->n_entries); i++)
    unlink(folder->entries[i].backup);
  remove_staging(folder);
  // Only those that a removal has emptied are empty.
  for (int i = atomic_load(&folder->n_subfolders) - 1; i >= 0; i--)
    rmdir(folder->subfolders[i].final);
}

static void roll_forward(tt1_folder *folder)
{
  for (int i = 0; i < atomic_load(&folder->n_subfolders); i++)
    mkdir(folder->subfolders[i].final, 0777);
  for (int i = 0; i < atomic_load(&folder->n_entries); i++) {
    entry *e = &folder->entries[i];
    if (e->is_removal)
      rename(e->final, e->backup);
    else
      rename(e->staged, e->final);
  }
  remove_backups(folder);
}

void tt1_folder_abandon(tt1_folder *folder)
{
  if (!folder) return;
  int kept_errno = errno;
  int state = atomic_load(&folder->state);
  if (state == COMMITTING && !folder->is_new) {
    roll_forward(folder);
  } else if (state != COMMITTED) {
    atomic_store(&folder->state, ABANDONED);
    remove_staged(folder);
  }
  errno = kept_errno;
}

/* ---- Opening ---- */

static char *copy_without_slashes(const char *path)
{
  char *copy = tt1__copy_text(path);
  if (!copy) return NULL;
  size_t length = strlen(copy);
  while (length > 1 && copy[length - 1] == '/')
    copy[--length] = '\0';
  return copy;
}

// The name of staging folder number `attempt`: inside an old folder, beside a new one.
static char *staging_name(const tt1_folder *folder, int attempt)
{
  tt1__text text = {0};
  const char *base = tt1__base_name(folder->final);
  if (folder->is_new) {
    tt1__text_add_bytes(&text, folder->final, (size_t)(base - folder->final));
    tt1__text_add(&text, ".%s.", base);
  } else {
    tt1__text_add(&text, "%s/.", folder->final);
  }
  tt1__text_add(&text, "torcht1-%ld-%d", (long)getpid(), attempt);
  return tt1__text_take(&text);
}

static tt1_status make_staging(tt1_folder *folder, tt1_error *err)
{
  char reason[128];
  for (int attempt = 0; attempt < MAX_TRIES; attempt++) {
    char *name = staging_name(folder, attempt);
    if (!name) return tt1__no_memory(err);
    if (mkdir(name, 0777) == 0) {
      folder->staging = name;
      return TT1_OK;
    }
    tt1__free(name);
    if (errno != EEXIST) break;
  }
  return tt1__error_set(err, TT1_IO,
                        folder->is_new ? "the output folder %s cannot be made: %s"
                                       : "the output folder %s cannot be written to: %s",
                        folder->final, tt1__reason(errno, reason));
}

static tt1_status look_at(tt1_folder *folder, tt1_error *err)
{
  char reason[128];
  struct stat state;
  if (stat(folder->final, &state) == 0) {
    if (S_ISDIR(state.st_mode)) return TT1_OK;
    return tt1__error_set(err, TT1_IO,
                          "the output folder %s cannot be made: a file of that name "
                          "is there",
                          folder->final);
  }
  folder->is_new = errno == ENOENT;
  if (folder->is_new) return TT1_OK;
  return tt1__error_set(err, TT1_IO, "the output folder %s cannot be made: %s", folder->final,
                        tt1__reason(errno, reason));
}

tt1_status tt1_folder_open(tt1_folder **out, const char *path, tt1_error *err)
{
  if (!path || !*path)
    return tt1__error_set(err, TT1_BAD_ARGUMENT, "the output folder has no name");
  tt1_folder *folder = tt1__allocate(1, sizeof *folder);
  if (!folder) return tt1__no_memory(err);
  folder->final = copy_without_slashes(path);
  tt1_status status = folder->final ? look_at(folder, err) : tt1__no_memory(err);
  if (status == TT1_OK) status = make_staging(folder, err);
  if (status == TT1_OK)
    *out = folder;
  else
    tt1_folder_free(folder);
  return status;
}

void tt1_folder_free(tt1_folder *folder)
{
  if (!folder) return;
  if (folder->staging && atomic_load(&folder->state) != COMMITTED) remove_staged(folder);
  for (int i = 0; i < MAX_FILES; i++) {
    tt1__free(folder->entries[i].staged);
    tt1__free(folder->entries[i].final);
    tt1__free(folder->entries[i].backup);
  }
  for (int i = 0; i < MAX_SUBFOLDERS; i++) {
    tt1__free(folder->subfolders[i].staged);
    tt1__free(folder->subfolders[i].final);
  }
  tt1__free(folder->protected);
  tt1__free(folder->final);
  tt1__free(folder->staging);
  tt1__free(folder);
}

/* ---- What must stay ---- */

tt1_status tt1_folder_protect(tt1_folder *folder, const char *path, tt1_error *err)
{
  struct stat state;
  if (stat(path, &state) != 0) return TT1_OK;
  if (folder->n_protected == folder->room_protected) {
    size_t room = 2 * folder->room_protected + 16;
    identity *grown = tt1__allocate(room, sizeof *grown);
    if (!grown) return tt1__no_memory(err);
    if (folder->n_protected) memcpy(grown, folder->protected, folder->n_protected * sizeof *grown);
    tt1__free(folder->protected);
    folder->protected = grown;
    folder->room_protected = room;
  }
  folder->protected[folder->n_protected++] = (identity){state.st_dev, state.st_ino};
  return TT1_OK;
}

static tt1_status check_protected(const tt1_folder *folder, const char *path, tt1_error *err)
{
  struct stat state;
  if (folder->n_protected == 0 || stat(path, &state) != 0) return TT1_OK;
  for (size_t i = 0; i < folder->n_protected; i++)
    if (folder->protected[i].inode == state.st_ino && folder->protected[i].device == state.st_dev)
      return tt1__error_set(err, TT1_BAD_ARGUMENT,
                            "%s cannot be replaced: it is an input of the same command; choose "
                            "another output",
                            path);
  return TT1_OK;
}

/* ---- Writing ---- */

// Where in `name` the file's own name begins: 0, or behind the slash of "subfolder/file".
static size_t own_name(const char *name)
{
  return (size_t)(tt1__base_name(name) - name);
}

// "folder/name", with `mark` before the file's own name.
static char *join(const char *folder, const char *name, const char *mark)
{
  tt1__text text = {0};
  size_t own = own_name(name);
  tt1__text_add(&text, "%s/", folder);
  tt1__text_add_bytes(&text, name, own);
  tt1__text_add(&text, "%s%s", mark, name + own);
  return tt1__text_take(&text);
}

// name = part {"/" part} | ".bidsignore"; a part does not begin with a dot
static int is_name(const char *name)
{
  if (strcmp(name, ".bidsignore") == 0) return 1;
  for (const char *part = name;; part++) {
    if (!*part || *part == '.' || *part == '/') return 0;
    part += strcspn(part, "/");
    if (!*part) return strlen(name) <= MAX_NAME;
  }
}

static tt1_status check_name(const tt1_folder *folder, const char *name, tt1_error *err)
{
  if (!is_name(name))
    return tt1__error_set(err, TT1_BAD_ARGUMENT,
                          "\"%.40s\" cannot be the name of a file in the output folder", name);
  int state = atomic_load(&folder->state), n_entries = atomic_load(&folder->n_entries);
  if (state != WRITING)
    return tt1__error_set(err, TT1_BAD_ARGUMENT,
                          "%s cannot be written: the output folder was committed or abandoned",
                          name);
  if (n_entries == MAX_FILES)
    return tt1__error_set(err, TT1_BAD_ARGUMENT, "%s cannot be written: %d files are the limit",
                          name, MAX_FILES);
  size_t stem = strlen(folder->final) + 1;
  for (int i = 0; i < n_entries; i++)
    if (strcmp(folder->entries[i].final + stem, name) == 0)
      return tt1__error_set(err, TT1_BAD_ARGUMENT, "%s is written twice", name);
  return TT1_OK;
}

static tt1_status make_staged(const subfolder *sub, tt1_error *err)
{
  char reason[128];
  struct stat state;
  if (stat(sub->final, &state) == 0 && !S_ISDIR(state.st_mode))
    return tt1__error_set(err, TT1_IO, "the folder %s cannot be made: a file of that name is there",
                          sub->final);
  if (mkdir(sub->staged, 0777) == 0) return TT1_OK;
  return tt1__error_set(err, TT1_IO, "the folder %s cannot be made: %s", sub->final,
                        tt1__reason(errno, reason));
}

// Make the staged subfolder `part` if it is new.
static tt1_status add_subfolder(tt1_folder *folder, const char *part, tt1_error *err)
{
  size_t stem = strlen(folder->final) + 1;
  int count = atomic_load(&folder->n_subfolders);
  for (int i = 0; i < count; i++)
    if (strcmp(folder->subfolders[i].final + stem, part) == 0) return TT1_OK;
  if (count == MAX_SUBFOLDERS)
    return tt1__error_set(err, TT1_BAD_ARGUMENT, "%s cannot be written: %d folders are the limit",
                          part, MAX_SUBFOLDERS);
  subfolder *sub = &folder->subfolders[count];
  sub->staged = join(folder->staging, part, "");
  sub->final = join(folder->final, part, "");
  int has_names = sub->staged && sub->final;
  // Known before it is made, so that an interrupt between leaves nothing behind.
  if (has_names) atomic_store(&folder->n_subfolders, count + 1);
  tt1_status status = has_names ? make_staged(sub, err) : tt1__no_memory(err);
  if (status == TT1_OK) return TT1_OK;
  atomic_store(&folder->n_subfolders, count);
  tt1__free(sub->staged);
  tt1__free(sub->final);
  sub->staged = sub->final = NULL;
  return status;
}

// The folders that file `name` lies in, the outer ones first.
static tt1_status add_subfolders(tt1_folder *folder, const char *name, tt1_error *err)
{
  char part[MAX_NAME + 1];
  tt1_status status = TT1_OK;
  for (size_t i = 0; name[i] && status == TT1_OK; i++) {
    if (name[i] == '/') {
      part[i] = '\0';
      status = add_subfolder(folder, part, err);
    }
    part[i] = name[i];
  }
  return status;
}

static tt1_status add_entry(tt1_folder *folder, const char *name, int is_removal, tt1_error *err)
{
  struct stat state;
  int index = atomic_load(&folder->n_entries);
  entry *e = &folder->entries[index];
  e->is_removal = is_removal;
  e->staged = join(folder->staging, name, "");
  e->final = join(folder->final, name, "");
  e->backup = join(folder->staging, name, ".");
  tt1_status status = TT1_OK;
  if (!e->staged || !e->final || !e->backup)
    status = tt1__no_memory(err);
  else if (lstat(e->final, &state) == 0 && S_ISDIR(state.st_mode))
    status = tt1__error_set(err, TT1_IO, "%s cannot be written: a folder of that name is there",
                            e->final);
  else
    status = check_protected(folder, e->final, err);
  if (status == TT1_OK) {
    atomic_store(&folder->n_entries, index + 1);
    return TT1_OK;
  }
  tt1__free(e->staged);
  tt1__free(e->final);
  tt1__free(e->backup);
  e->staged = e->final = e->backup = NULL;
  return status;
}

static int write_all(int descriptor, const unsigned char *bytes, size_t length)
{
  while (length > 0) {
    ssize_t done = write(descriptor, bytes, length);
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) return 0;
    bytes += done;
    length -= (size_t)done;
  }
  return 1;
}

// Some file systems report a full disk only by fsync or close.
static int write_file(const char *path, const void *bytes, size_t length)
{
  int descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (descriptor < 0) return 0;
  int is_good = write_all(descriptor, bytes, length) && fsync(descriptor) == 0;
  int code = errno;
  if (close(descriptor) != 0 && is_good) return 0;
  errno = code;
  return is_good;
}

static tt1_status claim(const entry **out, tt1_folder *folder, const char *name, tt1_error *err)
{
  tt1_status status = check_name(folder, name, err);
  if (status == TT1_OK) status = add_subfolders(folder, name, err);
  if (status == TT1_OK) status = add_entry(folder, name, 0, err);
  if (status == TT1_OK) *out = &folder->entries[atomic_load(&folder->n_entries) - 1];
  return status;
}

tt1_status tt1_folder_write(tt1_folder *folder, const char *name, const void *bytes, size_t length,
                            tt1_error *err)
{
  char reason[128];
  const entry *e = NULL;
  tt1_status status = claim(&e, folder, name, err);
  if (status != TT1_OK || write_file(e->staged, bytes, length)) return status;
  return tt1__error_set(err, TT1_IO, "%s cannot be written: %s", e->final,
                        tt1__reason(errno, reason));
}

tt1_status tt1__folder_claim(const char **path, tt1_folder *folder, const char *name,
                             tt1_error *err)
{
  const entry *e = NULL;
  tt1_status status = claim(&e, folder, name, err);
  if (status == TT1_OK) *path = e->staged;
  return status;
}

tt1_status tt1__folder_flush(const char *path, tt1_error *err)
{
  char reason[128];
  int descriptor = open(path, O_RDONLY | O_CLOEXEC);
  int is_good = descriptor >= 0 && fsync(descriptor) == 0;
  int code = errno;
  if (descriptor >= 0) close(descriptor);
  if (is_good) return TT1_OK;
  return tt1__error_set(err, TT1_IO, "%s cannot be written: %s", path, tt1__reason(code, reason));
}

/* ---- What is there, and what goes ---- */

const char *tt1__folder_path(const tt1_folder *folder)
{
  return folder->final;
}

const char *tt1_folder_file(const tt1_folder *folder, int index)
{
  for (int i = 0; i < atomic_load(&folder->n_entries); i++)
    if (!folder->entries[i].is_removal && index-- == 0)
      return folder->entries[i].final + strlen(folder->final) + 1;
  return NULL;
}

static int is_added(const tt1_folder *folder, const char *name)
{
  size_t stem = strlen(folder->final) + 1;
  for (int i = 0; i < atomic_load(&folder->n_entries); i++)
    if (strcmp(folder->entries[i].final + stem, name) == 0) return 1;
  return 0;
}

tt1_status tt1_folder_remove(tt1_folder *folder, const char *name, tt1_error *err)
{
  struct stat state;
  if (is_name(name) && is_added(folder, name)) return TT1_OK;
  tt1_status status = check_name(folder, name, err);
  if (status != TT1_OK) return status;
  char *path = join(folder->final, name, "");
  if (!path) return tt1__no_memory(err);
  int is_there = lstat(path, &state) == 0 && !S_ISDIR(state.st_mode);
  tt1__free(path);
  if (!is_there) return TT1_OK;
  status = add_subfolders(folder, name, err);
  return status == TT1_OK ? add_entry(folder, name, 1, err) : status;
}

/* ---- The commit ---- */

// Put a folder's list of files on the disk; file systems that cannot do so lose nothing.
static void flush_folder(const char *path)
{
  int descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;
  (void)fsync(descriptor);
  close(descriptor);
}

static void roll_back(tt1_folder *folder)
{
  for (int i = atomic_load(&folder->n_entries) - 1; i >= 0; i--) {
    entry *e = &folder->entries[i];
    if (atomic_load(&e->is_moved)) unlink(e->final);
    if (atomic_load(&e->was_there)) rename(e->backup, e->final);
  }
  for (int i = atomic_load(&folder->n_subfolders) - 1; i >= 0; i--)
    if (atomic_load(&folder->subfolders[i].is_made)) rmdir(folder->subfolders[i].final);
}

static int make_final(subfolder *sub)
{
  if (mkdir(sub->final, 0777) == 0)
    atomic_store(&sub->is_made, 1);
  else if (errno != EEXIST)
    return 0;
  return 1;
}

static int move_away(entry *e)
{
  if (rename(e->final, e->backup) == 0)
    atomic_store(&e->was_there, 1);
  else if (errno != ENOENT)
    return 0;
  return 1;
}

static int move_in(entry *e)
{
  if (rename(e->staged, e->final) != 0) return 0;
  atomic_store(&e->is_moved, 1);
  return 1;
}

static tt1_status undo(tt1_folder *folder, const char *path, int code, tt1_error *err)
{
  char reason[128];
  roll_back(folder);
  return tt1__error_set(err, TT1_IO, "%s cannot be written: %s", path, tt1__reason(code, reason));
}

static tt1_status commit_files(tt1_folder *folder, tt1_error *err)
{
  int n_subfolders = atomic_load(&folder->n_subfolders);
  int n_entries = atomic_load(&folder->n_entries);
  for (int i = 0; i < n_subfolders; i++)
    if (!make_final(&folder->subfolders[i]))
      return undo(folder, folder->subfolders[i].final, errno, err);
  // The last file goes first and comes last: where it is, so are the others, even after a crash.
  for (int i = n_entries - 1; i >= 0; i--)
    if (!move_away(&folder->entries[i])) return undo(folder, folder->entries[i].final, errno, err);
  for (int i = 0; i < n_entries; i++)
    if (!folder->entries[i].is_removal && !move_in(&folder->entries[i]))
      return undo(folder, folder->entries[i].final, errno, err);
  remove_backups(folder);
  for (int i = 0; i < n_subfolders; i++)
    flush_folder(folder->subfolders[i].final);
  flush_folder(folder->final);
  return TT1_OK;
}

static tt1_status commit_new(tt1_folder *folder, tt1_error *err)
{
  char reason[128];
  for (int i = 0; i < atomic_load(&folder->n_subfolders); i++)
    flush_folder(folder->subfolders[i].staged);
  flush_folder(folder->staging);
  if (rename(folder->staging, folder->final) == 0) return TT1_OK;
  return tt1__error_set(err, TT1_IO, "the output folder %s cannot be made: %s", folder->final,
                        tt1__reason(errno, reason));
}

tt1_status tt1_folder_commit(tt1_folder *folder, tt1_error *err)
{
  int expected = WRITING;
  if (!atomic_compare_exchange_strong(&folder->state, &expected, COMMITTING))
    return tt1__error_set(err, TT1_BAD_ARGUMENT,
                          "the output folder %s was committed or abandoned before", folder->final);
  tt1_status status = folder->is_new ? commit_new(folder, err) : commit_files(folder, err);
  atomic_store(&folder->state, status == TT1_OK ? COMMITTED : ABANDONED);
  return status;
}
