/* SPDX-License-Identifier: MIT
 * What the files of `torcht1 fit` share: what was asked for, what was read,
 * what came out. */
#ifndef TT1_FIT_H
#define TT1_FIT_H

#include "cli/program.h"
#include "cli/progress.h"
#include "fit/fit_change.h"
#include "tt1_bids.h"
#include "tt1_input.h"
#include "tt1_network.h"

enum { MAX_KNOWN = 12, MAX_OUTPUTS = 76, N_OUTCOMES = 6, MAX_IMAGES = 4096 };
enum { MAX_NOTES = 4, NOTE_SIZE = 320, FILE_SIZE = 1400 };

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
  int is_dataset;          /* the input is a BIDS dataset, or a part of one */
  tt1_bids_options wanted; /* of a dataset */
  int overwrites;          /* what is complete, too */
} fit_request;

/** The values of one known quantity and where they came from. */
typedef struct fit_known {
  const tt1_known *known;
  char source[256];
  double *values;      /* [n_slices][count] */
  int count, n_slices; /* n_slices: 1 unless every slice has its own */
  tt1_image *map;      /* per voxel: the values; else NULL */
  int is_of_dataset;   /* the map was found in the dataset of the series */
} fit_known;

/** What is fitted. */
typedef struct fit_input {
  const tt1_bids *dataset; /* NULL: the input is none */
  int index;               /* of the series in it */
  tt1_model *model;
  tt1_image *image, *mask_image;
  uint8_t *mask;  /* [n_voxels] or NULL */
  int *images;    /* [n_images] from 1, or NULL for all in their order */
  int n_original; /* images before --images */
  fit_known known[MAX_KNOWN];
  int n_known;
  tt1_network *network;             /* of solver network, else NULL */
  int *fed;                         /* the images it is fed, from 0 */
  int8_t *signs;                    /* [n_images][n_voxels] as phase tells, or NULL */
  double open_share;                /* of the samples, where it does not */
  char notes[MAX_NOTES][NOTE_SIZE]; /* what was assumed beyond reading; sentences, "" at the end */
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
  char device[32], isa[96], why[240], kernels_why[480];
  const char *kernels; /* shipped, compiled, interpreted or driver; NULL of a network */
  int threads;
  double read_seconds, fit_seconds, write_seconds;
} fit_result;

/** What lasts from one series to the next. */
typedef struct fit_session {
  tt1_device *device;    /* NULL until it is needed */
  char kernels_why[480]; /* why kernels were slower than they could be; "": they were not */
} fit_session;

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
tt1_status fit_run_all(const fit_request *request, const fit_input *in, fit_session *session,
                       fit_result *result, tt1_error *error);

/** What a fit came to. */
typedef enum fit_end { FIT_DONE = 0, FIT_FAILED, FIT_COMPLETE } fit_end;

/* fit_one.c */
/**
 * Fit one series: `in` says which one of which dataset, or neither, for the input of the request. Its
 * files appear whole or not at all. FIT_COMPLETE: they were there, and made of the same.
 */
fit_end fit_one(fit_request *request, fit_input *in, fit_session *session);
void fit_session_end(fit_session *session, int quiet);

/* fit_dataset.c */
/** Fit all series of a dataset that are wanted. */
int fit_dataset(const fit_request *request);

/* fit_name.c */
/** The map of outcomes, which has no values here. */
extern const fit_map fit_outcome;
/** The kinds of files that a fit writes. */
typedef enum fit_file {
  FILE_MAP,
  FILE_SIDECAR,
  FILE_PICTURE,
  FILE_DICOM,  /* a folder */
  FILE_MATLAB, /* this and the next are of all maps: `map` is NULL */
  FILE_RECORD
} fit_file;
/** The name of such a file in the output folder. */
void fit_name(char name[FILE_SIZE], const fit_input *in, fit_file what, const fit_map *map);
/** The part of a name after its last slash. */
const char *fit_base(const char *name);

/* fit_bids.c */
/** Make the output folder a derivative dataset of `dataset`, or see that it is one. */
int fit_prepare_dataset(const fit_request *request, const tt1_bids *dataset);

/* fit_sidecar.c */
/** Write a JSON sidecar for each map, as a BIDS dataset has them. */
tt1_status fit_write_sidecars(const fit_result *result, const fit_input *in,
                              const fit_request *request, tt1_folder *folder, tt1_error *error);

/* fit_record.c */
/** Whether the record in the output folder is of the same fit, and all maps that it lists are there. */
int fit_is_complete(const fit_input *in, const fit_request *request);
/** The record of an older fit in the output folder, or NULL; free with free(). */
char *fit_old_record(const fit_input *in, const fit_request *request);
/** Let the files that `old`, such a record or NULL, lists go with the commit if they are not in `folder`
    anew. To be called when all but the new record are. */
tt1_status fit_remove_old(const char *old, const fit_input *in, tt1_folder *folder,
                          tt1_error *error);

/* fit_input.c */
int fit_read(fit_input *in, fit_request *request);
void fit_input_free(fit_input *in);
/** Add a sentence about what was assumed. */
__attribute__((format(printf, 2, 3))) void fit_note(fit_input *in, const char *format, ...);
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
enum { FORMATS_SIZE = 40 };
/** The list of these bits. */
const char *fit_formats_text(char text[FORMATS_SIZE], int wanted);
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
/** The key in a record of what was written beside it. */
#define FILES_KEY "files"
/** The text of fit.json, which lists what is in `folder` by now; free with free(). */
char *fit_json(const fit_result *result, const fit_input *in, const fit_request *request,
               const tt1_folder *folder);
/** How that text begins: all that went into the fit, so that equal beginnings are equal fits. */
char *fit_json_beginning(const fit_input *in, const fit_request *request);
/** One line about a series of a dataset. */
void fit_print_line(const fit_result *result, const fit_input *in);
/** CRC-32 as of gzip and PNG. */
uint32_t fit_checksum(const char *text);
void fit_print_table(const fit_result *result, const fit_input *in, const fit_request *request);
#endif
