/* SPDX-License-Identifier: MIT
 * The derivative dataset that maps of a dataset are written into: where it may lie, and its
 * dataset_description.json, README and .bidsignore. Several processes may do this at once: they
 * write the same bytes. */
#define _XOPEN_SOURCE 700 // for realpath(); NOLINT(bugprone-reserved-identifier,cert-dcl51-cpp)
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "file/file.h"
#include "mapping/dataset.h"

enum { PATH_SIZE = PATH_MAX + NAME_MAX + 2, LINK_SIZE = 5 * PATH_SIZE };

static const char readme[] =
    "# Maps by torcht1\n"
    "\n"
    "Quantitative maps that torcht1 fitted to the images of the source dataset; see\n"
    "dataset_description.json. Times are in seconds. Not for diagnosis.\n"
    "\n"
    "- sub-*/[ses-*/]anat/*_T1map.nii.gz and the like: maps with a suffix in BIDS.\n"
    "- *_mod-<suffix>_desc-<map>_fit.nii.gz: what else was fitted to the images of that suffix:\n"
    "  other parameters, standard deviations (SD), rsquared, rmse, and outcome, which says why a\n"
    "  voxel has no number.\n"
    "- *_torcht1.json: model, options, input files with checksums, and results of one series.\n"
    "- torcht1.tsv, sub-*/sub-*_torcht1.tsv: what became of each series.\n"
    "- figures/: pictures of the maps.\n"
    "\n"
    "What is not named in BIDS is listed in .bidsignore.\n";

static const char ignored[] = "# What torcht1 writes beyond BIDS\n"
                              "*_fit.*\n"
                              "*_torcht1.*\n"
                              "torcht1.tsv\n"
                              "figures/\n"
                              "dicom/\n";

/* How the name of a dataset of maps begins: the truth of a simulation is by torcht1, too. */
static const char own_name[] = "torcht1 maps of ";

/* ---- Where it may lie ---- */

static void copy_without_slashes(char path[PATH_SIZE], const char *folder)
{
  snprintf(path, PATH_SIZE, "%s", folder);
  for (size_t end = strlen(path); end > 1 && path[end - 1] == '/';)
    path[--end] = '\0';
}

/* The real path of a folder that may be still to be made, in one that is there. */
static tt1_status resolve(char path[PATH_SIZE], const char *folder, tt1_error *err)
{
  char given[PATH_SIZE], real[PATH_MAX];
  copy_without_slashes(given, folder);
  char *own = given + (tt1__base_name(given) - given);
  if (realpath(given, real)) {
    snprintf(path, PATH_SIZE, "%s", strcmp(real, "/") == 0 ? "" : real);
    return TT1_OK;
  }
  const char *parent = own > given ? given : ".";
  if (own > given) own[-1] = '\0';
  if (errno != ENOENT || !realpath(*parent ? parent : "/", real))
    return tt1__error_set(err, TT1_IO, "the output folder %s cannot be made: %s", folder,
                          strerror(errno));
  snprintf(path, PATH_SIZE, "%s/%.*s", strcmp(real, "/") == 0 ? "" : real, NAME_MAX, own);
  return TT1_OK;
}

/* DATASET/derivatives is made where it is missing; all other folders above must be there. */
static tt1_status make_derivatives(const char *folder, tt1_error *err)
{
  char parent[PATH_SIZE];
  copy_without_slashes(parent, folder);
  size_t own = (size_t)(tt1__base_name(parent) - parent);
  if (own == 0) return TT1_OK;
  parent[own - 1] = '\0';
  return strcmp(tt1__base_name(parent), "derivatives") == 0 ? tt1__make_folder(parent, err)
                                                            : TT1_OK;
}

/* The part of `path` below `folder`, "" if they are the same; NULL if it does not lie in it. */
static const char *below(const char *path, const char *folder)
{
  size_t length = strlen(folder);
  if (strncmp(path, folder, length) != 0) return NULL;
  if (!path[length]) return path + length;
  return path[length] == '/' ? path + length + 1 : NULL;
}

static tt1_status check_location(const char *path, const char *out, const char *root,
                                 const char **warning, tt1_error *err)
{
  const char *inside = below(out, root);
  if (!inside) return TT1_OK;
  const char *own = strncmp(inside, "derivatives/", 12) == 0 ? inside + 12 : NULL;
  if (!own || !*own)
    return tt1__error_set(err, TT1_BAD_ARGUMENT,
                          "%s lies in the dataset itself; maps go outside of it, or into a folder "
                          "of its derivatives/, for instance derivatives/torcht1",
                          path);
  if (!strstr(own, "torcht1"))
    *warning = "BIDS wants the name of a folder in derivatives/ to hold that of the program: "
               "derivatives/torcht1";
  return TT1_OK;
}

/* How far two real paths go together, in whole folders. */
static size_t common(const char *a, const char *b)
{
  size_t same = 0;
  for (size_t i = 0;; i++) {
    if ((!a[i] || a[i] == '/') && (!b[i] || b[i] == '/')) same = i;
    if (!a[i] || a[i] != b[i]) return same;
  }
}

/* How to get from folder `from` to folder `to`, real paths, as a URI. */
static void find_link(char link[LINK_SIZE], const char *from, const char *to)
{
  size_t same = common(from, to), used = 0;
  for (const char *c = from + same; *c; c++)
    if (*c == '/' && c[1]) used += (size_t)snprintf(link + used, LINK_SIZE - used, "../");
  const char *rest = to + same + (to[same] == '/');
  for (const char *c = rest; *c; c++) {
    int is_plain = isalnum((unsigned char)*c) || strchr("-._~/", *c);
    used += (size_t)snprintf(link + used, LINK_SIZE - used, is_plain ? "%c" : "%%%02X",
                             (unsigned char)*c);
  }
  if (used > 0 && link[used - 1] == '/') link[used - 1] = '\0';
  if (used == 0) snprintf(link, LINK_SIZE, ".");
}

/* What is there must be ours, and of the same source. */
static tt1_status check_old(const char *path, const char *link, tt1_error *err)
{
  tt1_bids_description old;
  tt1_status status = tt1_bids_describe(&old, path, err);
  if (status == TT1_IO) return TT1_OK; // there is none
  if (status != TT1_OK) return status;
  if (strcmp(old.type, "derivative") != 0 || strcmp(old.generator, "torcht1") != 0 ||
      strncmp(old.name, own_name, strlen(own_name)) != 0)
    return tt1__error_set(err, TT1_BAD_ARGUMENT,
                          "%s holds another dataset, \"%s\" (%s); choose another output folder",
                          path, old.name, old.type);
  if (strncmp(old.raw, link, sizeof old.raw - 1) != 0)
    return tt1__error_set(
        err, TT1_BAD_ARGUMENT,
        "%s holds maps of the dataset %s, not of %s (from there); choose another output "
        "folder",
        path, old.raw, link);
  return TT1_OK;
}

/* ---- What is written ---- */

static char *describe(const tt1_bids *dataset, const char *link)
{
  tt1_json out = {0};
  char name[300];
  const tt1_bids_description *about = tt1_bids_about(dataset);
  snprintf(name, sizeof name, "%s%s", own_name, *about->name ? about->name : "a dataset");
  tt1_json_open(&out, NULL, '{');
  tt1_json_text(&out, "Name", name);
  tt1_json_text(&out, "BIDSVersion", "1.11.1");
  tt1_json_text(&out, "DatasetType", "derivative");
  tt1_json_open(&out, "GeneratedBy", '[');
  tt1_json_open(&out, NULL, '{');
  tt1_json_text(&out, "Name", "torcht1");
  tt1_json_text(&out, "Version", tt1_version());
  tt1_json_text(&out, "Description",
                "Voxel-wise fits of signal models; research software, not for diagnosis");
  tt1_json_close(&out, '{');
  tt1_json_close(&out, '[');
  if (*about->doi) { // a URL would have to be absolute, a path of this machine
    tt1_json_open(&out, "SourceDatasets", '[');
    tt1_json_open(&out, NULL, '{');
    tt1_json_text(&out, "DOI", about->doi);
    tt1_json_close(&out, '{');
    tt1_json_close(&out, '[');
  }
  tt1_json_open(&out, "DatasetLinks", '{');
  tt1_json_text(&out, "raw", link);
  tt1_json_close(&out, '{');
  tt1_json_close(&out, '{');
  return tt1_json_take(&out);
}

/* Add a file that is not there yet; with `replace` also one that says something else. */
static tt1_status add_file(tt1_folder *folder, const char *path, const char *name, const char *text,
                           int replace, tt1_error *err)
{
  int is_same = 0, is_there = 0;
  char *file = tt1__join(path, name);
  if (!file) return tt1__no_memory(err);
  tt1_status status = tt1__holds_text(&is_same, &is_there, file, text, err);
  tt1__free(file);
  if (status != TT1_OK || is_same || (is_there && !replace)) return status;
  return tt1_folder_write(folder, name, text, strlen(text), err);
}

static tt1_status write_files(const char *path, const tt1_bids *dataset, const char *link,
                              const tt1_dataset_events *events, tt1_error *err)
{
  tt1_folder *folder = NULL;
  char *description = describe(dataset, link);
  if (!description) return tt1__no_memory(err);
  tt1_status status = tt1__output_open(&folder, path, events, err);
  if (status == TT1_OK) status = add_file(folder, path, "README.md", readme, 0, err);
  if (status == TT1_OK) status = add_file(folder, path, ".bidsignore", ignored, 0, err);
  if (status == TT1_OK)
    status = add_file(folder, path, "dataset_description.json", description, 1, err);
  if (status == TT1_OK) status = tt1_folder_commit(folder, err);
  tt1__output_close(folder, events);
  tt1_text_free(description);
  return status;
}

tt1_status tt1__derivative_prepare(const char *path, const tt1_bids *dataset, const char **warning,
                                   const tt1_dataset_events *events, tt1_error *err)
{
  char out[PATH_SIZE] = "", root[PATH_SIZE] = "", link[LINK_SIZE] = "";
  tt1_status status = make_derivatives(path, err);
  if (status == TT1_OK) status = resolve(out, path, err);
  if (status == TT1_OK) status = resolve(root, tt1_bids_root(dataset), err);
  if (status == TT1_OK) status = check_location(path, out, root, warning, err);
  if (status != TT1_OK) return status;
  find_link(link, out, root);
  status = check_old(path, link, err);
  // Made here, so that of several processes each finds it.
  if (status == TT1_OK) status = tt1__make_folder(path, err);
  return status == TT1_OK ? write_files(path, dataset, link, events, err) : status;
}
