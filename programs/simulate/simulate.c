/* SPDX-License-Identifier: MIT
 * torcht1 simulate: a series with a known truth, or a cohort of them. */
#include "simulate/simulate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char participants[] = "participant_id\nsub-01\n";

static tt1_status write_all(tt1_folder *folder, const simulated *s, const simulate_request *r,
                            tt1_error *error)
{
  if (r->format == SIMULATE_BIDS) {
    tt1_status status =
        tt1_folder_write(folder, "participants.tsv", participants, strlen(participants), error);
    if (status == TT1_OK) status = simulate_bids_begin(folder, r->options.subject, error);
    return status == TT1_OK ? simulate_bids_series(folder, s, r, "01", error) : status;
  }
  int is_heart = r->options.subject == TT1_SUBJECT_HEART;
  char *study = simulate_json(s); // whatever differs makes another study
  simulated_person person = {.folder = "",
                             .patient = is_heart ? "Digital^Heart" : "Digital^Phantom",
                             .id = is_heart ? "torcht1-heart" : "torcht1-phantom",
                             .study = study,
                             .number = 1};
  tt1_status status = simulate_write(folder, s, r, &person, error);
  free(study);
  return status;
}

static void report(const simulate_request *r, const simulated *s)
{
  static const char *const written[] = {[SIMULATE_NIFTI] = "series.nii.gz",
                                        [SIMULATE_DICOM] = "magnitude/*.dcm, phase/*.dcm",
                                        [SIMULATE_BOTH] =
                                            "series.nii.gz, magnitude/*.dcm, phase/*.dcm",
                                        [SIMULATE_BIDS] = "sub-01/anat/*_IRT1.nii.gz"};
  printf("%s/%s: %d images, for model %s\n", r->output, written[r->format],
         tt1_simulation_n_images(s->simulation), tt1_simulation_model(s->simulation));
  printf("truth beside it: true values, what the protocol gives without noise, labels\n");
}

static int simulate_one(const simulate_request *r)
{
  simulated s = {0};
  tt1_error error = {0};
  tt1_device *device = NULL;
  tt1_device_options with = TT1_DEVICE_OPTIONS_INIT;
  with.threads = r->options.threads;
  int is_dataset = r->format == SIMULATE_BIDS;
  if (simulate_check_folder(r, is_dataset ? participants : "") != EXIT_OK) return EXIT_FAILED;
  tt1_folder *folder = open_folder(r->output);
  if (!folder) return EXIT_FAILED;
  tt1_status status = tt1_device_open(&device, "cpu", &with, &error);
  if (status == TT1_OK) status = simulate_series(&s, &r->options, device, &error);
  if (status == TT1_OK) status = write_all(folder, &s, r, &error);
  if (status == TT1_OK) status = tt1_folder_commit(folder, &error);
  close_folder(folder);
  if (status == TT1_OK && !r->quiet) report(r, &s);
  simulated_free(&s);
  tt1_device_free(device);
  return status == TT1_OK ? EXIT_OK : complain_of(&error);
}

static int run(int argc, char **argv)
{
  simulate_request r = {.options = TT1_SIMULATION_OPTIONS_INIT};
  simulate_parse(&r, argc, argv);
  return r.is_cohort ? simulate_cohort(&r) : simulate_one(&r);
}

const command_row command_simulate = {
    "simulate",
    "heart|vials|nist|cohort -o FOLDER [OPTIONS]",
    "Simulate series of a digital heart or phantom, with their truth",
    "heart: a chest cut through the short axis of the heart. vials: twelve vials with\n"
    "values of myocardium and blood. nist: the fourteen spheres of the NIST T1 plate.\n"
    "The Bloch equations make the signal; docs/simulate.md tells what is left out.\n"
    "Writes series.nii.gz and series.json (times in s), or with --format dicom\n"
    "magnitude/*.dcm and phase/*.dcm, of 12 bits as scanners write them, or with\n"
    "--format bids a data set with the truth in derivatives/torcht1-truth. Beside it the\n"
    "truth: truth_T1map and truth_T2map (s), expected_T1map or expected_T2map (what a\n"
    "fit of the noise-free series gives), labels (0 air, 1 chest wall, 2 lung, 3\n"
    "liver, 4 myocardium, 5 blood, 6 fat; vials from 1, then their gel), myocardium\n"
    "and slices.csv for 'torcht1 regions --aha', simulation.json with all settings.\n"
    "cohort: native 5(3)3 and post-contrast 4(1)3(1)2 series at 3 T of persons that\n"
    "are drawn from --seed; person 7 is the same in every cohort of that seed.\n"
    "A FOLDER that holds another simulation is refused.\n",
    simulate_options,
    run,
    NULL};
