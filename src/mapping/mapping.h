/* SPDX-License-Identifier: MIT
 * One series from reading to its last file. mapping.c calls what the other files do, in this order:
 * options.c and changes.c what was asked for, match.c the known quantities, inputs.c images and masks,
 * groups.c inversions, sets.c how many images each voxel takes, signs.c, uni.c, network.c, checks.c and
 * probe.c what looks wrong, parts.c the fit, maps.c and tissue.c what is made of it, files.c, shown.c and sidecars.c what is written,
 * record.c the record. names.c says what files are called. */
#ifndef TT1_MAPPING_MAPPING_H
#define TT1_MAPPING_MAPPING_H

#include "mapping/options.h"
#include "tt1_network.h"

enum { MAX_KNOWN = 12, MAX_OUTPUTS = 76, MAX_IMAGES = 4096, N_OUTCOMES = 6 };

/** The values of one known quantity and where they came from. */
typedef struct tt1__matched {
  const tt1_known *known;
  char source[256];
  double *values;      /* [n_slices][count]; NULL where `map` has them */
  int count, n_slices; /* n_slices: 1 unless every slice has its own */
  int is_of_model;     /* the model gives them itself */
  tt1_image *map;      /* per voxel: the values; else NULL */
  int is_of_dataset;   /* the map was found in the dataset of the series */
} tt1__matched;

/** --images-map: voxels that are fitted to the same number of first images are a set. */
typedef struct tt1__sets {
  tt1_image *map; /* as read; NULL: all voxels are fitted to all images */
  uint8_t *used;  /* [n_voxels] how many of the first images; 0: not fitted */
  int n;          /* of sets */
  int n_images[TT1_MAX_GROUPED];
} tt1__sets;

/** The inversion groups of one slice, all of its images. */
typedef struct tt1__slice_groups {
  tt1_inversions found;
  int group[TT1_MAX_GROUPED];
} tt1__slice_groups;

/** The inversion groups of a series, all of its images. */
typedef struct tt1__groups {
  tt1_inversions found;       /* n_groups 0: none */
  int group[TT1_MAX_GROUPED]; /* of each image before --images */
  double times[TT1_MAX_GROUPED];
  int is_assumed;            /* the rests are those of ShMOLLI, which the groups are of */
  tt1__slice_groups *slices; /* [n_slices] by the clock or the times of each; NULL: none */
  int n_slices;
  int is_told;      /* groups and rests are those of --scheme */
  int is_of_given;  /* by times that were given with --known */
  const char *name; /* what the series is called, if that is ShMOLLI; else NULL */
} tt1__groups;

/** Sentences in the order in which they were added. */
typedef struct tt1__sentences {
  const char **items; /* [count], in an arena */
  int count, capacity;
} tt1__sentences;

/** One map, and what is needed to make it. */
typedef struct tt1__map {
  tt1_mapped shown; /* its name is in `name`, its values in `values` */
  char name[64];
  float *values;       /* [n_voxels]; NULL for outcome */
  uint32_t depends_on; /* parameters that spoil it when they sit on a bound */
} tt1__map;

struct tt1_mapping {
  const tt1_mapping_options *options;
  tt1_plan_options plan;   /* as asked for, with all that options imply */
  char *input;             /* the path of the study, or the folder in the dataset */
  const tt1_bids *dataset; /* the series is one of this; NULL: of none */
  int index;               /* of the series in it */
  int is_derivative;       /* files are called as in a derivative dataset */
  tt1_read_options read;   /* as the study was read */
  char *wanted_series;     /* read.series */

  tt1_model *model;
  int is_own_choice;      /* the model was not asked for */
  const char *model_file; /* of a model that is not a shipped one; else NULL */
  tt1_image *image, *mask_image;
  uint8_t *mask;  /* [n_voxels] or NULL */
  int *images;    /* [n_images] from 1, or NULL for all in their order */
  int n_original; /* images before --images */
  tt1__sets sets;
  tt1__groups groups;
  tt1__matched known[MAX_KNOWN];
  int n_known;
  tt1_image *starts[MAX_STARTS]; /* of --start-map */
  int corrected;                 /* place among parameters and maps of --correction; -1: none */
  int8_t *signs;                 /* [n_images][n_voxels] as phase tells, or NULL */
  tt1_network *network;          /* of solver network, else NULL */
  int *fed;                      /* the images it is fed, from 0 */
  tt1__sentences notes, warnings;
  int n_early;                  /* warnings before the run: those after are of the last run */
  tt1__sentences files;         /* that were read, for tt1_folder_protect() */
  tt1__sentences remarks, like; /* about each change, then the correction; about --like */
  tt1__arena texts;

  tt1_device *device, *own_device; /* lent, or opened for this fit */
  tt1__map maps[MAX_OUTPUTS + 1];  /* after a run; outcome is the last */
  int n_maps, n_main;              /* the first n_main are parameters and derived maps */
  uint8_t *outcome, *bounds;
  uint8_t *tissue; /* [n_voxels] after a run: there is something to map */
  int64_t n_tissue;
  tt1_mapping_result result;
  char device_name[32], isa[96], device_reason[240], kernels_why[2000];
  char *record;
};

/* ---- mapping.c ---- */

/** Read series `index` of a dataset, whose maps are called as in a derivative dataset. `model` receives
    the name of its model, once it is known. */
tt1_status tt1__mapping_of_dataset(tt1_mapping **out, char model[64], const tt1_bids *dataset,
                                   int index, const tt1_mapping_options *options, tt1_error *err);
/** Add a sentence to a list of the mapping. Returns 0 if memory ran out. */
__attribute__((format(printf, 3, 4))) int tt1__mapping_add(tt1_mapping *m, tt1__sentences *list,
                                                           const char *format, ...);
/** How many plans a fit takes: one, or one for each slice where slices have values of their own. */
int tt1__mapping_n_plans(const tt1_mapping *m);
/** The values of a known quantity in one slice: [count]. */
const double *tt1__matched_values(const tt1__matched *known, int slice);

/* ---- match.c ---- */

/** Whether the model has all quantities that --known gives. */
tt1_status tt1__mapping_check_given(const tt1_mapping *m, tt1_error *err);
/** Find the values of all known quantities of the model: given, found with the series, or of the model. */
tt1_status tt1__mapping_match(tt1_mapping *m, tt1_error *err);

/* ---- inputs.c ---- */

/** Keep the images that --images names, numbers from 1. */
tt1_status tt1__mapping_choose_images(tt1_mapping *m, tt1_error *err);
/** Numbers from 1 of a list such as 1-5,7, [MAX_IMAGES]; `*count` how many. */
tt1_status tt1__images_parse(int *chosen, int *count, const char *text, int n_images,
                             tt1_error *err);
/** Whether the mask is made after the fit (--mask auto). */
int tt1__mapping_masks_itself(const tt1_mapping *m);
/** Read mask and starting maps. */
tt1_status tt1__mapping_read_mask(tt1_mapping *m, tt1_error *err);
tt1_status tt1__mapping_read_starts(tt1_mapping *m, tt1_error *err);
/** Remember the files of an image, whose paths begin in folder `root` (NULL: where we are). */
tt1_status tt1__mapping_note_files(tt1_mapping *m, const tt1_image *image, const char *root,
                                   tt1_error *err);

/* ---- sets.c ---- */

/** Read --images-map, and put the images into the order of acquisition. */
tt1_status tt1__mapping_read_sets(tt1_mapping *m, tt1_error *err);
/** How many runs a fit takes: one for each slice with values of its own and each set. */
int tt1__mapping_n_runs(const tt1_mapping *m);

/* ---- groups.c ---- */

/** Find the inversion groups of the series, before images are chosen: as --scheme has them, by the clock, or by
    the times. */
tt1_status tt1__mapping_find_groups(tt1_mapping *m, tt1_error *err);
/** Whether model mollirest is to take the place of molli: an image that is fitted comes after a rest of less than
    2 s, and rests are known. */
int tt1__mapping_has_short_rests(const tt1_mapping *m);
/** The values of a quantity of inversion groups; a refusal where they are not known. */
tt1_status tt1__mapping_take_groups(tt1__matched *known, tt1_mapping *m, tt1_error *err);
/** Warn where a model that begins at equilibrium is fitted to groups after short rests; say which rests a model
    takes that knows of them. */
tt1_status tt1__mapping_warn_of_groups(tt1_mapping *m, tt1_error *err);
/** Add "inversions", where there are several. */
void tt1__groups_put(tt1_json *out, const tt1_mapping *m);

/* ---- signs.c ---- */

/** Find the signs that phase tells, where they are wanted and can be had. */
tt1_status tt1__mapping_find_signs(tt1_mapping *m, tt1_error *err);
/** Refuse magnitudes for a model whose signal goes below zero and has no outer abs. */
tt1_status tt1__mapping_check_signed(const tt1_mapping *m, tt1_error *err);

/* ---- uni.c ---- */

/** Whether a UNI image signs the series, or is it: by the texts or the name of the file of one image. */
int tt1__mapping_has_uni(const tt1_mapping *m);
/** Make both inversions of a UNI image, where model mp2rage is given one alone. */
tt1_status tt1__mapping_take_uni(tt1_mapping *m, tt1_error *err);
/** Sign the first inversion by the image of --uni. */
tt1_status tt1__mapping_sign_by_uni(tt1_mapping *m, tt1_error *err);
/** Look for T1 where a UNI image alone decides it. */
tt1_status tt1__mapping_check_uni(tt1_mapping *m, tt1_error *err);

/* ---- checks.c ---- */

/** Refuse images that are 0, or not finite, everywhere in a slice where others are not. */
tt1_status tt1__mapping_check_dead(tt1_mapping *m, tt1_error *err);
enum { TT1__LIST_SIZE = 400 };
/** Numbers of all images but some, as --images takes them: "1-2,4-8". `is_left_out`: [n_images]. */
void tt1__images_without(char list[TT1__LIST_SIZE], const tt1_mapping *m,
                         const unsigned char *is_left_out);
/** Say what is known to mislead the model: first echoes of spin echo trains. */
tt1_status tt1__mapping_check_echoes(tt1_mapping *m, tt1_error *err);
/** Refuse a fit that came to nothing. */
tt1_status tt1__mapping_check_result(const tt1_mapping *m, tt1_error *err);

/* ---- probe.c ---- */

/** `*is_lost` is 1, with a warning, where signed images contradict a model that their magnitudes fit. */
tt1_status tt1__mapping_check_polarity(tt1_mapping *m, int *is_lost, tt1_error *err);
/** Warn of an image that fits none of the voxels which the others fit. */
tt1_status tt1__mapping_check_images(tt1_mapping *m, tt1_sign sign, tt1_error *err);

/* ---- network.c ---- */

/** Load the weights and choose the images that they are fed. */
tt1_status tt1__mapping_read_network(tt1_mapping *m, tt1_error *err);
tt1_status tt1__mapping_run_network(tt1_mapping *m, tt1_progress_fn progress, void *payload,
                                    tt1_error *err);

/* ---- parts.c ---- */

/** Progress of several parts of equal size, as that of one. */
typedef struct tt1__parts {
  tt1_progress_fn progress; /* or NULL */
  void *payload;
  int part, n_parts;
} tt1__parts;
/** A tt1_progress_fn whose payload is a tt1__parts. */
int tt1__parts_progress(int64_t done, int64_t total, void *payload);
tt1_status tt1__mapping_run_plans(tt1_mapping *m, tt1_progress_fn progress, void *payload,
                                  tt1_error *err);

/* ---- maps.c ---- */

/** Make room for all maps of a plan, and the outputs that fill them: [MAX_OUTPUTS + 2]. */
tt1_status tt1__mapping_prepare(tt1_mapping *m, const tt1_plan *plan, tt1_output *outputs,
                                int *n_outputs, tt1_error *err);
/** The same for the one map of a network. */
tt1_status tt1__mapping_prepare_one(tt1_mapping *m, const tt1_map *map, tt1_error *err);
/** Correct, put NaN where a number is not to be trusted, filter, count outcomes, find medians. */
tt1_status tt1__mapping_finish(tt1_mapping *m, tt1_error *err);
/** Free the maps of a run. */
void tt1__mapping_free_maps(tt1_mapping *m);

/* ---- tissue.c ---- */

/** Find the voxels with something to map: two of signal, R^2 and relative SD say so, of most voxels about
    them. */
tt1_status tt1__mapping_find_tissue(tt1_mapping *m, tt1_error *err);
/** |SD / value| of a voxel, HUGE_VAL where it is not finite. */
double tt1__relative_deviation(const float *values, const float *deviations, int64_t v);

/* ---- shown.c ---- */

/** The place among the maps of the one that a picture shows. */
int tt1__mapping_shown(const tt1_mapping *m);
/** The standard deviation of main map `index`, [n_voxels]; NULL where it has none. */
const float *tt1__mapping_deviation(const tt1_mapping *m, int index);
/** By how much a map is multiplied to be shown: 1000 for s, shown as ms. */
double tt1__shown_scale(const tt1_mapped *map);
/** Where the window of a map ends, in its unit: what most of the tissue does not exceed, rounded up. */
tt1_status tt1__mapping_limit(double *out, const tt1_mapping *m, const tt1_mapped *map,
                              tt1_error *err);
/** Formats that are drawn. */
enum { TT1__FORMATS_DRAWN = TT1_FORMAT_PNG | TT1_FORMAT_SVG | TT1_FORMAT_PDF };
/** Draw one map, in each format that was asked for. */
tt1_status tt1__mapping_write_picture(tt1_mapping *m, tt1_folder *folder, tt1_error *err);

/* ---- names.c ---- */

enum { TT1__NAME_SIZE = 1400 };

/** The kinds of files that a fit writes. */
typedef enum tt1__file_kind {
  TT1__FILE_MAP,
  TT1__FILE_SIDECAR,
  TT1__FILE_PICTURE,
  TT1__FILE_SVG,
  TT1__FILE_PDF,
  TT1__FILE_DICOM,  /* a folder */
  TT1__FILE_MATLAB, /* this and the next are of all maps: `map` is NULL */
  TT1__FILE_RECORD
} tt1__file_kind;

/** The name of such a file in the output folder. */
void tt1__mapping_name(char name[TT1__NAME_SIZE], const tt1_mapping *m, tt1__file_kind what,
                       const tt1_mapped *map);

/* ---- files.c, sidecars.c ---- */

/** Write all maps in the formats asked for. */
tt1_status tt1__mapping_write_maps(tt1_mapping *m, tt1_folder *folder, tt1_error *err);
/** Write a JSON sidecar for each map, as a BIDS dataset has them. */
tt1_status tt1__mapping_write_sidecars(const tt1_mapping *m, tt1_folder *folder, tt1_error *err);

/* ---- record.c ---- */

/** The record of an older fit. */
typedef struct tt1__record tt1__record;
/** Read that in folder `path`; `*out` is NULL, and the answer TT1_OK, where there is none, or none that can be
    read. */
tt1_status tt1__record_read(tt1__record **out, const tt1_mapping *m, const char *path,
                            tt1_error *err);
void tt1__record_free(tt1__record *record); /* accepts NULL */
/** Let the files that it lists go with the commit if they are not in `folder` anew. To be called when
    all but the new record are. NULL lists none. */
tt1_status tt1__record_remove_files(const tt1__record *record, const tt1_mapping *m,
                                    tt1_folder *folder, tt1_error *err);
/** The text of the record, which lists what is in `folder` by now. Free with tt1_text_free(). */
tt1_status tt1__record_write(char **out, const tt1_mapping *m, const tt1_folder *folder,
                             tt1_error *err);
/** CRC-32 of the text of the model, as records have it. */
void tt1__model_checksum(char text[16], const tt1_model *model);
#endif
