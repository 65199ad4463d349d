/* SPDX-License-Identifier: MIT
 * torcht1 simulate: a series with a known truth. */
#include "tt1_simulate.h"

#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "program.h"

enum { SIZE = 256, SLICES, SNR, SEED, SCHEME, RATE, POST, SIGNED, FORMAT };
enum { NIFTI = 0, DICOM, BOTH };

static const option_row options[] = {
    {"output", 'o', "FOLDER", "where to write (its parent must exist)"},
    {"size", SIZE, "N", "voxels along a side, 32 to 1024 (128)"},
    {"slices", SLICES, "N", "slices, 1 to 64 (1)"},
    {"snr", SNR, "X", "C of myocardium over sigma, or inf (50)"},
    {"seed", SEED, "N", "of the noise (1)"},
    {"scheme", SCHEME, "NAME", "5(3)3 or 4(1)3(1)2 (5(3)3)"},
    {"heart-rate", RATE, "BPM", "beats per minute (60)"},
    {"post-contrast", POST, NULL, "tissue values after contrast agent"},
    {"signed", SIGNED, NULL, "signed values in place of magnitudes"},
    {"format", FORMAT, "NAME", "nifti, dicom (magnitude and phase) or both (nifti)"},
    {"quiet", 'q', NULL, "print nothing"},
    {NULL, 0, NULL, NULL}};

typedef struct request {
  const char *output;
  tt1_heart_options heart;
  int format, quiet;
} request;

static const char *format_of(int index)
{
  static const char *const names[] = {"nifti", "dicom", "both", NULL};
  return names[index];
}

static double snr_of(const char *text)
{
  return strcmp(text, "inf") == 0 ? (double)INFINITY
                                  : option_number(&command_simulate, "snr", text, 0.1, 1e9);
}

static void parse(request *r, int argc, char **argv)
{
  const command_row *me = &command_simulate;
  int key;
  while ((key = option_next(me, argc, argv)))
    switch (key) {
    case 'o': r->output = optarg; break;
    case SIZE: r->heart.size = option_integer(me, "size", optarg, 32, 1024); break;
    case SLICES: r->heart.slices = option_integer(me, "slices", optarg, 1, 64); break;
    case SNR: r->heart.snr = snr_of(optarg); break;
    case SEED: r->heart.seed = (uint64_t)option_integer(me, "seed", optarg, 1, 2147483647); break;
    case SCHEME: r->heart.scheme = optarg; break;
    case RATE: r->heart.heart_rate = option_number(me, "heart-rate", optarg, 30, 200); break;
    case POST: r->heart.post_contrast = 1; break;
    case SIGNED: r->heart.is_signed = 1; break;
    case FORMAT: r->format = option_choice(me, "format", optarg, format_of); break;
    case 'q': r->quiet = 1; break;
    }
  const char *what = one_operand(me, argc, argv, "what to simulate ('heart')");
  if (strcmp(what, "heart") != 0) usage_error(me, "only 'heart' can be simulated, not '%s'", what);
  if (!r->output) usage_error(me, "-o FOLDER is missing");
  if (r->heart.is_signed && r->format != NIFTI)
    usage_error(me, "--signed is for NIfTI; in DICOM the phase tells the sign");
}

static tt1_status write_sidecar(tt1_folder *folder, const tt1_simulation *simulation,
                                tt1_error *error)
{
  json out = {0};
  json_open(&out, NULL, '{');
  json_numbers(&out, "InversionTime", tt1_simulation_times(simulation),
               tt1_simulation_n_images(simulation));
  json_close(&out, '{');
  char *text = json_finish(&out);
  tt1_status status = tt1_folder_write(folder, "series.json", text, strlen(text), error);
  free(text);
  return status;
}

static tt1_status write_nifti(tt1_folder *folder, const tt1_simulation *simulation,
                              tt1_error *error)
{
  tt1_status status =
      tt1_folder_write_image(folder, "series.nii.gz", tt1_simulation_geometry(simulation),
                             tt1_simulation_n_images(simulation), TT1_FLOAT32,
                             tt1_simulation_signal(simulation), "simulated MOLLI", error);
  return status == TT1_OK ? write_sidecar(folder, simulation, error) : status;
}

static tt1_status write_dicom(tt1_folder *folder, const tt1_simulation *simulation,
                              const tt1_heart_options *heart, tt1_error *error)
{
  char study[160], description[80];
  const char *scheme = heart->scheme ? heart->scheme : "5(3)3";
  snprintf(study, sizeof study, "heart %d %d %g %llu %.40s %g %d", heart->size, heart->slices,
           heart->snr, (unsigned long long)heart->seed, scheme, heart->heart_rate,
           heart->post_contrast);
  snprintf(description, sizeof description, "MOLLI %.40s digital heart", scheme);
  tt1_dicom_series series = {.version = TT1_DICOM_SERIES_VERSION,
                             .geometry = tt1_simulation_geometry(simulation),
                             .n_images = tt1_simulation_n_images(simulation),
                             .data = tt1_simulation_signal(simulation),
                             .times = tt1_simulation_times(simulation),
                             .kind = TT1_KIND_MAGNITUDE,
                             .number = 1,
                             .description = description,
                             .patient_name = "Digital^Heart",
                             .patient_id = "torcht1-heart",
                             .study = study};
  tt1_status status = tt1_folder_write_dicom(folder, "magnitude", &series, error);
  if (status != TT1_OK) return status;
  series.data = tt1_simulation_phase(simulation);
  series.kind = TT1_KIND_PHASE;
  series.number = 2;
  return tt1_folder_write_dicom(folder, "phase", &series, error);
}

static tt1_status write_truth(tt1_folder *folder, const tt1_simulation *simulation,
                              tt1_error *error)
{
  const tt1_geometry *geometry = tt1_simulation_geometry(simulation);
  tt1_status status =
      tt1_folder_write_image(folder, "truth_T1map.nii.gz", geometry, 1, TT1_FLOAT32,
                             tt1_simulation_truth(simulation), "true T1 (s)", error);
  if (status == TT1_OK)
    status = tt1_folder_write_image(folder, "labels.nii.gz", geometry, 1, TT1_UINT8,
                                    tt1_simulation_labels(simulation), "tissue labels", error);
  return status;
}

static tt1_status write_all(tt1_folder *folder, const tt1_simulation *simulation, const request *r,
                            tt1_error *error)
{
  tt1_status status = TT1_OK;
  if (r->format != DICOM) status = write_nifti(folder, simulation, error);
  if (status == TT1_OK && r->format != NIFTI)
    status = write_dicom(folder, simulation, &r->heart, error);
  if (status == TT1_OK) status = write_truth(folder, simulation, error);
  return status == TT1_OK ? tt1_folder_commit(folder, error) : status;
}

static void report(const request *r, int n_images)
{
  static const char *const written[] = {"series.nii.gz", "magnitude/*.dcm, phase/*.dcm",
                                        "series.nii.gz, magnitude/*.dcm, phase/*.dcm"};
  printf("%s/%s: %d images; truth_T1map.nii.gz and labels.nii.gz beside\n", r->output,
         written[r->format], n_images);
}

static int run(int argc, char **argv)
{
  request r = {NULL, TT1_HEART_OPTIONS_INIT, NIFTI, 0};
  parse(&r, argc, argv);
  tt1_simulation *simulation = NULL;
  tt1_error error = {0};
  tt1_folder *folder = open_folder(r.output);
  if (!folder) return EXIT_FAILED;
  tt1_status status = tt1_simulate_heart(&simulation, &r.heart, &error);
  if (status == TT1_OK) status = write_all(folder, simulation, &r, &error);
  close_folder(folder);
  if (status == TT1_OK && !r.quiet) report(&r, tt1_simulation_n_images(simulation));
  tt1_simulation_free(simulation);
  return status == TT1_OK ? EXIT_OK : complain_of(&error);
}

const command_row command_simulate = {
    "simulate",
    "heart -o FOLDER [OPTIONS]",
    "Simulate a MOLLI series of a digital heart, with its truth",
    "Writes series.nii.gz, series.json (inversion times in s), truth_T1map.nii.gz (s)\n"
    "and labels.nii.gz (0 air, 1 chest wall, 2 lung, 3 liver, 4 myocardium, 5 blood,\n"
    "6 fat). With --format dicom the series is magnitude/*.dcm and phase/*.dcm, one\n"
    "file per image and slice, of 12 bits as scanners write them.\n",
    options,
    run};
