/* SPDX-License-Identifier: MIT
 * A mapping from its making to its end. */
#include "mapping/mapping.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "file/file.h"
#include "image/sequence.h"
#include "input/study.h"

/* ---- What is told ---- */

int tt1__mapping_add(tt1_mapping *m, tt1__sentences *list, const char *format, ...)
{
  char text[2000];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  if (list->count == list->capacity) {
    int capacity = list->capacity ? 2 * list->capacity : 8;
    const char **grown = tt1__arena_allocate(&m->texts, (size_t)capacity,
                                             sizeof *grown); // NOLINT(bugprone-sizeof-expression)
    if (!grown) return 0;
    if (list->count) memcpy(grown, list->items, (size_t)list->count * sizeof *grown);
    list->items = grown;
    list->capacity = capacity;
  }
  const char *copy = tt1__arena_copy(&m->texts, text, strlen(text));
  if (copy) list->items[list->count++] = copy;
  return copy != NULL;
}

static const char *sentence_at(const tt1__sentences *list, int index)
{
  return index >= 0 && index < list->count ? list->items[index] : NULL;
}

const char *tt1_mapping_note(const tt1_mapping *m, int index)
{
  int n = 0;
  while (tt1_image_assumption(m->image, n))
    n++;
  return index < n ? tt1_image_assumption(m->image, index) : sentence_at(&m->notes, index - n);
}

const char *tt1_mapping_warning(const tt1_mapping *m, int index)
{
  return sentence_at(&m->warnings, index);
}

const char *tt1_mapping_remark(const tt1_mapping *m, int index, const char **label)
{
  const tt1_mapping_options *o = m->options;
  for (int i = 0; i < o->n_changes; i++)
    if (o->changes[i].what == TT1_CHANGE_FIX && index-- == 0) {
      *label = "fixed";
      return m->remarks.items[i];
    }
  if (m->corrected >= 0 && index-- == 0) {
    *label = "note";
    return m->remarks.items[o->n_changes];
  }
  *label = index == 0 ? "like" : "";
  return sentence_at(&m->like, index);
}

const tt1_image *tt1_mapping_image(const tt1_mapping *m)
{
  return m->image;
}

const tt1_model *tt1_mapping_model(const tt1_mapping *m)
{
  return m->model;
}

/* ---- Making ---- */

int tt1__mapping_n_plans(const tt1_mapping *m)
{
  int n = 1;
  for (int i = 0; i < m->n_known; i++)
    if (m->known[i].n_slices > n) n = m->known[i].n_slices;
  return n;
}

const double *tt1__matched_values(const tt1__matched *known, int slice)
{
  return known->values + (known->n_slices > 1 ? (size_t)slice * (size_t)known->count : 0);
}

static tt1_mapping *make(const tt1_mapping_options *options, const char *input, tt1_error *err)
{
  tt1_mapping *m = tt1__allocate(1, sizeof *m);
  if (!m) {
    tt1__no_memory(err);
    return NULL;
  }
  m->options = options ? options : &tt1__options_default;
  m->corrected = -1;
  m->result.open_share = -1;
  m->read = (tt1_read_options)TT1_READ_OPTIONS_INIT;
  m->input = tt1__copy_text(input);
  if (m->input) return m;
  tt1__no_memory(err);
  tt1_mapping_free(m);
  return NULL;
}

static tt1_status read_model(tt1_mapping *m, const char *name, tt1_error *err)
{
  tt1_status status = tt1_model_open(&m->model, name, err);
  if (status == TT1_OK && tt1_model_is_path(name) && !tt1__mapping_add(m, &m->files, "%s", name))
    status = tt1__no_memory(err);
  if (status == TT1_OK && !tt1_model_is_shipped(m->model)) m->model_file = name;
  if (status == TT1_OK) status = tt1__changes_apply(&m->model, &m->corrected, m->options, err);
  return status;
}

// Whether an option names a parameter, or the solver, of model molli.
static int is_tied_to_molli(const tt1_mapping *m)
{
  const tt1_mapping_options *o = m->options;
  return o->n_changes || o->n_starts || o->corrected || m->plan.solver == TT1_SOLVER_VARPRO;
}

// Where nobody asked for a model, short rests before inversions ask for the one that knows of them.
static tt1_status prefer_rests(tt1_mapping *m, tt1_error *err)
{
  if (!m->is_own_choice || strcmp(tt1_model_name(m->model), "molli") != 0 || is_tied_to_molli(m) ||
      !tt1__mapping_has_short_rests(m))
    return TT1_OK;
  tt1_model_free(m->model);
  m->model = NULL;
  m->corrected = -1;
  tt1_status status = read_model(m, "mollirest", err);
  if (status != TT1_OK) return status;
  return tt1__mapping_add(m, &m->notes,
                          "model mollirest in place of molli, for a rest before an inversion is "
                          "shorter than 2 s (--model molli for the other)")
             ? TT1_OK
             : tt1__no_memory(err);
}

// All but the images themselves, which are there.
static tt1_status read_rest(tt1_mapping *m, tt1_error *err)
{
  tt1_status status =
      tt1__mapping_note_files(m, m->image, m->dataset ? tt1_bids_root(m->dataset) : NULL, err);
  if (status == TT1_OK) status = tt1__mapping_take_uni(m, err);
  // A network is told which images to take, but scales by all of them.
  m->n_original = tt1_image_n_images(m->image);
  if (status == TT1_OK) status = tt1__mapping_find_groups(m, err);
  if (status == TT1_OK && !m->options->is_network) status = tt1__mapping_choose_images(m, err);
  if (status == TT1_OK && !m->options->is_network) status = tt1__mapping_check_dead(m, err);
  if (status == TT1_OK) status = tt1__mapping_read_sets(m, err);
  if (status == TT1_OK) status = prefer_rests(m, err);
  if (status == TT1_OK) status = tt1__mapping_match(m, err);
  if (status == TT1_OK) status = tt1__mapping_warn_of_groups(m, err);
  if (status == TT1_OK) status = tt1__mapping_read_starts(m, err);
  if (status == TT1_OK && m->options->is_network) status = tt1__mapping_read_network(m, err);
  if (status == TT1_OK) status = tt1__mapping_sign_by_uni(m, err);
  if (status == TT1_OK) status = tt1__mapping_check_uni(m, err);
  if (status == TT1_OK) status = tt1__mapping_find_signs(m, err);
  if (status == TT1_OK) status = tt1__mapping_check_signed(m, err);
  if (status == TT1_OK) status = tt1__mapping_read_mask(m, err);
  if (status == TT1_OK) status = tt1__mapping_check_echoes(m, err);
  m->n_early = m->warnings.count;
  return status;
}

// Lines about what options changed, for reports.
static tt1_status remark(tt1_mapping *m, tt1_error *err)
{
  const tt1_mapping_options *o = m->options;
  char text[160];
  int is_added = 1;
  for (int i = 0; i < o->n_changes; i++)
    is_added &=
        tt1__mapping_add(m, &m->remarks, "%s = %g", o->changes[i].parameter, o->changes[i].value);
  if (m->corrected >= 0)
    is_added &= tt1__mapping_add(m, &m->remarks, "%s and its SD are multiplied by %g",
                                 tt1__map_name(m->model, m->corrected), o->correction);
  const char *line;
  for (int i = 0; (line = tt1__like_line(i, &m->plan, o, text)) != NULL; i++)
    is_added &= tt1__mapping_add(m, &m->like, "%s", line);
  return is_added ? TT1_OK : tt1__no_memory(err);
}

// The model that a series of a dataset is for, with a reason where that is an assumption.
static tt1_status model_of_suffix(const char **out, tt1_mapping *m, tt1_error *err)
{
  tt1_bids_facts *facts = NULL;
  tt1_status status = tt1_bids_look(&facts, m->dataset, m->index, err);
  if (status != TT1_OK) return status;
  const char *model = *out = facts->model, *reason = facts->reason;
  if (!model)
    status = tt1__error_set(err, TT1_BAD_FILE, "no model is for it: %s", reason);
  else if (*reason && !tt1__mapping_add(m, &m->notes, "model %s, for %s", model, reason))
    status = tt1__no_memory(err);
  tt1_bids_facts_free(facts);
  return status;
}

// Quantities that --known gives a list of values for, by the keys that sidecars have for them.
static int list_given(const char **keys, const tt1_mapping_options *o)
{
  static const char *const names[][2] = {{"TI", "InversionTime"},
                                         {"TS", "SaturationTime"},
                                         {"TE", "EchoTime"},
                                         {"TR", "RepetitionTime"},
                                         {"FA", "FlipAngle"}};
  int n = 0;
  for (size_t k = 0; k < sizeof names / sizeof *names; k++)
    for (int i = 0; i < o->n_known; i++) {
      size_t length = strlen(names[k][0]);
      if (strncmp(o->known[i], names[k][0], length) != 0 || o->known[i][length] != '=' ||
          !strchr(o->known[i], ','))
        continue;
      keys[n++] = names[k][1];
      break;
    }
  return n;
}

// The model that the sequence is for, by what differs between the images that were read.
static tt1_status model_of_sequence(const char **out, tt1_mapping *m, tt1_error *err)
{
  char reason[400];
  const char *given[5];
  tt1__acquisition a = tt1__acquisition_of(m->image);
  a.given = given;
  a.n_given = list_given(given, m->options);
  if (tt1__mapping_has_uni(m)) {
    *out = "mp2rage";
    return tt1__mapping_add(m, &m->notes, "model mp2rage, for there is a UNI image")
               ? TT1_OK
               : tt1__no_memory(err);
  }
  *out = tt1__model_of(reason, &a);
  if (!*out && *reason) return tt1__error_set(err, TT1_BAD_FILE, "%s: %s", m->input, reason);
  if (!*out) *out = "molli"; // what it lacks is said where it is matched
  if (*reason && !tt1__mapping_add(m, &m->notes, "model %s, for %s", *out, reason))
    return tt1__no_memory(err);
  return TT1_OK;
}

static tt1_status choose_model(tt1_mapping *m, tt1_error *err)
{
  const tt1_mapping_options *o = m->options;
  const char *model = o->model;
  tt1_status status = TT1_OK;
  m->is_own_choice = !model && !o->is_network && !o->like;
  if (m->is_own_choice)
    status = m->dataset ? model_of_suffix(&model, m, err) : model_of_sequence(&model, m, err);
  if (status == TT1_OK) status = read_model(m, model ? model : "molli", err);
  return status;
}

static tt1_status finish(tt1_mapping **out, tt1_mapping *m, double began, tt1_status status,
                         tt1_error *err)
{
  if (status == TT1_OK) status = remark(m, err);
  m->result.read_seconds = tt1__seconds() - began;
  if (status == TT1_OK)
    *out = m;
  else
    tt1_mapping_free(m);
  return status;
}

static tt1_status read_of_study(tt1_mapping *m, tt1_study *study, int series, tt1_error *err)
{
  const tt1_read_options *read = tt1__study_options(study);
  if (series < 0) series = tt1_study_choose(study, err);
  if (series < 0) return TT1_BAD_FILE;
  m->read = *read;
  m->wanted_series = read->series ? tt1__copy_text(read->series) : NULL;
  m->read.series = m->wanted_series;
  if (read->series && !m->wanted_series) return tt1__no_memory(err);
  // An archive, too, whose files are not on the disk.
  if (!tt1__mapping_add(m, &m->files, "%s", m->input)) return tt1__no_memory(err);
  return tt1_study_read(&m->image, study, series, err);
}

tt1_status tt1_mapping_create(tt1_mapping **out, tt1_study *study, int series,
                              const tt1_mapping_options *options, tt1_error *err)
{
  double began = tt1__seconds();
  tt1_mapping *m = make(options, tt1__study_path(study), err);
  if (!m) return TT1_NO_MEMORY;
  tt1_bids *dataset = NULL; // whose one series it is, perhaps
  tt1_status status = tt1__options_settle(&m->plan, m->options, err);
  if (status == TT1_OK && tt1_bids_contains(m->input))
    status = tt1_bids_open(&dataset, m->input, NULL, err);
  m->dataset = dataset;
  // What can be said without the images is said before they are read.
  int is_by_sequence = !m->options->model && !m->dataset;
  if (status == TT1_OK && is_by_sequence) status = read_of_study(m, study, series, err);
  if (status == TT1_OK) status = choose_model(m, err);
  if (status == TT1_OK) status = tt1__mapping_check_given(m, err);
  if (status == TT1_OK && !is_by_sequence) status = read_of_study(m, study, series, err);
  if (status == TT1_OK) status = read_rest(m, err);
  m->dataset = NULL;
  tt1_bids_free(dataset);
  return finish(out, m, began, status, err);
}

tt1_status tt1__mapping_of_dataset(tt1_mapping **out, char model[64], const tt1_bids *dataset,
                                   int index, const tt1_mapping_options *options, tt1_error *err)
{
  double began = tt1__seconds();
  tt1_mapping *m = make(options, tt1_bids_series_at(dataset, index)->folder, err);
  if (!m) return TT1_NO_MEMORY;
  m->dataset = dataset;
  m->index = index;
  m->is_derivative = 1;
  tt1_status status = tt1__options_settle(&m->plan, m->options, err);
  if (status == TT1_OK) status = choose_model(m, err);
  if (status == TT1_OK) status = tt1__mapping_check_given(m, err);
  if (status == TT1_OK) status = tt1_bids_read(&m->image, dataset, index, err);
  if (status == TT1_OK) status = read_rest(m, err);
  if (m->model) snprintf(model, 64, "%s", tt1_model_name(m->model));
  return finish(out, m, began, status, err);
}

void tt1_mapping_free(tt1_mapping *m)
{
  if (!m) return;
  tt1__mapping_free_maps(m);
  for (int i = 0; i < m->n_known; i++) {
    tt1__free(m->known[i].values);
    tt1_image_free(m->known[i].map);
  }
  for (int i = 0; i < MAX_STARTS; i++)
    tt1_image_free(m->starts[i]);
  tt1_network_free(m->network);
  tt1__free(m->fed);
  tt1__free(m->signs);
  tt1_image_free(m->sets.map);
  tt1__free(m->sets.used);
  tt1__free(m->groups.slices);
  tt1__free(m->images);
  tt1__free(m->mask);
  tt1_image_free(m->mask_image);
  tt1_image_free(m->image);
  tt1_model_free(m->model);
  tt1_device_free(m->own_device);
  tt1__free(m->wanted_series);
  tt1__free(m->input);
  tt1__arena_free(&m->texts);
  tt1__free(m);
}

/* ---- The fit ---- */

void tt1_mapping_use(tt1_mapping *m, tt1_device *device)
{
  m->device = device;
}

static tt1_status open_device(tt1_mapping *m, tt1_error *err)
{
  if (m->device || m->options->is_network) return TT1_OK;
  tt1_status status =
      tt1_device_open(&m->own_device, m->options->device, &m->options->device_options, err);
  m->device = m->own_device;
  return status;
}

tt1_status tt1_mapping_run(tt1_mapping *m, tt1_progress_fn progress, void *payload, tt1_error *err)
{
  double began = tt1__seconds();
  tt1__mapping_free_maps(m);
  m->warnings.count = m->n_early;
  tt1_status status = open_device(m, err);
  if (status == TT1_OK)
    status = m->options->is_network ? tt1__mapping_run_network(m, progress, payload, err)
                                    : tt1__mapping_run_plans(m, progress, payload, err);
  m->result.fit_seconds = tt1__seconds() - began;
  if (status == TT1_OK) status = tt1__mapping_finish(m, err);
  if (status == TT1_OK) status = tt1__mapping_check_result(m, err);
  if (status != TT1_OK) tt1__mapping_free_maps(m);
  return status;
}

const tt1_mapping_result *tt1_mapping_result_of(const tt1_mapping *m)
{
  return &m->result;
}

/* ---- What is written ---- */

static tt1_status write_all(tt1_mapping *m, const tt1__record *old, tt1_folder *folder,
                            tt1_error *err)
{
  char name[TT1__NAME_SIZE];
  char *text = NULL;
  double began = tt1__seconds();
  tt1_status status = tt1__mapping_write_maps(m, folder, err);
  if (status == TT1_OK && m->is_derivative && (m->options->formats & TT1_FORMAT_NIFTI))
    status = tt1__mapping_write_sidecars(m, folder, err);
  if (status == TT1_OK) status = tt1__record_remove_files(old, m, folder, err);
  m->result.write_seconds = tt1__seconds() - began;
  if (status == TT1_OK) status = tt1__record_write(&text, m, folder, err);
  tt1__mapping_name(name, m, TT1__FILE_RECORD, NULL);
  // The last file: where it is, all are (tt1_folder_write()).
  if (status == TT1_OK) status = tt1_folder_write(folder, name, text, strlen(text), err);
  if (status != TT1_OK) {
    tt1_text_free(text);
    return status;
  }
  tt1_text_free(m->record);
  m->record = text;
  return TT1_OK;
}

tt1_status tt1_folder_write_mapping(tt1_folder *folder, tt1_mapping *m, tt1_error *err)
{
  tt1__record *old = NULL;
  tt1_status status = TT1_OK;
  if (m->n_maps == 0)
    return tt1__error_set(err, TT1_BAD_ARGUMENT,
                          "there are no maps to write: tt1_mapping_run() makes them");
  for (int i = 0; i < m->files.count && status == TT1_OK; i++)
    status = tt1_folder_protect(folder, m->files.items[i], err);
  if (status == TT1_OK) status = tt1__record_read(&old, m, tt1__folder_path(folder), err);
  if (status == TT1_OK) status = write_all(m, old, folder, err);
  tt1__record_free(old);
  return status;
}

tt1_status tt1_mapping_write(tt1_mapping *m, const char *path, tt1_error *err)
{
  tt1_folder *folder = NULL;
  tt1_status status = tt1_folder_open(&folder, path, err);
  if (status == TT1_OK) status = tt1_folder_write_mapping(folder, m, err);
  if (status == TT1_OK) status = tt1_folder_commit(folder, err);
  tt1_folder_free(folder);
  return status;
}

const char *tt1_mapping_record(const tt1_mapping *m)
{
  return m->record;
}
