/* SPDX-License-Identifier: MIT
 * The derivative dataset that `torcht1 fit` makes of its output folder: where it may lie, and its
 * dataset_description.json, README and .bidsignore. Several processes may do this at once: they
 * write the same bytes. */
#define _XOPEN_SOURCE 700 // for realpath(); NOLINT(bugprone-reserved-identifier,cert-dcl51-cpp)
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fit/fit.h"

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
static int resolve(char path[PATH_SIZE], const char *folder)
{
  char given[PATH_SIZE], real[PATH_MAX];
  copy_without_slashes(given, folder);
  char *own = given + (fit_base(given) - given);
  if (realpath(given, real)) {
    snprintf(path, PATH_SIZE, "%s", strcmp(real, "/") == 0 ? "" : real);
    return EXIT_OK;
  }
  const char *parent = own > given ? given : ".";
  if (own > given) own[-1] = '\0';
  if (errno != ENOENT || !realpath(*parent ? parent : "/", real))
    return complain("the output folder %s cannot be made: %s", folder, strerror(errno));
  snprintf(path, PATH_SIZE, "%s/%.*s", strcmp(real, "/") == 0 ? "" : real, NAME_MAX, own);
  return EXIT_OK;
}

/* DATASET/derivatives is made where it is missing; all other folders above must be there. */
static int make_derivatives(const char *folder)
{
  char parent[PATH_SIZE];
  copy_without_slashes(parent, folder);
  size_t own = (size_t)(fit_base(parent) - parent);
  if (own == 0) return EXIT_OK;
  parent[own - 1] = '\0';
  return strcmp(fit_base(parent), "derivatives") == 0 ? make_folder(parent) : EXIT_OK;
}

/* The part of `path` below `folder`, "" if they are the same; NULL if it does not lie in it. */
static const char *below(const char *path, const char *folder)
{
  size_t length = strlen(folder);
  if (strncmp(path, folder, length) != 0) return NULL;
  if (!path[length]) return path + length;
  return path[length] == '/' ? path + length + 1 : NULL;
}

static int check_location(const fit_request *request, const char *out, const char *root)
{
  const char *inside = below(out, root);
  if (!inside) return EXIT_OK;
  const char *own = strncmp(inside, "derivatives/", 12) == 0 ? inside + 12 : NULL;
  if (!own || !*own)
    return complain("%s lies in the dataset itself; maps go outside of it, or into a folder of "
                    "its derivatives/, for instance derivatives/torcht1",
                    request->output);
  if (!strstr(own, "torcht1") && !request->quiet)
    fprintf(stderr, "torcht1: BIDS wants the name of a folder in derivatives/ to hold that of the "
                    "program: derivatives/torcht1\n");
  return EXIT_OK;
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
static int check_old(const fit_request *request, const char *link)
{
  tt1_error error = {0};
  tt1_bids_description old;
  tt1_status status = tt1_bids_describe(&old, request->output, &error);
  if (status == TT1_IO) return EXIT_OK; // there is none
  if (status != TT1_OK) return complain_of(&error);
  if (strcmp(old.type, "derivative") != 0 || strcmp(old.generator, "torcht1") != 0 ||
      strncmp(old.name, own_name, strlen(own_name)) != 0)
    return complain("%s holds another dataset, \"%s\" (%s); choose another output folder",
                    request->output, old.name, old.type);
  if (strncmp(old.raw, link, sizeof old.raw - 1) != 0)
    return complain(
        "%s holds maps of the dataset %s, not of %s (from there); choose another output "
        "folder",
        request->output, old.raw, link);
  return EXIT_OK;
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
static int add_file(tt1_folder *folder, const fit_request *request, const char *name,
                    const char *text, int replace)
{
  char path[PATH_SIZE + 64];
  tt1_error error = {0};
  snprintf(path, sizeof path, "%s/%s", request->output, name);
  char *old = read_text(path);
  int is_wanted = !old || (replace && strcmp(old, text) != 0);
  free(old);
  if (!is_wanted || tt1_folder_write(folder, name, text, strlen(text), &error) == TT1_OK)
    return EXIT_OK;
  return complain_of(&error);
}

static int write_files(const fit_request *request, const tt1_bids *dataset, const char *link)
{
  tt1_error error = {0};
  tt1_folder *folder = open_folder(request->output);
  if (!folder) return EXIT_FAILED;
  char *description = describe(dataset, link);
  int code = add_file(folder, request, "README.md", readme, 0);
  if (code == EXIT_OK) code = add_file(folder, request, ".bidsignore", ignored, 0);
  if (code == EXIT_OK) code = add_file(folder, request, "dataset_description.json", description, 1);
  free(description);
  if (code == EXIT_OK && tt1_folder_commit(folder, &error) != TT1_OK) code = complain_of(&error);
  close_folder(folder);
  return code;
}

int fit_prepare_dataset(const fit_request *request, const tt1_bids *dataset)
{
  char out[PATH_SIZE] = "", root[PATH_SIZE] = "", link[LINK_SIZE] = "";
  if (make_derivatives(request->output) != EXIT_OK) return EXIT_FAILED;
  if (resolve(out, request->output) != EXIT_OK || resolve(root, tt1_bids_root(dataset)) != EXIT_OK)
    return EXIT_FAILED;
  if (check_location(request, out, root) != EXIT_OK) return EXIT_FAILED;
  find_link(link, out, root);
  if (check_old(request, link) != EXIT_OK) return EXIT_FAILED;
  // Made here, so that of several processes each finds it.
  if (make_folder(request->output) != EXIT_OK) return EXIT_FAILED;
  return write_files(request, dataset, link);
}
