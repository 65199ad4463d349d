/* SPDX-License-Identifier: MIT
 * A simulated series as files: NIfTI and DICOM, with the truths beside. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "simulate/simulate.h"
#include "tt1_json.h"

/* What a sequence is called, under which key its times are found, and how DICOM has them. */
static const struct {
  const char *name, *key;
  tt1_preparation preparation;
} sequences[] = {
    [TT1_SEQUENCE_MOLLI] = {"MOLLI", "InversionTime", TT1_PREPARATION_INVERSION},
    [TT1_SEQUENCE_SASHA] = {"SASHA", "SaturationTime", TT1_PREPARATION_SATURATION},
    [TT1_SEQUENCE_T2PREP] = {"T2prep", "T2PreparationTime", TT1_PREPARATION_T2},
};

static const tt1_sequence *sequence_of(const tt1_simulation *simulation)
{
  return &tt1_simulation_settings(simulation)->sequence;
}

const char *simulate_times_key(const tt1_simulation *simulation)
{
  return sequences[sequence_of(simulation)->kind].key;
}

tt1_status simulate_write_text(tt1_folder *folder, const char *prefix, const char *name, char *text,
                               tt1_error *error)
{
  char path[200];
  if (!text) return TT1_OK;
  snprintf(path, sizeof path, "%s%s", prefix, name);
  tt1_status status = tt1_folder_write(folder, path, text, strlen(text), error);
  free(text);
  return status;
}

/* ---- What is there ---- */

/* The text of file `name` of the output folder, or NULL; free with free(). */
static char *read_old(const simulate_request *request, const char *prefix, const char *name)
{
  size_t size = strlen(request->output) + strlen(prefix) + strlen(name) + 2;
  char *path = allocate(size, 1);
  snprintf(path, size, "%s/%s%s", request->output, prefix, name);
  char *text = read_text(path);
  free(path);
  return text;
}

int simulate_check_folder(const simulate_request *request, const char *participants)
{
  int is_bids = request->format == SIMULATE_BIDS, code = EXIT_OK;
  char *own = simulate_bids_description();
  char *description = read_old(request, "", "dataset_description.json");
  char *table = read_old(request, "", "participants.tsv");
  char *record = read_old(request, "", "simulation.json");
  if (description ? !is_bids || strcmp(description, own) != 0 : is_bids && table)
    code = complain("%s holds another dataset; choose another output folder", request->output);
  else if (table && strncmp(table, participants, strlen(table)) != 0)
    code = complain("%s/participants.tsv tells of other subjects than are to be simulated; choose "
                    "another output folder",
                    request->output);
  else if (record && *participants)
    code = complain("%s holds another simulation; choose another output folder", request->output);
  free(own);
  free(description);
  free(table);
  free(record);
  return code;
}

tt1_status simulate_write_record(tt1_folder *folder, const simulated *s,
                                 const simulate_request *request, const char *prefix,
                                 tt1_error *error)
{
  char *text = simulate_json(s), *old = read_old(request, prefix, "simulation.json");
  int is_other = old && strcmp(old, text) != 0;
  free(old);
  if (!is_other) return simulate_write_text(folder, prefix, "simulation.json", text, error);
  free(text);
  error->status = TT1_BAD_ARGUMENT;
  snprintf(
      error->message, sizeof error->message,
      "%.240s/%.120ssimulation.json is that of another simulation; choose another output folder",
      request->output, prefix);
  return TT1_BAD_ARGUMENT;
}

/* ---- Texts ---- */

void simulate_clock(char text[24], const tt1_simulation *simulation, int image)
{
  double us = round(1e6 * tt1_simulation_acquired(simulation)[image]);
  int minutes = (int)(us / 6e7);
  snprintf(text, 24, "%02d:%02d:%09.6f", (10 + minutes / 60) % 24, minutes % 60,
           (us - 6e7 * minutes) / 1e6);
}

static char *sidecar_json(const tt1_simulation *simulation)
{
  char clock[24];
  tt1_json out = {0};
  int n = tt1_simulation_n_images(simulation);
  tt1_json_open(&out, NULL, '{');
  tt1_json_numbers(&out, simulate_times_key(simulation), tt1_simulation_times(simulation), n);
  if (sequence_of(simulation)->has_saturated_image)
    tt1_json_numbers(&out, "Saturated", tt1_simulation_saturated(simulation), n);
  tt1_json_open(&out, "AcquisitionTime", '[');
  for (int i = 0; i < n; i++) {
    simulate_clock(clock, simulation, i);
    tt1_json_text(&out, NULL, clock);
  }
  tt1_json_close(&out, '[');
  tt1_json_close(&out, '{');
  return tt1_json_take(&out);
}

static void add_sequence(tt1_json *out, const tt1_sequence *s)
{
  tt1_json_open(out, "sequence", '{');
  tt1_json_text(out, "name", sequences[s->kind].name);
  if (s->kind == TT1_SEQUENCE_MOLLI) {
    tt1_json_text(out, "scheme", s->scheme);
    tt1_json_number(out, "inversion", s->inversion);
  } else {
    tt1_json_number(out, "saturation", s->saturation);
  }
  if (s->kind == TT1_SEQUENCE_T2PREP) tt1_json_integer(out, "rest", s->rest);
  tt1_json_number(out, "heart_rate", s->heart_rate);
  tt1_json_number(out, "rr_deviation", s->rr_deviation);
  tt1_json_number(out, "flip", s->flip);
  tt1_json_number(out, "repetition", s->repetition);
  tt1_json_integer(out, "ramp", s->n_ramp < 0 ? 0 : s->n_ramp);
  tt1_json_integer(out, "lines", s->n_lines);
  tt1_json_integer(out, "center_line", s->line);
  tt1_json_text(out, "times_to", s->times_to_echo ? "echo" : "pulse");
  tt1_json_close(out, '{');
}

static void add_images(tt1_json *out, const tt1_simulation *simulation)
{
  int n = tt1_simulation_n_images(simulation);
  double *along = allocate((size_t)n, sizeof *along);
  tt1_json_numbers(out, simulate_times_key(simulation), tt1_simulation_times(simulation), n);
  if (sequence_of(simulation)->has_saturated_image)
    tt1_json_numbers(out, "Saturated", tt1_simulation_saturated(simulation), n);
  tt1_json_numbers(out, "acquired", tt1_simulation_acquired(simulation), n);
  for (int axis = 0; axis < 2; axis++) {
    for (int i = 0; i < n; i++)
      along[i] = tt1_simulation_motion(simulation)[2 * i + axis];
    tt1_json_numbers(out, axis ? "motion_to_front_mm" : "motion_to_head_mm", along, n);
  }
  free(along);
}

static void add_heart(tt1_json *out, const tt1_heart *heart)
{
  tt1_json_open(out, "heart", '{');
  tt1_json_number(out, "scale", heart->scale);
  tt1_json_number(out, "wall", heart->wall);
  tt1_json_number(out, "x_mm", heart->x);
  tt1_json_number(out, "y_mm", heart->y);
  tt1_json_number(out, "rotation", heart->rotation);
  tt1_json_close(out, '{');
}

static void add_tissues(tt1_json *out, const tt1_simulation *simulation)
{
  const tt1_simulation_options *o = tt1_simulation_settings(simulation);
  tt1_tissue tissue;
  tt1_json_open(out, "labels", '[');
  for (int label = 0; tt1_simulation_tissue(&tissue, simulation, label); label++) {
    tt1_json_open(out, NULL, '{');
    tt1_json_integer(out, "label", label);
    tt1_json_text(out, "name", tt1_subject_label(o->subject, label));
    if (label > 0) tt1_json_number(out, "T1", tissue.t1);
    if (label > 0 && o->physics == TT1_PHYSICS_BLOCH) tt1_json_number(out, "T2", tissue.t2);
    tt1_json_close(out, '{');
  }
  tt1_json_close(out, '[');
}

char *simulate_json(const simulated *s)
{
  static const char *const SUBJECTS[] = {"heart", "vials", "nist"};
  static const char *const BREATHING[] = {"none", "free", "drift"};
  const tt1_simulation_options *o = tt1_simulation_settings(s->simulation);
  const int64_t *n = tt1_simulation_geometry(s->simulation)->size;
  const double size[3] = {(double)n[0], (double)n[1], (double)n[2]};
  tt1_json out = {0};
  tt1_json_open(&out, NULL, '{');
  tt1_json_text(&out, "version", tt1_version());
  tt1_json_text(&out, "subject", SUBJECTS[o->subject]);
  tt1_json_text(&out, "physics", o->physics == TT1_PHYSICS_BLOCH ? "bloch" : "equation");
  tt1_json_text(&out, "model", tt1_simulation_model(s->simulation));
  tt1_json_numbers(&out, "size", size, 3);
  add_sequence(&out, &o->sequence);
  add_images(&out, s->simulation);
  tt1_json_text(&out, "breathing", BREATHING[o->breathing]);
  tt1_json_number(&out, "snr", o->snr); // null: no noise
  tt1_json_integer(&out, "coils", o->coils);
  tt1_json_integer(&out, "seed", (int64_t)o->seed);
  tt1_json_number(&out, "off_resonance", o->off_resonance);
  tt1_json_number(&out, "field", o->field);
  tt1_json_number(&out, "b1", o->b1);
  if (o->subject == TT1_SUBJECT_HEART) add_heart(&out, &o->heart);
  add_tissues(&out, s->simulation);
  tt1_json_close(&out, '{');
  return tt1_json_take(&out);
}

char *simulate_slices(const tt1_simulation *simulation)
{
  enum { LONGEST = 128 };
  int n_slices = tt1_simulation_settings(simulation)->slices;
  tt1_heart_slice slice;
  if (!tt1_simulation_slice(&slice, simulation, 0)) return NULL;
  char *text = allocate((size_t)(n_slices + 1) * LONGEST, 1), *at = text;
  at += snprintf(at, LONGEST, "slice,level,anterior_i,anterior_j,inferior_i,inferior_j\n");
  for (int k = 0; tt1_simulation_slice(&slice, simulation, k); k++)
    at += snprintf(at, LONGEST, "%d,%s,%.2f,%.2f,%.2f,%.2f\n", k, slice.level, slice.anterior[0],
                   slice.anterior[1], slice.inferior[0], slice.inferior[1]);
  return text;
}

/* ---- Images ---- */

/* One NIfTI file; nothing is written where there are no data. */
typedef struct image_row {
  const char *name;
  int n_images;
  tt1_type type;
  const void *data;
  const char *text;
} image_row;

static tt1_status write_image(tt1_folder *folder, const char *prefix, const simulated *s,
                              const image_row *row, tt1_error *error)
{
  char path[200];
  if (!row->data) return TT1_OK;
  snprintf(path, sizeof path, "%s%s", prefix, row->name);
  return tt1_folder_write_image(folder, path, tt1_simulation_geometry(s->simulation), row->n_images,
                                row->type, row->data, row->text, error);
}

static tt1_status write_nifti(tt1_folder *folder, const simulated *s, const char *prefix,
                              tt1_error *error)
{
  char text[40];
  const tt1_simulation *simulation = s->simulation;
  snprintf(text, sizeof text, "simulated %s", sequences[sequence_of(simulation)->kind].name);
  const image_row row = {"series.nii.gz", tt1_simulation_n_images(simulation), TT1_FLOAT32,
                         tt1_simulation_signal(simulation), text};
  tt1_status status = write_image(folder, prefix, s, &row, error);
  return status == TT1_OK
             ? simulate_write_text(folder, prefix, "series.json", sidecar_json(simulation), error)
             : status;
}

/* "MOLLI 5(3)3 digital heart" */
static void describe(char description[80], const tt1_simulation *simulation)
{
  const tt1_simulation_options *o = tt1_simulation_settings(simulation);
  int is_molli = o->sequence.kind == TT1_SEQUENCE_MOLLI;
  snprintf(description, 80, "%s%s%.20s%s digital %s", sequences[o->sequence.kind].name,
           is_molli ? " " : "", is_molli ? o->sequence.scheme : "",
           o->post_contrast ? " post-contrast" : "",
           o->subject == TT1_SUBJECT_HEART ? "heart" : "phantom");
}

static tt1_status write_dicom(tt1_folder *folder, const simulated *s,
                              const simulate_request *request, const simulated_person *person,
                              tt1_error *error)
{
  const tt1_sequence *sequence = sequence_of(s->simulation);
  char path[200], description[80];
  describe(description, s->simulation);
  tt1_dicom_series series = {.version = TT1_DICOM_SERIES_VERSION,
                             .geometry = tt1_simulation_geometry(s->simulation),
                             .n_images = tt1_simulation_n_images(s->simulation),
                             .data = tt1_simulation_signal(s->simulation),
                             .times = tt1_simulation_times(s->simulation),
                             .kind = TT1_KIND_MAGNITUDE,
                             .number = person->number,
                             .description = description,
                             .patient_name = person->patient,
                             .patient_id = person->id,
                             .study = person->study,
                             .preparation = sequences[sequence->kind].preparation,
                             .style = request->style,
                             .flip = sequence->flip,
                             .repetition = sequence->repetition,
                             .acquired = tt1_simulation_acquired(s->simulation)};
  snprintf(path, sizeof path, "%smagnitude", person->folder);
  tt1_status status = tt1_folder_write_dicom_series(folder, path, &series, error);
  if (status != TT1_OK) return status;
  series.data = tt1_simulation_phase(s->simulation);
  series.kind = TT1_KIND_PHASE;
  series.number++;
  snprintf(path, sizeof path, "%sphase", person->folder);
  return tt1_folder_write_dicom_series(folder, path, &series, error);
}

static tt1_status write_truth(tt1_folder *folder, const char *prefix, const simulated *s,
                              const simulate_request *request, tt1_error *error)
{
  const tt1_simulation *simulation = s->simulation;
  char expected[40];
  snprintf(expected, sizeof expected, "expected_%s.nii.gz", s->map);
  const image_row images[] = {
      {"truth_T1map.nii.gz", 1, TT1_FLOAT32, tt1_simulation_truth(simulation), "true T1 (s)"},
      {"truth_T2map.nii.gz", 1, TT1_FLOAT32, tt1_simulation_truth_t2(simulation), "true T2 (s)"},
      {expected, 1, TT1_FLOAT32, s->expected, "what the protocol gives without noise (s)"},
      {"labels.nii.gz", 1, TT1_UINT8, tt1_simulation_labels(simulation), "tissue labels"},
      {"myocardium.nii.gz", 1, TT1_UINT8, tt1_simulation_myocardium(simulation),
       "wall of the left ventricle"}};
  tt1_status status = TT1_OK;
  for (size_t i = 0; status == TT1_OK && i < sizeof images / sizeof *images; i++)
    status = write_image(folder, prefix, s, &images[i], error);
  if (status == TT1_OK) status = simulate_write_record(folder, s, request, prefix, error);
  if (status == TT1_OK)
    status = simulate_write_text(folder, prefix, "slices.csv", simulate_slices(simulation), error);
  return status;
}

tt1_status simulate_write(tt1_folder *folder, const simulated *s, const simulate_request *request,
                          const simulated_person *person, tt1_error *error)
{
  tt1_status status = TT1_OK;
  if (request->format != SIMULATE_DICOM) status = write_nifti(folder, s, person->folder, error);
  if (status == TT1_OK && request->format != SIMULATE_NIFTI)
    status = write_dicom(folder, s, request, person, error);
  return status == TT1_OK ? write_truth(folder, person->folder, s, request, error) : status;
}
