/* SPDX-License-Identifier: MIT
 * What the files of `torcht1 fit` share: what was asked for, what was read,
 * what came out. */
#ifndef TT1_FIT_H
#define TT1_FIT_H

#include "fit_change.h"
#include "program.h"
#include "progress.h"
#include "tt1_network.h"

enum { MAX_KNOWN = 12, MAX_OUTPUTS = 76, N_OUTCOMES = 6, MAX_IMAGES = 4096 };

/** What --sign asks for: the first three are those of tt1_sign. */
enum { FIT_SIGN_AUTO, FIT_SIGN_MAGNITUDE, FIT_SIGN_SIGNED, FIT_SIGN_PHASE };

/** What --output-format asks for. */
enum { FIT_NIFTI = 1, FIT_PNG = 2, FIT_DICOM = 4, FIT_MAT = 8 };

/** The command line. */
typedef struct fit_request {
  const char *input, *output, *model, *device, *mask, *images;
  const char *weights; /* of solver network */
  int is_network;
  const char *known[MAX_KNOWN];
  int n_known;
  tt1_read_options read;
  tt1_device_options device_options;
  tt1_plan_options plan;
  fit_changes changes;
  const char *like; /* --like, or NULL */
  int has_start;    /* --start was given */
  int sign, estimates_sigma, filter;
  int formats, names_formats; /* FIT_NIFTI ... */
  int keep_bound, quiet, as_json;
} fit_request;

/** The values of one known quantity and where they came from. */
typedef struct fit_known {
  const tt1_known *known;
  char source[256];
  double *values;      /* [n_slices][count] */
  int count, n_slices; /* n_slices: 1 unless every slice has its own */
  tt1_image *map;      /* per voxel: the values; else NULL */
} fit_known;

/** What is fitted. */
typedef struct fit_input {
  tt1_model *model;
  tt1_image *image, *mask_image;
  uint8_t *mask;  /* [n_voxels] or NULL */
  int *images;    /* [n_images] from 1, or NULL for all in their order */
  int n_original; /* images before --images */
  fit_known known[MAX_KNOWN];
  int n_known;
  tt1_network *network; /* of solver network, else NULL */
  int *fed;             /* the images it is fed, from 0 */
  int8_t *signs;        /* [n_images][n_voxels] as phase tells, or NULL */
  double open_share;    /* of the samples, where it does not */
} fit_input;

/** One map that is written. */
typedef struct fit_map {
  char name[64]; /* without .nii.gz: T1map, T1map_sd, outcome */
  const char *unit, *meaning, *bids;
  float *values;       /* [n_voxels]; NULL for outcome */
  uint32_t depends_on; /* parameters that spoil it when they sit on a bound */
  int is_deviation;
  double correction;           /* what its values were multiplied by; 0: nothing */
  const char *filter;          /* what it went through after the fit, or NULL */
  double median, quartiles[2]; /* over the voxels that are not NaN */
} fit_map;

/** What came out. */
typedef struct fit_result {
  fit_map maps[MAX_OUTPUTS];
  int n_maps, n_main; /* the first n_main are parameters and derived maps */
  uint8_t *outcome, *bounds;
  int64_t counts[N_OUTCOMES];
  const char *solver;
  double sigma; /* given or estimated; 0: from the residuals of each voxel */
  const char *picture;
  uint32_t weights_checksum;
  char device[32], isa[96], why[240], kernels_why[480];
  const char *kernels; /* shipped, compiled, interpreted or driver; NULL of a network */
  int threads;
  double read_seconds, fit_seconds, write_seconds;
} fit_result;

/** What one plan fits: the series, or a slice of it, in the shape the library takes. */
typedef struct fit_part {
  tt1_design design;
  tt1_known_values values[MAX_KNOWN];
  tt1_series series;
  tt1_voxel_known maps[MAX_KNOWN], starts[MAX_STARTS];
  const uint8_t *mask; /* or NULL */
  int64_t first;       /* its first voxel, counted in the series */
} fit_part;

/** A fit under way. */
typedef struct fit_run {
  const fit_request *request;
  const fit_input *in;
  fit_result *result;
  tt1_device *device;
  tt1_plan_options options; /* as asked for, with sign and sigma settled */
  tt1_plan *first;          /* that of the first part, which owns the names of the outputs */
  tt1_output outputs[MAX_OUTPUTS + 2];
  int n_outputs;
  progress bar;
  int wants_bar;
} fit_run;

/* fit_run.c */
/** How many plans a fit takes: one, or one for each slice where slices have values of their own. */
int fit_n_parts(const fit_input *in);
/** The values of a known quantity in one slice: [count]. */
const double *fit_values(const fit_known *known, int slice);
void fit_lay_out(fit_part *part, const fit_input *in, const fit_changes *changes, int slice);
tt1_status fit_run_all(const fit_request *request, const fit_input *in, fit_result *result,
                       tt1_error *error);

/* fit_input.c */
int fit_read(fit_input *in, fit_request *request);
void fit_input_free(fit_input *in);
/** Numbers from 1 of --images; the count, 0 after a complaint. `chosen` has room for MAX_IMAGES. */
int fit_parse_images(const char *text, int n_images, int *chosen);

/* fit_network.c */
/** Complain and leave if the options do not fit solver network. */
void fit_network_check(const fit_request *request);
/** Load the weights and choose the images that they are fed. */
int fit_network_read(fit_input *in, const fit_request *request);
tt1_status fit_network(const fit_request *request, const fit_input *in, fit_result *result,
                       tt1_error *error);

/* fit_sign.c */
/** The names of --sign, for option_choice(). */
const char *fit_sign_name(int index);
/** Find the signs that phase tells, where they are wanted and can be had. */
int fit_signs(fit_input *in, const fit_request *request);

/* fit_filter.c */
/** The names of --filter, for option_choice(). */
const char *fit_filter_name(int index);
/** Filter a map in place; `scratch` has room for one. */
tt1_status fit_filter(fit_map *map, float *scratch, const fit_input *in, int filter,
                      tt1_error *error);

/* fit_noise.c */
/** The names of --noise, for option_choice(). */
const char *fit_noise_name(int index);
/** Take the argument of --sigma; leaves the program if it is none. */
void fit_take_sigma(fit_request *request, const char *text);
/** Estimate the sigma of the options where it is needed and not given. */
tt1_status fit_find_sigma(fit_run *run, tt1_error *error);

/* fit_output.c */
int fit_prepare(fit_result *result, const fit_input *in, const tt1_plan *plan, tt1_output *outputs);
/** Correct, put NaN where a number is not to be trusted, count outcomes, find medians. */
tt1_status fit_mask(fit_result *result, const fit_input *in, const fit_request *request,
                    tt1_error *error);
/** Write all maps in the formats asked for. */
tt1_status fit_write_maps(fit_result *result, const fit_input *in, const fit_request *request,
                          tt1_folder *folder, tt1_error *error);
void fit_result_free(fit_result *result);
/** The value of `map` that pictures show brightest, in its unit: where tissue ends, rounded up. */
double fit_shown_limit(const fit_map *map, const fit_input *in);

/* fit_formats.c */
/** The bits of a list such as "nifti,mat"; leaves the program if it is none. */
int fit_parse_formats(const char *text);
/** EXIT_FAILED after a complaint where a format that was named cannot be written here. */
int fit_check_formats(const fit_request *request);

/* fit_mat.c */
/** Write all maps as maps.mat. */
tt1_status fit_write_mat(const fit_result *result, const fit_input *in, const fit_request *request,
                         tt1_folder *folder, tt1_error *error);

/* fit_dicom.c */
/** Write all maps as DICOM into dicom/NAME, and warn of voxels that do not fit. */
tt1_status fit_write_dicom(const fit_result *result, const fit_input *in,
                           const fit_request *request, tt1_folder *folder, tt1_error *error);

/* fit_report.c */
/** The text of fit.json; free with free(). */
char *fit_json(const fit_result *result, const fit_input *in, const fit_request *request);
void fit_print_table(const fit_result *result, const fit_input *in, const fit_request *request);
#endif
