/* SPDX-License-Identifier: MIT
 * Simulated series as a BIDS data set: raw images by inversion time, the truths in
 * derivatives/torcht1-truth. Names: BIDS specification 1.11, "Quantitative MRI". */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "simulate/simulate.h"
#include "tt1_json.h"

#define TRUTH "derivatives/torcht1-truth/"

static void open_description(tt1_json *out, const char *name, const char *type)
{
  tt1_json_open(out, NULL, '{');
  tt1_json_text(out, "Name", name);
  tt1_json_text(out, "BIDSVersion", "1.11.1");
  tt1_json_text(out, "DatasetType", type);
  tt1_json_open(out, "GeneratedBy", '[');
  tt1_json_open(out, NULL, '{');
  tt1_json_text(out, "Name", "torcht1");
  tt1_json_text(out, "Version", tt1_version());
  tt1_json_close(out, '{');
  tt1_json_close(out, '[');
}

char *simulate_bids_description(void)
{
  tt1_json out = {0};
  open_description(&out, "Simulated MOLLI series", "raw");
  tt1_json_close(&out, '{');
  return tt1_json_take(&out);
}

static char *truth_description(void)
{
  tt1_json out = {0};
  open_description(&out, "The truth of simulated MOLLI series", "derivative");
  tt1_json_open(&out, "SourceDatasets", '[');
  tt1_json_open(&out, NULL, '{');
  tt1_json_text(&out, "URL", "../..");
  tt1_json_close(&out, '{');
  tt1_json_close(&out, '[');
  tt1_json_open(&out, "DatasetLinks", '{');
  tt1_json_text(&out, "raw", "../..");
  tt1_json_close(&out, '{');
  tt1_json_close(&out, '{');
  return tt1_json_take(&out);
}

static char *label_table(tt1_subject subject)
{
  enum { LONGEST = 64, MOST = 32 };
  char *text = allocate(MOST + 1, LONGEST), *at = text;
  at += snprintf(at, LONGEST, "index\tname\n");
  for (int label = 0; label < MOST && tt1_subject_label(subject, label); label++)
    at += snprintf(at, LONGEST, "%d\t%s\n", label, tt1_subject_label(subject, label));
  return text;
}

static char *copy(const char *text)
{
  size_t length = strlen(text);
  char *out = allocate(length + 1, 1);
  snprintf(out, length + 1, "%s", text);
  return out;
}

tt1_status simulate_bids_begin(tt1_folder *folder, tt1_subject subject, tt1_error *error)
{
  static const char readme[] =
      "MOLLI series of digital subjects, simulated with `torcht1 simulate`. No person was imaged.\n"
      "\n"
      "derivatives/torcht1-truth holds true T1 and T2 (desc-true), what a fit of the series\n"
      "without noise gives (desc-expected), tissue labels (dseg), the wall of the left ventricle\n"
      "(mask), the insertion points of the right ventricle as `torcht1 regions` takes them, and\n"
      "all settings.\n";
  const struct {
    const char *name;
    char *text;
  } files[] = {{"dataset_description.json", simulate_bids_description()},
               {"README", copy(readme)},
               {TRUTH "dataset_description.json", truth_description()},
               {TRUTH "README", copy(readme)},
               {TRUTH "dseg.tsv", label_table(subject)}};
  tt1_status status = TT1_OK;
  for (size_t i = 0; i < sizeof files / sizeof *files; i++)
    if (status == TT1_OK)
      status = simulate_write_text(folder, "", files[i].name, files[i].text, error);
    else
      free(files[i].text);
  return status;
}

/* ---- One series ---- */

/* The way to a file and its name up to the suffix. */
static void make_stem(char stem[120], const char *root, const char *label,
                      const tt1_simulation *simulation)
{
  snprintf(stem, 120, "%ssub-%.16s/anat/sub-%.16s_acq-molli%s_", root, label, label,
           tt1_simulation_settings(simulation)->post_contrast ? "_ce-gad" : "");
}

static char *image_sidecar(const tt1_simulation *simulation, int image, int is_phase)
{
  const tt1_sequence *s = &tt1_simulation_settings(simulation)->sequence;
  char type[64], clock[24];
  tt1_json out = {0};
  simulate_clock(clock, simulation, image);
  snprintf(type, sizeof type, "MOLLI %.20s, balanced single-shot readout", s->scheme);
  tt1_json_open(&out, NULL, '{');
  tt1_json_number(&out, "InversionTime", tt1_simulation_times(simulation)[image]);
  tt1_json_number(&out, "MagneticFieldStrength", 3.0);
  tt1_json_number(&out, "FlipAngle", s->flip);
  tt1_json_number(&out, "RepetitionTimeExcitation", s->repetition);
  tt1_json_number(&out, "EchoTime", 0.5 * s->repetition);
  tt1_json_text(&out, "AcquisitionTime", clock);
  tt1_json_text(&out, "PulseSequenceType", type);
  tt1_json_text(&out, "MRAcquisitionType", "2D");
  if (is_phase) tt1_json_text(&out, "Units", "rad");
  tt1_json_close(&out, '{');
  return tt1_json_take(&out);
}

static tt1_status write_part(tt1_folder *folder, const char *stem, const tt1_simulation *simulation,
                             int image, int is_phase, tt1_error *error)
{
  const tt1_geometry *g = tt1_simulation_geometry(simulation);
  int64_t n_voxels = g->size[0] * g->size[1] * g->size[2];
  const float *data =
      is_phase ? tt1_simulation_phase(simulation) : tt1_simulation_signal(simulation);
  char name[80], path[200];
  snprintf(name, sizeof name, "inv-%d_part-%s_IRT1", image + 1, is_phase ? "phase" : "mag");
  snprintf(path, sizeof path, "%.120s%.60s.nii.gz", stem, name);
  tt1_status status = tt1_folder_write_image(folder, path, g, 1, TT1_FLOAT32,
                                             data + image * n_voxels, "simulated MOLLI", error);
  if (status != TT1_OK) return status;
  snprintf(path, sizeof path, "%.60s.json", name);
  return simulate_write_text(folder, stem, path, image_sidecar(simulation, image, is_phase), error);
}

/* The magnitudes, as BIDS URIs; `raw` is a link of the description. */
static void put_sources(tt1_json *out, const char *stem, const tt1_simulation *simulation)
{
  char uri[200];
  tt1_json_open(out, "Sources", '[');
  for (int i = 1; i <= tt1_simulation_n_images(simulation); i++) {
    snprintf(uri, sizeof uri, "bids:raw:%.120sinv-%d_part-mag_IRT1.nii.gz", stem, i);
    tt1_json_text(out, NULL, uri);
  }
  tt1_json_close(out, '[');
}

static tt1_status write_map(tt1_folder *folder, const char *stem, const simulated *s,
                            const char *name, const float *map, const char *meaning,
                            tt1_error *error)
{
  char path[200];
  tt1_json out = {0};
  if (!map) return TT1_OK;
  snprintf(path, sizeof path, "%.120s%.60s.nii.gz", stem, name);
  tt1_status status = tt1_folder_write_image(folder, path, tt1_simulation_geometry(s->simulation),
                                             1, TT1_FLOAT32, map, meaning, error);
  if (status != TT1_OK) return status;
  tt1_json_open(&out, NULL, '{');
  tt1_json_text(&out, "Description", meaning);
  tt1_json_text(&out, "Units", "s");
  put_sources(&out, stem + strlen(TRUTH), s->simulation);
  tt1_json_boolean(&out, "SkullStripped", 0);
  tt1_json_close(&out, '{');
  snprintf(path, sizeof path, "%.60s.json", name);
  return simulate_write_text(folder, stem, path, tt1_json_take(&out), error);
}

static tt1_status write_labels(tt1_folder *folder, const char *stem, const simulated *s,
                               const char *name, const uint8_t *labels, tt1_error *error)
{
  char path[200];
  if (!labels) return TT1_OK;
  snprintf(path, sizeof path, "%.120s%.60s.nii.gz", stem, name);
  return tt1_folder_write_image(folder, path, tt1_simulation_geometry(s->simulation), 1, TT1_UINT8,
                                labels, name, error);
}

static tt1_status write_truth(tt1_folder *folder, const simulated *s,
                              const simulate_request *request, const char *label, tt1_error *error)
{
  const tt1_simulation *simulation = s->simulation;
  char stem[120];
  make_stem(stem, TRUTH, label, simulation);
  tt1_status status = write_map(folder, stem, s, "desc-true_T1map",
                                tt1_simulation_truth(simulation), "true T1 (s)", error);
  if (status == TT1_OK)
    status = write_map(folder, stem, s, "desc-true_T2map", tt1_simulation_truth_t2(simulation),
                       "true T2 (s)", error);
  if (status == TT1_OK)
    status = write_map(folder, stem, s, "desc-expected_T1map", s->expected,
                       "what the protocol gives without noise (s)", error);
  if (status == TT1_OK)
    status = write_labels(folder, stem, s, "dseg", tt1_simulation_labels(simulation), error);
  if (status == TT1_OK)
    status = write_labels(folder, stem, s, "desc-myocardium_mask",
                          tt1_simulation_myocardium(simulation), error);
  // What BIDS has no names for goes where it lets names be.
  make_stem(stem, TRUTH "sourcedata/", label, simulation);
  if (status == TT1_OK) status = simulate_write_record(folder, s, request, stem, error);
  if (status == TT1_OK)
    status = simulate_write_text(folder, stem, "slices.csv", simulate_slices(simulation), error);
  return status;
}

tt1_status simulate_bids_series(tt1_folder *folder, const simulated *s,
                                const simulate_request *request, const char *label,
                                tt1_error *error)
{
  char stem[120];
  tt1_status status = TT1_OK;
  make_stem(stem, "", label, s->simulation);
  for (int i = 0; status == TT1_OK && i < tt1_simulation_n_images(s->simulation); i++) {
    status = write_part(folder, stem, s->simulation, i, 0, error);
    if (status == TT1_OK) status = write_part(folder, stem, s->simulation, i, 1, error);
  }
  return status == TT1_OK ? write_truth(folder, s, request, label, error) : status;
}
