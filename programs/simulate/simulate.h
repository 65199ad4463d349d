/* SPDX-License-Identifier: MIT
 * What the files of `torcht1 simulate` share: what was asked for, the truth that
 * a fit gives, and where a series is written to. */
#ifndef TT1_SIMULATE_PROGRAM_H
#define TT1_SIMULATE_PROGRAM_H

#include "cli/program.h"
#include "tt1_simulate.h"

typedef enum simulate_format {
  SIMULATE_NIFTI = 0,
  SIMULATE_DICOM,
  SIMULATE_BOTH,
  SIMULATE_BIDS
} simulate_format;

/** The command line. */
typedef struct simulate_request {
  const char *output;
  tt1_simulation_options options;
  int is_cohort, n_subjects; /* n_subjects 0: the usual number */
  simulate_format format;
  tt1_dicom_style style;
  int quiet;
  uint64_t given; /* bit `row`: the option of that row was given */
} simulate_request;

/* ---- simulate_options.c ---- */

extern const option_row simulate_options[];
/** Fill in the request; leaves the program if the command line is wrong. */
void simulate_parse(simulate_request *request, int argc, char **argv);

/* ---- simulate_truth.c ---- */

/** A simulated series, and what its protocol gives without noise. */
typedef struct simulated {
  tt1_simulation *simulation;
  char map[16];    /* "T1map" or "T2map": what the model of the sequence finds */
  float *expected; /* [n_voxels] in s; NaN in air and where the fit fails */
} simulated;

/** Simulate, and fit the noise-free series on `device` in double precision. */
tt1_status simulate_series(simulated *out, const tt1_simulation_options *options,
                           tt1_device *device, tt1_error *error);
void simulated_free(simulated *s);

/* ---- simulate_write.c ---- */

/** Who is simulated, for names and identifiers. */
typedef struct simulated_person {
  const char *folder;  /* where the series goes within the output, ends in a slash; or "" */
  const char *patient; /* "Digital^Heart" */
  const char *id;
  const char *study; /* series of one study have the same text here */
  int number;        /* of the first series */
} simulated_person;

/** Write series and truth as NIfTI, DICOM or both. */
tt1_status simulate_write(tt1_folder *folder, const simulated *s, const simulate_request *request,
                          const simulated_person *person, tt1_error *error);
/** EXIT_FAILED after a complaint if the output folder holds another dataset or cohort, or subjects that are
    not among `participants`, the text of the table to be. */
int simulate_check_folder(const simulate_request *request, const char *participants);
/** Write simulation.json, unless another simulation lies there: its files would stay beside the new. */
tt1_status simulate_write_record(tt1_folder *folder, const simulated *s,
                                 const simulate_request *request, const char *prefix,
                                 tt1_error *error);
/** The text of simulation.json: all settings, times, motion; free with free(). */
char *simulate_json(const simulated *s);
/** The text of slices.csv, as `torcht1 regions --insertion` takes it, or NULL; free with free(). */
char *simulate_slices(const tt1_simulation *simulation);
/** When an image was acquired, as sidecars write it, in a scan that begins at ten: "10:00:00.120000". */
void simulate_clock(char text[24], const tt1_simulation *simulation, int image);
/** The key of a sidecar under which the times of the sequence stand. */
const char *simulate_times_key(const tt1_simulation *simulation);
/** Join `folder` and `name` and write a text there, if it is not NULL. Frees it. */
tt1_status simulate_write_text(tt1_folder *folder, const char *prefix, const char *name, char *text,
                               tt1_error *error);

/* ---- simulate_bids.c ---- */

/** Write the files of a BIDS data set that stand for all subjects. */
tt1_status simulate_bids_begin(tt1_folder *folder, tt1_subject subject, tt1_error *error);
/** The text of their dataset_description.json; free with free(). */
char *simulate_bids_description(void);
/** Write series and truth of subject `label` ("01"). */
tt1_status simulate_bids_series(tt1_folder *folder, const simulated *s,
                                const simulate_request *request, const char *label,
                                tt1_error *error);

/* ---- simulate_cohort.c ---- */

int simulate_cohort(const simulate_request *request);
#endif
