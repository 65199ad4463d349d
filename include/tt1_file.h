/* SPDX-License-Identifier: MIT
 *
 * The output folder: files that appear together or not at all. The
 * contract of torcht1.h (units, layout, errors, ownership, threads) holds here too.
 */
#ifndef TT1_FILE_H
#define TT1_FILE_H

#include <stddef.h>

#include "torcht1.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Files that appear together: all of them, or none. */
typedef struct tt1_folder tt1_folder;

/**
 * Begin to write into folder `path`. Files are written to a hidden place on the same file system and
 * moved by tt1_folder_commit(); a folder that does not exist appears only then, in one step, and
 * files that are replaced stay until then. tt1_folder_free() without a commit leaves nothing behind.
 * The folder above `path` must exist. TT1_IO with the reason if it cannot be written.
 */
TT1_API tt1_status tt1_folder_open(tt1_folder **out, const char *path, tt1_error *err);
TT1_API tt1_status tt1_folder_commit(tt1_folder *folder, tt1_error *err);
TT1_API void tt1_folder_free(tt1_folder *folder); /**< Accepts NULL. */
/** Remove the unfinished files of `folder`, or finish a commit that is half done; may be called
    from a signal handler. Only tt1_folder_free() may follow. */
TT1_API void tt1_folder_abandon(tt1_folder *folder);

/** Add file `name`, or `subfolder/name` at any depth, with these bytes; at most 4096 files and 256
    subfolders. No part of a name may begin with a dot, but `.bidsignore` may be written. Where an old
    folder is written to, the file added last is the first old one to go and the last new one to
    come: if it is there, all are, even after a crash. */
TT1_API tt1_status tt1_folder_write(tt1_folder *folder, const char *name, const void *bytes,
                                    size_t length, tt1_error *err);

/** Refuse from now on, with TT1_BAD_ARGUMENT, to replace or remove the file `path`, under whatever name:
    what a fit reads must outlive it. A path that leads nowhere is no file. TT1_NO_MEMORY. */
TT1_API tt1_status tt1_folder_protect(tt1_folder *folder, const char *path, tt1_error *err);
/** Remove the old file `name` with the commit, and the subfolders that are empty without it. What is not
    there or was added before stays as it is. Counts as a file of tt1_folder_write(). */
TT1_API tt1_status tt1_folder_remove(tt1_folder *folder, const char *name, tt1_error *err);
/** Name of the file that was added as number `index`, from 0; NULL past the last. Borrowed. */
TT1_API const char *tt1_folder_file(const tt1_folder *folder, int index);

/** A variable of a MATLAB file: numbers, a text, or a structure of others. */
typedef struct tt1_variable {
  const char *name; /**< a letter, then letters, digits and underscores, at most 63 characters */
  tt1_type type;    /**< of the numbers: single, double or uint8 in MATLAB */
  const void *data; /**< the first index runs fastest, as in all images here and in MATLAB */
  int64_t size[3];
  const char *text;                  /**< in place of numbers; NULL: none */
  const struct tt1_variable *fields; /**< [n_fields] in place of both */
  int n_fields;
} tt1_variable;

/**
 * Add a MATLAB file of level 5, compressed, that every MATLAB, Octave and SciPy reads. It holds no
 * time stamp: equal variables are equal files.
 *
 * @return TT1_NO_DEVICE if matio cannot be loaded, TT1_BAD_ARGUMENT, TT1_IO, TT1_NO_MEMORY
 */
TT1_API tt1_status tt1_folder_write_mat(tt1_folder *folder, const char *name,
                                        const tt1_variable *variables, int n_variables,
                                        tt1_error *err);
/** Whether MATLAB files can be written here; `why` (may be NULL) receives the reason if not. */
TT1_API int tt1_mat_available(const char **why);

#ifdef __cplusplus
}
#endif
#endif /* TT1_FILE_H */
