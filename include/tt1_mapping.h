/* SPDX-License-Identifier: MIT
 *
 * A study in, maps out: all that lies between a path and a folder of maps. The contract of torcht1.h
 * (units, layout, errors, ownership, threads) holds here too.
 *
 *   tt1_study_open(&study, path, NULL, &error)                   what is there
 *   tt1_mapping_create(&mapping, study, -1, NULL, &error)         model, series, times, signs, masks
 *   tt1_mapping_run(mapping, NULL, NULL, &error)                  the fit
 *   tt1_mapping_map(mapping, "T1map")                             a map, in s
 *   tt1_mapping_write(mapping, folder, &error)                    files, whole or not at all
 *
 * A known quantity of the model is found by its key in BIDS or its keyword in DICOM, never by its place
 * in a file. Slices with times of their own take a plan each, to the bits of single fits. What was assumed
 * is told by tt1_mapping_note() and recorded.
 */
#ifndef TT1_MAPPING_H
#define TT1_MAPPING_H

#include "tt1_input.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Options ---------------------------------------------------------------- */

/** How a study is mapped. Options are those of `torcht1 fit`, and messages write them as its command
 * line does: --solver. */
typedef struct tt1_mapping_options tt1_mapping_options;

/** One option. */
typedef struct tt1_option {
  const char *name;     /**< "solver" */
  int letter;           /**< 's' for -s on a command line; 0: none */
  const char *argument; /**< what it takes, for a help text: "NAME"; NULL: nothing, it turns
                             something on */
  const char *help;     /**< one phrase, with the default in parentheses */
  int is_recorded; /**< it may change what is written: it is in the record, and a fit with another
                             value is another fit */
} tt1_option;

/** Option `index`, from 0, in the order of a help text; NULL past the last. */
TT1_API const tt1_option *tt1_mapping_option(int index);

/** Options that all have their defaults. TT1_NO_MEMORY. Free with tt1_mapping_options_free(), after the
    mappings that were made with them. */
TT1_API tt1_status tt1_mapping_options_create(tt1_mapping_options **out, tt1_error *err);
TT1_API void tt1_mapping_options_free(tt1_mapping_options *options); /**< Accepts NULL. */

/**
 * Set an option; one that may be given several times (known, fix, bounds, start-at, start-map) is added.
 * @param value  copied; NULL for an option without an argument
 * @return TT1_BAD_ARGUMENT with what is expected, TT1_NO_MEMORY
 */
TT1_API tt1_status tt1_mapping_options_set(tt1_mapping_options *options, const char *name,
                                           const char *value, tt1_error *err);

/** Whether the options go together and their formats can be written: TT1_OK, TT1_BAD_ARGUMENT or
    TT1_NO_DEVICE. tt1_mapping_create() asks this first. */
TT1_API tt1_status tt1_mapping_options_check(const tt1_mapping_options *options, tt1_error *err);

/** What --output-format asks for, as bits. */
enum {
  TT1_FORMAT_NIFTI = 1,
  TT1_FORMAT_PNG = 2,
  TT1_FORMAT_DICOM = 4,
  TT1_FORMAT_MAT = 8,
  TT1_FORMAT_SVG = 16,
  TT1_FORMAT_PDF = 32
};

/** What --output-format and --dicom ask for. */
TT1_API int tt1_mapping_options_formats(const tt1_mapping_options *options);
/** What --model names, or NULL. Borrowed. */
TT1_API const char *tt1_mapping_options_model(const tt1_mapping_options *options);
/** What --series, --times and --threads ask for: for tt1_study_open(). Borrowed. */
TT1_API const tt1_read_options *tt1_mapping_options_reading(const tt1_mapping_options *options);

/* ---- One series --------------------------------------------------------------- */

/** A series that is mapped: what is known of it and, after tt1_mapping_run(), its maps. */
typedef struct tt1_mapping tt1_mapping;

/**
 * Read a series and all that its fit takes: model, known quantities, signs from phase, mask, starting maps,
 * network.
 *
 * @param[out] out      free with tt1_mapping_free()
 * @param      study    may go afterwards
 * @param      series   index of the series, or -1 for the one that tt1_study_choose() gives
 * @param      options  NULL for the defaults; must outlive the mapping
 * @return TT1_OK; TT1_BAD_ARGUMENT, TT1_BAD_FILE or TT1_IO with what is wrong or missing and how to give it;
 *         TT1_BAD_MODEL with the place in the file that --model names; TT1_NO_DEVICE; TT1_NO_MEMORY
 */
TT1_API tt1_status tt1_mapping_create(tt1_mapping **out, tt1_study *study, int series,
                                      const tt1_mapping_options *options, tt1_error *err);
TT1_API void tt1_mapping_free(tt1_mapping *mapping); /**< Accepts NULL. */

/** Fit on `device`, which must outlive the fit, in place of one that is opened for it alone. */
TT1_API void tt1_mapping_use(tt1_mapping *mapping, tt1_device *device);

/**
 * Fit, and make of the result what is written: NaN where a voxel did not converge or a map depends on a
 * parameter on a bound (but for --keep-bound), corrected, filtered.
 *
 * @param progress  NULL, or called now and then with voxels done and in all; nonzero cancels
 * @return TT1_OK even if single voxels failed; else as tt1_plan_create() and tt1_plan_run(). After a
 *         failure there are no maps
 */
TT1_API tt1_status tt1_mapping_run(tt1_mapping *mapping, tt1_progress_fn progress, void *payload,
                                   tt1_error *err);

/** A map. Borrowed from the mapping. */
typedef struct tt1_mapped {
  const char *name;     /**< as its file is called: "T1map", "k", "T1map_sd", "outcome" */
  const char *unit;     /**< "s", "1" */
  const char *meaning;  /**< one phrase */
  const char *bids;     /**< suffix in BIDS, or NULL */
  tt1_type type;        /**< TT1_UINT8 for the codes of "outcome", else TT1_FLOAT32 */
  const void *values;   /**< [n_voxels] */
  int is_main;          /**< a parameter or a derived map */
  int is_deviation;     /**< the standard deviation of one */
  double multiplied_by; /**< --correction; 1: not corrected */
  const char *filter;   /**< what it went through after the fit, or NULL */
  double median; /**< of the finite voxels that are summed up; of main maps only, else NaN, like */
  double quartiles[2];
} tt1_mapped;

/** Map `index`, from 0: main maps, their standard deviations, goodness of fit, covariances, and "outcome"
    last. NULL past the last, and before tt1_mapping_run(). */
TT1_API const tt1_mapped *tt1_mapping_map_at(const tt1_mapping *mapping, int index);
/** The values of the map called `name`, [n_voxels] in its unit; NULL if there is none of float. */
TT1_API const float *tt1_mapping_map(const tt1_mapping *mapping, const char *name);
/** The tt1_outcome of each voxel, [n_voxels], or NULL before tt1_mapping_run(). */
TT1_API const uint8_t *tt1_mapping_outcome(const tt1_mapping *mapping);

/** The images that are fitted, as --images chose them. Borrowed. */
TT1_API const tt1_image *tt1_mapping_image(const tt1_mapping *mapping);
/** The model, as --fix and --bounds changed it. Borrowed. */
TT1_API const tt1_model *tt1_mapping_model(const tt1_mapping *mapping);
/** Sentence `index`, from 0, about what was assumed; NULL past the last. */
TT1_API const char *tt1_mapping_note(const tt1_mapping *mapping, int index);
/** Sentence `index`, from 0, that whoever asked for the maps should read; NULL past the last. */
TT1_API const char *tt1_mapping_warning(const tt1_mapping *mapping, int index);
/** Line `index`, from 0, about what options changed, for a report: `label` receives "fixed", "note",
    "like" or "". NULL past the last. */
TT1_API const char *tt1_mapping_remark(const tt1_mapping *mapping, int index, const char **label);

/** What a fit came to. Texts are borrowed from the mapping. */
typedef struct tt1_mapping_result {
  const char *model_file; /**< of the model, where it is not a shipped one; else NULL */
  const char *solver;     /**< that was taken: "varpro" */
  double sigma; /**< of the noise, given or estimated; 0: from the residuals of each voxel */
  int sigma_is_estimated;
  int n_plans;       /**< more than 1: slices with times of their own */
  double open_share; /**< of the samples, whose sign phase does not tell; -1: phase is not used */
  int64_t n_voxels, outcomes[6]; /**< how many ended so, by tt1_outcome */
  const char *device, *isa, *device_reason;
  const char *kernels;     /**< as tt1_plan_kernels(); NULL of a network */
  const char *kernels_why; /**< why kernels were slower than they could be; NULL: they were not */
  int threads;
  double read_seconds, fit_seconds, write_seconds;
  const char *picture; /**< the map that a picture shows, once it is written; else NULL */
  int64_t
      n_summed; /**< voxels that medians and quartiles are of: those of the mask, or with signal */
  int summed_is_mask; /**< they are those of the mask */
} tt1_mapping_result;

/** What the last run came to. Borrowed. */
TT1_API const tt1_mapping_result *tt1_mapping_result_of(const tt1_mapping *mapping);

/**
 * Write the maps in the formats of --output-format, and the record, fit.json, into folder `path`, all of
 * them or none. Files that an older fit left there go; those of others stay, and so does what was read.
 */
TT1_API tt1_status tt1_mapping_write(tt1_mapping *mapping, const char *path, tt1_error *err);
/** The same into a folder that the caller opened and commits. */
TT1_API tt1_status tt1_folder_write_mapping(tt1_folder *folder, tt1_mapping *mapping,
                                            tt1_error *err);
/** The text of the record, JSON: after tt1_mapping_write() as it was written. NULL before a run.
    Borrowed. */
TT1_API const char *tt1_mapping_record(const tt1_mapping *mapping);
/** Whether folder `path` holds the record of the same fit, and all files that it lists: `*out` 1 or 0. */
TT1_API tt1_status tt1_mapping_is_written(int *out, const tt1_mapping *mapping, const char *path,
                                          tt1_error *err);

/* ---- A BIDS dataset ------------------------------------------------------------ */

/** What became of a series of a dataset. */
typedef enum tt1_ending {
  TT1_FITTED = 0,
  TT1_COMPLETE, /**< it was there, made of the same input, options and version */
  TT1_FAILED,
  TT1_SKIPPED /**< the model that was named is not for it */
} tt1_ending;

/** The name of an ending: "fitted". */
TT1_API const char *tt1_ending_name(tt1_ending ending);

typedef struct tt1_dataset_row {
  const tt1_bids_series *series;
  tt1_ending ending;
  char model[64];    /**< "" if none was found */
  char message[500]; /**< why it failed, with paths from the root of the dataset; "" */
} tt1_dataset_row;

/** How the fit of a dataset is followed. Zero in a field: nobody asks. Start from
 * TT1_DATASET_EVENTS_INIT. */
typedef struct tt1_dataset_events {
  uint32_t version;
  tt1_progress_fn progress; /**< of one series */
  /** Series `index` of `count` begins. */
  void (*begins)(const tt1_bids_series *series, int index, int count, void *payload);
  /** It ended: `mapping` is NULL unless it was fitted; `error` is why it failed. */
  void (*ended)(const tt1_dataset_row *row, const tt1_mapping *mapping, const tt1_error *error,
                void *payload);
  /** Unfinished files lie in `folder`, until NULL comes: for handlers of signals, which may call
      tt1_folder_abandon(). */
  void (*writes)(tt1_folder *folder, void *payload);
  void *payload;
} tt1_dataset_events;

#define TT1_DATASET_EVENTS_VERSION 1
/* clang-format off */
#define TT1_DATASET_EVENTS_INIT { TT1_DATASET_EVENTS_VERSION, 0, 0, 0, 0, 0 }
/* clang-format on */

/** What became of a dataset. */
typedef struct tt1_dataset_report {
  tt1_dataset_row *rows; /**< [n], in the order of the dataset */
  int n;
  const char *warning; /**< about the folder, or NULL */
} tt1_dataset_report;

/**
 * Fit all series of a dataset, each with the model of its suffix unless --model names one, into a
 * derivative dataset in folder `path` (docs/bids.md). What is complete is left as it is unless `overwrites`;
 * a series that fails does not stop the others. The tables of the participants, and, where `is_whole`, that
 * of the dataset tell what became of each.
 *
 * @param[out] report    free with tt1_dataset_report_free()
 * @param      options   NULL for the defaults
 * @param      events    may be NULL
 * @return TT1_OK even if series failed; TT1_BAD_ARGUMENT if none goes with the model or `path` is not for
 *         these maps; TT1_CANCELLED; TT1_IO; TT1_NO_MEMORY
 */
TT1_API tt1_status tt1_mapping_dataset(tt1_dataset_report **report, const tt1_bids *dataset,
                                       const char *path, const tt1_mapping_options *options,
                                       int overwrites, int is_whole,
                                       const tt1_dataset_events *events, tt1_error *err);
TT1_API void tt1_dataset_report_free(tt1_dataset_report *report); /**< Accepts NULL. */

/* ---- How a map was made ---------------------------------------------------------- */

/** How a map was made. Texts are "" and numbers 0 where that is not known. */
typedef struct tt1_provenance {
  int is_known;            /**< a fit.json beside the map, or its sidecar, names a model */
  char model[64];          /**< its name */
  char model_checksum[16]; /**< CRC-32 of its text */
  char filter[32];
  double multiplied_by;  /**< 1: not corrected */
  double field_strength; /**< T */
} tt1_provenance;

/**
 * Look into the fit.json beside map `path`, else into its sidecar, where torcht1 writes the same for a
 * BIDS dataset. It is TT1_OK, and nothing is known, where there is neither, where they do not speak of
 * the map, and in a build without jansson.
 * @return TT1_OK, TT1_IO, TT1_BAD_FILE, TT1_NO_MEMORY
 */
TT1_API tt1_status tt1_provenance_read(tt1_provenance *out, const char *path, tt1_error *err);

#ifdef __cplusplus
}
#endif
#endif /* TT1_MAPPING_H */
