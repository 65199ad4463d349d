/* SPDX-License-Identifier: MIT
 * Finding the subjects, sessions and folders of a BIDS dataset, and what its description says. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "bids/bids.h"
#include "bids/plain.h"
#include "file/file.h"

/* ---- dataset_description.json ---- */

#ifdef TT1_HAVE_JANSSON
#  include <jansson.h>

static void copy(char *text, size_t room, const json_t *value)
{
  if (!json_is_string(value)) return;
  snprintf(text, room, "%s", json_string_value(value));
  for (; *text; text++)
    if ((unsigned char)*text < ' ') *text = ' '; // it ends up in reports
}

static void take(tt1_bids_description *out, const json_t *root)
{
  const json_t *generator = json_array_get(json_object_get(root, "GeneratedBy"), 0);
  copy(out->name, sizeof out->name, json_object_get(root, "Name"));
  copy(out->bids_version, sizeof out->bids_version, json_object_get(root, "BIDSVersion"));
  copy(out->type, sizeof out->type, json_object_get(root, "DatasetType"));
  copy(out->doi, sizeof out->doi, json_object_get(root, "DatasetDOI"));
  copy(out->generator, sizeof out->generator, json_object_get(generator, "Name"));
  copy(out->generator_version, sizeof out->generator_version,
       json_object_get(generator, "Version"));
  copy(out->raw, sizeof out->raw, json_object_get(json_object_get(root, "DatasetLinks"), "raw"));
}

static tt1_status describe(tt1_bids_description *out, const char *path, tt1_error *err)
{
  enum { LONGEST = 16 << 20 };
  json_error_t fault;
  tt1__file file = {0};
  tt1_bids_description found = {.type = "raw"};
  tt1_status status = tt1__file_read(&file, path, LONGEST, err);
  if (status != TT1_OK) return status;
  char *plain = NULL;
  size_t length = 0;
  status = tt1__plain_json(&plain, &length, (const char *)file.bytes, file.length, path, err);
  tt1__file_free(&file);
  if (status != TT1_OK) return status;
  json_t *root = json_loadb(plain, length, 0, &fault);
  tt1__free(plain);
  if (!root)
    status = tt1__error_set(err, TT1_BAD_FILE, "%s is not valid JSON: line %d, column %d", path,
                            fault.line, fault.column);
  else if (!json_is_object(root))
    status = tt1__error_set(err, TT1_BAD_FILE, "%s does not hold a JSON object { ... }", path);
  else
    take(&found, root);
  json_decref(root);
  if (status == TT1_OK) *out = found;
  return status;
}

#else

static tt1_status describe(tt1_bids_description *out, const char *path, tt1_error *err)
{
  (void)out;
  return tt1__error_set(err, TT1_NO_DEVICE,
                        "%s cannot be read: this build of torcht1 has no jansson", path);
}

#endif

tt1_status tt1_bids_describe(tt1_bids_description *out, const char *folder, tt1_error *err)
{
  char *path = tt1__join(folder, "dataset_description.json");
  tt1_status status = path ? describe(out, path, err) : tt1__no_memory(err);
  tt1__free(path);
  return status;
}

/* ---- Which subjects and sessions ---- */

static int is_subject(const char *name)
{
  return tt1__bids_is_folder_of(name, "sub");
}

static int is_session(const char *name)
{
  return tt1__bids_is_folder_of(name, "ses");
}

// The next label of a list "01,sub-02", without `key`; NULL at the end. `*at` moves on.
static const char *next_label(const char **at, const char *key, size_t *length)
{
  if (!*at || !**at) return NULL;
  const char *label = *at;
  size_t key_length = strlen(key);
  *length = strcspn(label, ",");
  *at += *length + (label[*length] == ',');
  if (*length > key_length && memcmp(label, key, key_length) == 0 && label[key_length] == '-') {
    label += key_length + 1;
    *length -= key_length + 1;
  }
  return label;
}

// Whether folder "sub-01" is among the labels of `list`; NULL lists all.
static int is_listed(const char *folder, const char *list, const char *key)
{
  size_t length = 0;
  const char *own = folder + strlen(key) + 1, *label;
  if (!list) return 1;
  while ((label = next_label(&list, key, &length)) != NULL)
    if (strlen(own) == length && memcmp(own, label, length) == 0) return 1;
  return 0;
}

// What is asked for must be there.
static tt1_status check_listed(const tt1__names *folders, const char *list, const char *key,
                               const char *root, tt1_error *err)
{
  size_t length = 0;
  const char *label;
  while ((label = next_label(&list, key, &length)) != NULL) {
    int is_there = 0;
    for (int i = 0; i < folders->count && !is_there; i++) {
      const char *own = folders->items[i] + strlen(key) + 1;
      is_there = strlen(own) == length && memcmp(own, label, length) == 0;
    }
    if (!is_there)
      return tt1__error_set(err, TT1_BAD_FILE, "%s has no folder %s-%.*s", root, key,
                            (int)(length < 80 ? length : 80), label);
  }
  return TT1_OK;
}

/* ---- The survey ---- */

/* A survey on its way: what is asked for, and which of it was met. */
typedef struct survey {
  tt1_bids *dataset;
  const tt1_bids_options *options;
  const char *inside; /* the part of the dataset that is wanted, from its root */
  int n_sessions_met;
} survey;

static int is_folder(const char *path)
{
  struct stat state;
  return stat(path, &state) == 0 && S_ISDIR(state.st_mode);
}

// Whether one of the two paths, from the root, lies in the other.
static int is_on_the_way(const char *a, const char *b)
{
  size_t length = strlen(a) < strlen(b) ? strlen(a) : strlen(b);
  const char *longer = strlen(a) < strlen(b) ? b : a;
  return length == 0 || (strncmp(a, b, length) == 0 && (longer[length] == '/' || !longer[length]));
}

// anat/ of a subject or of a session.
static tt1_status visit_anat(survey *s, const char *above, tt1_error *err)
{
  char *anat = tt1__join(above, "anat"), *folder = anat ? tt1__join(s->dataset->root, anat) : NULL;
  tt1_status status = folder ? TT1_OK : tt1__no_memory(err);
  if (folder && is_on_the_way(anat, s->inside) && is_folder(folder)) {
    const char *only = strlen(s->inside) > strlen(anat) ? s->inside + strlen(anat) + 1 : NULL;
    status = tt1__bids_add_folder(s->dataset, anat, only, s->options->suffix, err);
  }
  tt1__free(folder);
  tt1__free(anat);
  return status;
}

static tt1_status visit_session(survey *s, const char *subject, const char *session, tt1_error *err)
{
  if (!is_listed(session, s->options->sessions, "ses")) return TT1_OK;
  char *above = tt1__join(subject, session);
  if (!above) return tt1__no_memory(err);
  s->n_sessions_met++;
  tt1_status status = is_on_the_way(above, s->inside) ? visit_anat(s, above, err) : TT1_OK;
  tt1__free(above);
  return status;
}

static tt1_status visit_subject(survey *s, const char *subject, tt1_error *err)
{
  tt1__names sessions = {0};
  char *folder = tt1__join(s->dataset->root, subject);
  tt1_status status = folder ? TT1_OK : tt1__no_memory(err);
  if (folder && is_folder(folder)) status = tt1__names_list(&sessions, folder, is_session, err);
  for (int i = 0; i < sessions.count && status == TT1_OK; i++)
    status = visit_session(s, subject, sessions.items[i], err);
  if (status == TT1_OK && !s->options->sessions) status = visit_anat(s, subject, err);
  tt1__names_free(&sessions);
  tt1__free(folder);
  return status;
}

static tt1_status visit_all(survey *s, tt1_error *err)
{
  tt1__names subjects = {0};
  const tt1_bids_options *options = s->options;
  const char *root = s->dataset->root;
  tt1_status status = tt1__names_list(&subjects, root, is_subject, err);
  if (status == TT1_OK) status = check_listed(&subjects, options->participants, "sub", root, err);
  for (int i = 0; i < subjects.count && status == TT1_OK; i++) {
    tt1_error fault = {0};
    if (!is_listed(subjects.items[i], options->participants, "sub") ||
        !is_on_the_way(subjects.items[i], s->inside))
      continue;
    status = visit_subject(s, subjects.items[i], &fault);
    // One that cannot be read does not hide the others.
    if (status != TT1_OK && status != TT1_NO_MEMORY)
      status = tt1__bids_add_refused(s->dataset, subjects.items[i], fault.message);
    if (status != TT1_OK) tt1__no_memory(err);
  }
  tt1__names_free(&subjects);
  if (status == TT1_OK && options->sessions && s->n_sessions_met == 0)
    status = tt1__error_set(err, TT1_BAD_FILE, "no subject that is wanted in %s has session %.80s",
                            root, options->sessions);
  return status;
}

static tt1_status open_place(tt1_bids *dataset, tt1__place *place, const tt1_bids_options *options,
                             tt1_error *err)
{
  static const tt1_bids_options all = TT1_BIDS_OPTIONS_INIT;
  survey s = {dataset, options ? options : &all, place->inside, 0};
  tt1_status status =
      tt1__check_version("tt1_bids_options", s.options->version, TT1_BIDS_OPTIONS_VERSION, err);
  if (status != TT1_OK) return status;
  dataset->root = place->root;
  place->root = NULL;
  status = tt1_bids_describe(&dataset->about, dataset->root, err);
  if (status == TT1_OK) status = tt1__level_open(&dataset->top, dataset->root, err);
  return status == TT1_OK ? visit_all(&s, err) : status;
}

tt1_status tt1_bids_open(tt1_bids **out, const char *path, const tt1_bids_options *options,
                         tt1_error *err)
{
  tt1__place place = {0};
  tt1_status status = tt1__place_find(&place, path, err);
  if (status != TT1_OK) return status;
  tt1_bids *dataset = tt1__allocate(1, sizeof *dataset);
  if (!dataset)
    status = tt1__no_memory(err);
  else if (!place.root)
    status = tt1__error_set(err, TT1_BAD_FILE,
                            "%s lies in no BIDS dataset: no folder above it holds "
                            "dataset_description.json",
                            path);
  else
    status = open_place(dataset, &place, options, err);
  tt1__place_free(&place);
  if (status == TT1_OK)
    *out = dataset;
  else
    tt1_bids_free(dataset);
  return status;
}

void tt1_bids_free(tt1_bids *dataset)
{
  if (!dataset) return;
  tt1__free(dataset->root);
  tt1__free(dataset->groups);
  tt1__level_free(&dataset->top);
  tt1__arena_free(&dataset->texts);
  tt1__free(dataset);
}

const char *tt1__bids_inside(const tt1_bids *dataset, const char *path)
{
  size_t length = strlen(dataset->root);
  int is_inside = strncmp(path, dataset->root, length) == 0 && path[length] == '/';
  return is_inside ? path + length + 1 : path;
}

/* ---- Asking ---- */

// An image of a series; or a folder that may hold some.
static int may_hold_series(const tt1__place *place, const char *path)
{
  struct stat state;
  tt1__bids_name name;
  if (stat(path, &state) != 0) return 0;
  if (S_ISDIR(state.st_mode)) return 1;
  const char *datatype = tt1__place_datatype(place->inside);
  if (!datatype || strncmp(datatype, "anat/", 5) != 0) return 0;
  if (!tt1__bids_parse(&name, tt1__base_name(place->inside)) || !tt1__bids_is_image(&name))
    return 0;
  const tt1__bids_kind *kind = tt1__bids_kind_of(&name);
  return kind && (kind->is_uni || tt1__bids_index(&name, kind->index) >= 0);
}

int tt1_bids_contains(const char *path)
{
  tt1__place place = {0};
  if (tt1__place_find(&place, path, NULL) != TT1_OK) return 0;
  int contains = place.root && may_hold_series(&place, path);
  tt1__place_free(&place);
  return contains;
}

const char *tt1_bids_root(const tt1_bids *dataset)
{
  return dataset->root;
}

const tt1_bids_description *tt1_bids_about(const tt1_bids *dataset)
{
  return &dataset->about;
}

int tt1_bids_n_series(const tt1_bids *dataset)
{
  return dataset->n_groups;
}

const tt1_bids_series *tt1_bids_series_at(const tt1_bids *dataset, int index)
{
  return index >= 0 && index < dataset->n_groups ? &dataset->groups[index].shown : NULL;
}

int tt1_bids_is_map(const char *suffix)
{
  static const char *const maps[] = {"T1map",  "T2map",  "T2starmap", "R1map", "R2map", "R2starmap",
                                     "PDmap",  "MTRmap", "MTsat",     "UNIT1", "T1rho", "MWFmap",
                                     "MTVmap", "Chimap", "S0map",     "M0map"};
  for (size_t i = 0; i < sizeof maps / sizeof *maps; i++)
    if (strcmp(maps[i], suffix) == 0) return 1;
  return 0;
}
