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

enum { SIZE = 256, SLICES, SNR, SEED, SCHEME, RATE, POST, SIGNED };

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
    {"quiet", 'q', NULL, "print nothing"},
    {NULL, 0, NULL, NULL}};

typedef struct request {
  const char *output;
  tt1_heart_options heart;
  int quiet;
} request;

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
    case 'q': r->quiet = 1; break;
    }
  const char *what = one_operand(me, argc, argv, "what to simulate ('heart')");
  if (strcmp(what, "heart") != 0) usage_error(me, "only 'heart' can be simulated, not '%s'", what);
  if (!r->output) usage_error(me, "-o FOLDER is missing");
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

static tt1_status write_all(tt1_folder *folder, const tt1_simulation *simulation, tt1_error *error)
{
  const tt1_geometry *geometry = tt1_simulation_geometry(simulation);
  tt1_status status = tt1_folder_write_image(
      folder, "series.nii.gz", geometry, tt1_simulation_n_images(simulation), TT1_FLOAT32,
      tt1_simulation_signal(simulation), "simulated MOLLI", error);
  if (status == TT1_OK) status = write_sidecar(folder, simulation, error);
  if (status == TT1_OK)
    status = tt1_folder_write_image(folder, "truth_T1map.nii.gz", geometry, 1, TT1_FLOAT32,
                                    tt1_simulation_truth(simulation), "true T1 (s)", error);
  if (status == TT1_OK)
    status = tt1_folder_write_image(folder, "labels.nii.gz", geometry, 1, TT1_UINT8,
                                    tt1_simulation_labels(simulation), "tissue labels", error);
  return status == TT1_OK ? tt1_folder_commit(folder, error) : status;
}

static int run(int argc, char **argv)
{
  request r = {NULL, TT1_HEART_OPTIONS_INIT, 0};
  parse(&r, argc, argv);
  tt1_simulation *simulation = NULL;
  tt1_error error = {0};
  tt1_folder *folder = open_folder(r.output);
  if (!folder) return EXIT_FAILED;
  tt1_status status = tt1_simulate_heart(&simulation, &r.heart, &error);
  if (status == TT1_OK) status = write_all(folder, simulation, &error);
  close_folder(folder);
  if (status == TT1_OK && !r.quiet)
    printf("%s/series.nii.gz: %d images; truth_T1map.nii.gz and labels.nii.gz beside it\n",
           r.output, tt1_simulation_n_images(simulation));
  tt1_simulation_free(simulation);
  return status == TT1_OK ? EXIT_OK : complain_of(&error);
}

const command_row command_simulate = {
    "simulate",
    "heart -o FOLDER [OPTIONS]",
    "Simulate a MOLLI series of a digital heart, with its truth",
    "Writes series.nii.gz, series.json (inversion times in s), truth_T1map.nii.gz (s)\n"
    "and labels.nii.gz (0 air, 1 chest wall, 2 lung, 3 liver, 4 myocardium, 5 blood,\n"
    "6 fat).\n",
    options,
    run};
