/* SPDX-License-Identifier: MIT
 *
 * torcht1: voxel-wise fitting of MR signal models.
 *
 * This header and its sisters (tt1_*.h) are the whole public interface. Whatever
 * is not declared there is private.
 *
 * Structs   Options begin with a version: start from the _INIT of the struct, and
 *           name the fields you set. Every call that takes them refuses another
 *           version. tt1_abi_at() lists the sizes of all public structs.
 *
 * Units     Times are in seconds, angles in degrees, rates in 1/s, as in BIDS.
 *           Nothing is in milliseconds except what a report prints.
 *
 * Layout    A series is sample-major: signal[s * n_voxels + v], one image after
 *           another as in a 4-D NIfTI file. A map is one such image.
 *
 * Errors    A function that can fail returns a tt1_status and takes a
 *           tt1_error as its last argument, which may be NULL. On failure every
 *           output is left as it was, unless its description says otherwise.
 *
 * Ownership What a function hands out through a `**out` argument is yours: free
 *           it with the _free of its type, which accepts NULL. What a function
 *           returns directly is borrowed and lives as long as the object it was
 *           asked of. Arrays you pass in are read during the call and not kept.
 *
 * Threads   The library keeps no global state, and a process may use it from
 *           several places at once. What it uses keeps some: on the first
 *           DICOM file DCMTK's decoders are registered and the logs of its
 *           parts dcmdata, dcmjpeg and dcmjpls turned off, for the process.
 *           A model is immutable once compiled and may be shared by all
 *           threads. A device, and the plans made with it, belong to one thread
 *           at a time; different ones may be used at once.
 *
 * Results   The same input gives the same bits whatever the number of threads,
 *           the mask, the order of the voxels, the compiler or the instruction
 *           set.
 */
#ifndef TORCHT1_H
#define TORCHT1_H

#include <stdint.h>

#include "tt1_version.h"

#if defined(__GNUC__)
#  define TT1_API __attribute__((visibility("default")))
#else
#  define TT1_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Status and errors --------------------------------------------------- */

/** What a call came to. Zero is success, everything else is negative. */
typedef enum tt1_status {
  TT1_OK = 0,
  TT1_NO_MEMORY = -1,    /**< out of memory */
  TT1_BAD_ARGUMENT = -2, /**< an argument is outside its documented range */
  TT1_BAD_MODEL = -3,    /**< the text of a model is wrong; see line and column */
  TT1_BAD_FILE = -4,     /**< a file is damaged or of an unknown format */
  TT1_IO = -5,           /**< the operating system refused to read or write */
  TT1_NO_DEVICE = -6,    /**< the device is absent or its driver cannot be loaded */
  TT1_DEVICE = -7,       /**< the device failed while working */
  TT1_CANCELLED = -8     /**< the progress callback asked to stop */
} tt1_status;

/** What went wrong. Yours, usually on the stack; needs no freeing. */
typedef struct tt1_error {
  tt1_status status;
  int line, column;   /**< place in the text of a model, from 1; 0 if none */
  char message[2000]; /**< one sentence, no newline, never cut inside a UTF-8 character */
} tt1_error;

/** The fixed text of `status`, for instance "out of memory". */
TT1_API const char *tt1_status_text(tt1_status status);

/** The version of the library in use, for instance "0.1.0". */
TT1_API const char *tt1_version(void);

/** A public struct, as this library lays it out. */
typedef struct tt1_abi {
  const char *name; /**< "tt1_plan_options" */
  uint32_t size;    /**< bytes */
  uint32_t version; /**< what its field `version` must hold; 0: it has none */
} tt1_abi;

/** Public struct `index` of all headers, from 0; NULL past the last. For bindings, which can so find out
    that they were written for another library. */
TT1_API const tt1_abi *tt1_abi_at(int index);

/** Free a text that a function of this library handed out. Accepts NULL. */
TT1_API void tt1_text_free(char *text);

/**
 * Which name `text` was probably meant to be: one that begins so, or with few other letters.
 * @param name_of  name `index`, from 0; NULL past the last
 * @param context  for `name_of`
 * @return borrowed from `name_of`; NULL if none is close
 */
TT1_API const char *tt1_closest_name(const char *text,
                                     const char *(*name_of)(int index, const void *context),
                                     const void *context);

/* ---- Models -------------------------------------------------------------- */

/** A compiled signal model: g(parameters; known), its derivatives, its maps. */
typedef struct tt1_model tt1_model;

/** How often a known quantity is given. */
typedef enum tt1_scope {
  TT1_PER_SAMPLE = 0, /**< one value per image: an inversion time */
  TT1_PER_SERIES,     /**< one value for all: a repetition time */
  TT1_PER_VOXEL       /**< a map: B1 */
} tt1_scope;

/** One unknown of a model. Borrowed from the model. */
typedef struct tt1_parameter {
  const char *name;    /**< as in the model text: "T1s", "C" */
  const char *unit;    /**< "s", "1/s", "deg", "1" */
  const char *meaning; /**< one phrase, for help texts and reports */
  const char *bids;    /**< BIDS suffix of its map, or NULL */
  double start;        /**< where --start fixed begins; relative to the largest
                            sample of the voxel if `scales` */
  double lower, upper; /**< inclusive; -+INFINITY if unbounded */
  int is_linear;       /**< found to enter linearly once the others are known */
  int scales;          /**< multiplying the signal multiplies this parameter */
} tt1_parameter;

/** What a known quantity is among the inversion groups of a series (tt1_inversions); TT1_GROUP_REST and
    TT1_GROUP_LAST are of each image. */
typedef enum tt1_group_time {
  TT1_GROUP_NONE = 0,
  TT1_GROUP_REST, /**< from the last image of a group before to the next inversion */
  TT1_GROUP_LAST, /**< the inversion time of the last image of a group before */
  TT1_GROUP_BEAT  /**< from one image of a group to the next */
} tt1_group_time;

/** One known quantity of a model. Borrowed from the model. */
typedef struct tt1_known {
  const char *name, *unit, *meaning;
  const char *bids;  /**< key of a BIDS sidecar, or NULL */
  const char *dicom; /**< DICOM keyword, or NULL */
  double dicom_unit; /**< what one unit of the DICOM value is here: 0.001 for ms */
  tt1_scope scope;
  int is_recovery; /**< the images with the largest are past every change of sign; where it alone varies, the
                        signal changes sign at most once along it */
  double nominal; /**< the value a search grid assumes if TT1_PER_VOXEL; the value
                        used if none is given and `has_nominal` */
  int has_nominal;
  int from;        /**< -1; or the index of the per-sample quantity whose value this one takes,
                        in the image where quantity `where` is least: not to be given */
  int where;       /**< index, or -1 */
  int is_greatest; /**< the image where it is greatest instead */
  tt1_group_time
      group; /**< what it is of the inversion groups; `nominal` where there is no such group: full
                             recovery */
  int groups_before; /**< which group: 1 is the one before that of the image; 0 of TT1_GROUP_BEAT */
} tt1_known;

/** One map derived from the parameters. Borrowed from the model. */
typedef struct tt1_map {
  const char *name, *unit, *meaning;
  const char *bids;    /**< BIDS suffix, or NULL */
  uint32_t depends_on; /**< bit i: the map depends on parameter i */
} tt1_map;

/** What a text of a model is turned into by tt1_model_emit(). */
typedef enum tt1_dialect { TT1_DIALECT_C = 0, TT1_DIALECT_OPENCL, TT1_DIALECT_CUDA } tt1_dialect;

/**
 * Compile a signal model from its text. docs/model-language.md describes the
 * language; models/ holds examples. Derivatives are exact: they follow from the
 * text by rules, nothing is approximated.
 *
 * @param[out] out    the model; free with tt1_model_free()
 * @param      text   UTF-8, NUL-terminated; not kept
 * @param      err    may be NULL; on TT1_BAD_MODEL gives line and column
 * @return TT1_OK, TT1_BAD_MODEL or TT1_NO_MEMORY
 */
TT1_API tt1_status tt1_model_compile(tt1_model **out, const char *text, tt1_error *err);

/** Compile the shipped model `name`, for instance "molli". TT1_BAD_ARGUMENT if there is none. */
TT1_API tt1_status tt1_model_builtin(tt1_model **out, const char *name, tt1_error *err);

/** Compile the model in the file `path`. TT1_IO, TT1_BAD_MODEL, TT1_NO_MEMORY. */
TT1_API tt1_status tt1_model_read(tt1_model **out, const char *path, tt1_error *err);

/** Compile what a user calls a model: a file where the text holds a slash or ends in ".model", else a shipped
    model, whatever files there are. As the two above; TT1_BAD_ARGUMENT suggests a name. */
TT1_API tt1_status tt1_model_open(tt1_model **out, const char *name_or_path, tt1_error *err);
/** Whether tt1_model_open() takes `name_or_path` for that of a file. */
TT1_API int tt1_model_is_path(const char *name_or_path);
/** Whether the text is, byte for byte, that of the shipped model of the same name. */
TT1_API int tt1_model_is_shipped(const tt1_model *model);

/** What is changed about a parameter. */
typedef enum tt1_change_kind {
  TT1_CHANGE_FIX = 0, /**< hold it at `value`: it is no longer found, and has no map */
  TT1_CHANGE_BOUNDS,  /**< inclusive bounds `value` and `upper`; -+INFINITY: none */
  TT1_CHANGE_START    /**< begin at `value` where TT1_START_FIXED is asked for; in units of the
                           largest sample where the parameter `scales` */
} tt1_change_kind;

/** One change of a model. */
typedef struct tt1_change {
  const char *parameter;
  tt1_change_kind what;
  double value, upper; /**< in the unit of the parameter */
} tt1_change;

/**
 * Make another model from `model`: parameters fixed, bounded or started otherwise. Its text
 * (tt1_model_text()) is whole, so that it alone repeats a fit; its `test` lines are gone where a
 * parameter is fixed. A start of the model that lies outside new bounds is forgotten; a grid is
 * cut. Narrower bounds cost no speed where the structure found stays the same.
 *
 * @param[out] out     free with tt1_model_free(); `model` is not needed any longer
 * @param      changes [n_changes] at most one of a kind for each parameter
 * @return TT1_OK; TT1_BAD_ARGUMENT if a parameter is unknown, a value not finite or outside the
 *         bounds, bounds are empty, or nothing is left to find; TT1_NO_MEMORY
 */
TT1_API tt1_status tt1_model_adapt(tt1_model **out, const tt1_model *model,
                                   const tt1_change *changes, int n_changes, tt1_error *err);

/**
 * Show what is wrong with the text of a model: "FILE:LINE:COLUMN: sentence", the line
 * itself and a caret under the place; without a place only the sentence.
 *
 * @param[out] out     ends in a newline; free with tt1_text_free()
 * @param      file    what to call the text
 * @param      text    the text that was refused
 * @param      failure what tt1_model_compile() or tt1_model_test() said
 * @return TT1_OK or TT1_NO_MEMORY
 */
TT1_API tt1_status tt1_model_error_show(char **out, const char *file, const char *text,
                                        const tt1_error *failure, tt1_error *err);

/** Free a model. Accepts NULL. Plans made with it must be freed before. */
TT1_API void tt1_model_free(tt1_model *model);

/** The name of shipped model `index`; NULL past the last. In alphabetical order. */
TT1_API const char *tt1_builtin_name(int index);

TT1_API const char *tt1_model_name(const tt1_model *model);    /**< as in its `model` line */
TT1_API const char *tt1_model_title(const tt1_model *model);   /**< as in its `title` line */
TT1_API const char *tt1_model_text(const tt1_model *model);    /**< the text it was compiled from */
TT1_API const char *tt1_model_formula(const tt1_model *model); /**< the text of its `signal` line */
TT1_API int tt1_model_is_magnitude(const tt1_model *model);    /**< the signal line is abs(...) */

TT1_API int tt1_model_n_parameters(const tt1_model *model); /**< 1 to 8 */
TT1_API int tt1_model_n_known(const tt1_model *model);      /**< 1 to 12 */
TT1_API int tt1_model_n_maps(const tt1_model *model);       /**< 0 to 8 */
/** Parameter, known quantity, map or paper `index`, from 0; NULL past the last. */
TT1_API const tt1_parameter *tt1_model_parameter(const tt1_model *model, int index);
TT1_API const tt1_known *tt1_model_known(const tt1_model *model, int index);
TT1_API const tt1_map *tt1_model_map(const tt1_model *model, int index);
TT1_API const char *tt1_model_reference(const tt1_model *model, int index);

/**
 * Evaluate the model in double precision at one sample.
 *
 * @param parameters [n_parameters]
 * @param known      [n_known]
 * @param signal     the value of the signal line, the outer abs applied; may be NULL
 * @param gradient   [n_parameters] derivatives of *signal; may be NULL. At a zero of
 *                   a magnitude signal they are those from the positive side.
 * @param maps       [n_maps] values of the derived maps; may be NULL
 */
TT1_API void tt1_model_evaluate(const tt1_model *model, const double *parameters,
                                const double *known, double *signal, double *gradient,
                                double *maps);

/** Run the `test` lines of the model in double precision. TT1_BAD_MODEL names the line that fails. */
TT1_API tt1_status tt1_model_test(const tt1_model *model, tt1_error *err);

/** Describe derivatives and the structure found, for a person to read. Free with tt1_text_free(). */
TT1_API tt1_status tt1_model_explain(char **out, const tt1_model *model, tt1_error *err);

/** The text of the kernel functions made from the model. Free with tt1_text_free(). */
TT1_API tt1_status tt1_model_emit(char **out, const tt1_model *model, tt1_dialect dialect,
                                  tt1_error *err);

/* ---- Devices ------------------------------------------------------------- */

/** A place to run. Holds its threads. */
typedef struct tt1_device tt1_device;

/** What tt1_device_describe() tells of one device, or of a kind of device that is absent. */
typedef struct tt1_device_info {
  char name[24]; /**< as tt1_device_open() takes it: "cpu", "opencl:0"; "cuda" where absent */
  char description[240]; /**< what it is, or why it is absent */
  char driver[64];       /**< name and version of its driver; "" for the processor */
  int64_t memory;        /**< bytes; 0 where it is the processor's or not known */
  int is_available;
} tt1_device_info;

/** Whether the C compiler of the machine may compile the kernels of a model that is not shipped. */
typedef enum tt1_jit {
  TT1_JIT_AUTO = 0, /**< where the fit would take longer without, or it was done before */
  TT1_JIT_OFF       /**< never: such models are interpreted, to the same bits, more slowly */
} tt1_jit;

/** Zero in any field means its default. Start from TT1_DEVICE_OPTIONS_INIT. Texts must live as long as
 * the device: a GPU may be opened late. */
typedef struct tt1_device_options {
  uint32_t version;
  int threads;              /**< of the processor; 0: as many as the process may use */
  const char *isa;          /**< "avx512", "avx2", "portable"; NULL: the widest that runs */
  int no_cache;             /**< nonzero: neither look for compiled kernels on disk nor keep any */
  const char *cache_folder; /**< absolute; NULL: $XDG_CACHE_HOME/torcht1, else ~/.cache/torcht1.
                                 Not used if others own it or may write to it */
  tt1_jit jit;
  int64_t memory; /**< bytes of a GPU's memory to use; 0: half of it. Larger series are
                                 fitted piece by piece */
} tt1_device_options;

#define TT1_DEVICE_OPTIONS_VERSION 1
/* clang-format off */
#define TT1_DEVICE_OPTIONS_INIT { TT1_DEVICE_OPTIONS_VERSION, 0, 0, 0, 0, TT1_JIT_AUTO, 0 }
/* clang-format on */

/** Describe device `index`, from 0; returns 0 past the last, else 1. Absent ones are listed too. */
TT1_API int tt1_device_describe(int index, tt1_device_info *info);

/**
 * Open a device.
 *
 * @param[out] out      the device; free with tt1_device_free()
 * @param      name     "cpu"; "opencl", "opencl:1", "opencl:all" (all of one kind at once), "cuda"
 *                      likewise; NULL or "auto": the processor, and a GPU where that is faster
 * @param      options  NULL for the defaults
 * @return TT1_OK, TT1_NO_DEVICE (the message says why), TT1_BAD_ARGUMENT or TT1_NO_MEMORY
 */
TT1_API tt1_status tt1_device_open(tt1_device **out, const char *name,
                                   const tt1_device_options *options, tt1_error *err);
TT1_API void tt1_device_free(tt1_device *device); /**< Accepts NULL. Free its plans before. */
TT1_API const char *tt1_device_name(const tt1_device *device); /**< "cpu", "cuda:0" */
TT1_API const char *tt1_device_isa(const tt1_device *device);  /**< "avx512", or the GPU's name */
TT1_API int tt1_device_threads(const tt1_device *device);

/* ---- Plans --------------------------------------------------------------- */

/** How the minimum is searched. docs/numerics.md describes each. */
typedef enum tt1_solver {
  TT1_SOLVER_AUTO = 0,   /**< TT1_SOLVER_VARPRO where the model allows it, else TT1_SOLVER_LM */
  TT1_SOLVER_VARPRO,     /**< variable projection, global, fixed schedule (Golub & Pereyra
                            1973, doi:10.1137/0710036) */
  TT1_SOLVER_LM,         /**< bounded Levenberg-Marquardt (Marquardt 1963, doi:10.1137/0111030) */
  TT1_SOLVER_ADAM,       /**< Adam (Kingma & Ba 2015, arXiv:1412.6980), as in Torch T1 */
  TT1_SOLVER_NELDER_MEAD /**< bounded Nelder-Mead, step for step as in SciPy 1.10.1; in double,
                              on the processor only */
} tt1_solver;

/** The name of a solver as the command line spells it; NULL past the last. */
TT1_API const char *tt1_solver_name(tt1_solver solver);

/** Where an iterative solver begins. */
typedef enum tt1_start {
  TT1_START_GRID = 0, /**< exhaustive over grid, polarities and faces: global */
  TT1_START_FIXED     /**< one start, the `start` values of the model */
} tt1_start;

/** What the numbers of a series are. */
typedef enum tt1_sign {
  TT1_SIGN_AUTO = 0, /**< by the `signs` of the series; without: by tt1_series_is_signed() */
  TT1_SIGN_MAGNITUDE, /**< magnitudes: the polarity is searched; a negative sample counts by its size */
  TT1_SIGN_SIGNED     /**< signed: the outer abs of the model is dropped */
} tt1_sign;

/** What the noise is taken for; docs/numerics.md gives the formulas. varpro and lm only, but for
    TT1_NOISE_GAUSSIAN. */
typedef enum tt1_noise {
  TT1_NOISE_GAUSSIAN = 0, /**< least squares */
  TT1_NOISE_RICIAN,       /**< maximum likelihood for magnitudes (Gudbjartsson & Patz 1995,
                               doi:10.1002/mrm.1910340618); needs `sigma`. Samples whose sign is
                               known are Gaussian */
  TT1_NOISE_ROBUST        /**< Tukey's bisquare (doi:10.1080/00401706.1974.10489171): an image that
                               does not belong, a moved frame, is left out voxel by voxel */
} tt1_noise;

/** The name of a kind of noise as the command line spells it; NULL past the last. */
TT1_API const char *tt1_noise_name(tt1_noise noise);

/** Where standard deviations take the noise from if `sigma` is not given. */
typedef enum tt1_sigma {
  TT1_SIGMA_RESIDUALS = 0, /**< sum of squared residuals over N - p */
  TT1_SIGMA_MIDDLE         /**< the middle of the residuals, less the p - 1 smallest, over 0.6745
                                (Kellman 2013, doi:10.1186/1532-429X-15-56): a single bad image
                                does not move it */
} tt1_sigma;

/** Precision of the arithmetic. */
typedef enum tt1_precision {
  TT1_FLOAT = 0,
  TT1_DOUBLE /**< the reference: one voxel at a time, slow */
} tt1_precision;

/** How one voxel ended: the values of the output "outcome". The codes are fixed. */
typedef enum tt1_outcome {
  TT1_CONVERGED = 0,
  TT1_MAX_ITERATIONS = 1, /**< stopped before the minimum was reached */
  TT1_SINGULAR = 2,       /**< the data do not determine the parameters */
  TT1_NOT_FINITE = 3,     /**< the signal held NaN or infinity, or the arithmetic overflowed */
  TT1_AT_BOUND = 4,       /**< converged with a parameter on a bound: see the output "bounds" */
  TT1_MASKED = 5          /**< outside the mask; every other output is NaN */
} tt1_outcome;

/** The name of an outcome, for instance "converged"; NULL past the last. */
TT1_API const char *tt1_outcome_name(tt1_outcome outcome);

/** The values of a known quantity: given for a fit, or found with a series. Name the fields when you fill
    it in, as in `{.name = "TI", .values = times, .count = n}`. */
typedef struct tt1_known_values {
  const char *name; /**< for a fit as in the model: "TI"; of a series its key: "InversionTime" */
  const double
      *values; /**< [n_slices][count] in the order of the images, in the unit of the model; of
                             a series in s or degrees */
  int count;   /**< n_samples, or 1: the same for all images. A per-sample quantity must
                             be given in full where it is the only one */
  int n_slices; /**< 0 or 1: the same in all slices; else the series has size[2] slices with values of
                     their own, each of which takes a plan of its own */
  const char *source; /**< where it was found, for reports: "molli.json"; NULL if it was given */
} tt1_known_values;

/** How a series was acquired. Samples may come in any order. */
typedef struct tt1_design {
  int n_samples; /**< 1 to 64 */
  int n_known;
  const tt1_known_values *known; /**< [n_known]; per-voxel quantities are given with the series */
} tt1_design;

/** Return nonzero to cancel. Called from the thread that called tt1_plan_run(). */
typedef int (*tt1_progress_fn)(int64_t done, int64_t total, void *payload);

/** Zero in any field means its default. Start from TT1_PLAN_OPTIONS_INIT. */
typedef struct tt1_plan_options {
  uint32_t version;
  tt1_solver solver;
  tt1_start start;
  tt1_sign sign;
  tt1_precision precision;
  int max_iterations;     /**< lm: 60; adam: 10000; nelder-mead: 200 per parameter, and as many
                             evaluations, which have no limit of their own if this is set;
                             varpro: ignored, its schedule is fixed */
  double tolerance;       /**< lm, adam: relative decrease of the cost or step that ends a
                             voxel; lm 1e-6, adam 0: never; nelder-mead: the largest size of
                             the simplex, in parameters and in mean squared residual, at
                             which a voxel ends, 1e-4 */
  double learning_rate;   /**< adam: 3e-4 */
  double sigma;           /**< standard deviation of the noise per sample; 0: from residuals */
  double amplitude_limit; /**< adam, nelder-mead: parameters that scale with the signal stay
                               within this many times the largest sample of the voxel; 0: no
                               limit but their bounds */
  tt1_noise noise;
  tt1_sigma sigma_from;
  int covariance; /**< nonzero: outputs "cov_<a>_<b>" for every two parameters */
  int samples;    /**< nonzero: outputs "predicted_<j>" and "leverage_<j>" for every sample */
} tt1_plan_options;

#define TT1_PLAN_OPTIONS_VERSION 1
/* clang-format off */
#define TT1_PLAN_OPTIONS_INIT { TT1_PLAN_OPTIONS_VERSION, TT1_SOLVER_AUTO, TT1_START_GRID, \
                                TT1_SIGN_AUTO, TT1_FLOAT, 0, 0.0, 0.0, 0.0, 0.0, \
                                TT1_NOISE_GAUSSIAN, TT1_SIGMA_RESIDUALS, 0, 0 }
/* clang-format on */

/** Everything that depends on model and design but not on the data. */
typedef struct tt1_plan tt1_plan;

/**
 * Prepare a fit: check the design, choose the solver, tabulate the search grid.
 *
 * @param[out] out     the plan; free with tt1_plan_free() before device and model
 * @param      options NULL for the defaults
 * @return TT1_OK; TT1_BAD_ARGUMENT if a known quantity is missing, unknown, not
 *         finite, of the wrong count or of several slices, if there are fewer samples than
 *         parameters, or if the solver does not fit the model; TT1_NO_MEMORY
 */
TT1_API tt1_status tt1_plan_create(tt1_plan **out, tt1_device *device, const tt1_model *model,
                                   const tt1_design *design, const tt1_plan_options *options,
                                   tt1_error *err);
TT1_API void tt1_plan_free(tt1_plan *plan); /**< Accepts NULL. */
/** The solver chosen; never TT1_SOLVER_AUTO. */
TT1_API tt1_solver tt1_plan_solver(const tt1_plan *plan);
/** The device the last run went to: that of the plan or, if that was not named, a GPU in its place. */
TT1_API const tt1_device *tt1_plan_device(const tt1_plan *plan);
/** Why the last run went there: one clause, which changes with the next run. */
TT1_API const char *tt1_plan_device_reason(const tt1_plan *plan);
/**
 * The name of output `index`, in the order parameters, maps, then "<name>_sd" of
 * each, then "rsquared", "rmse", "outcome", "bounds", and from nelder-mead
 * "evaluations" (nelder-mead only), "cov_<a>_<b>" with b not after a, "predicted_1" and all
 * others, "leverage_1" and all others; NULL past the last.
 */
TT1_API const char *tt1_plan_output_name(const tt1_plan *plan, int index);

/**
 * Where the kernels of the last run came from: "shipped" (with this library), "compiled" (by the C
 * compiler of the machine, see tt1_jit), "interpreted", "driver" (compiled by that of a GPU);
 * "none" before the first run.
 *
 * @param why receives one sentence where kernels were to be compiled and could not be, else NULL; borrowed
 *            until the next run; may be NULL
 */
TT1_API const char *tt1_plan_kernels(const tt1_plan *plan, const char **why);

/** A map of a per-voxel known quantity, or of starting values of a parameter. Borrowed. */
typedef struct tt1_voxel_map {
  const char *name;
  const float *values; /**< [n_voxels] */
} tt1_voxel_map;

/** The data to fit. */
typedef struct tt1_series {
  const float *signal; /**< [n_samples][n_voxels], arbitrary units */
  int64_t n_voxels;
  /** Voxels from one sample to the next in `signal` and `signs`; 0: n_voxels. With more, a part of
      a series is fitted where it lies: one slice, whose times are its own. */
  int64_t stride;
  int n_voxel_known;
  const tt1_voxel_map *voxel_known;
  /** [n_samples][n_voxels], or NULL: what is known, from phase, of the sign behind each magnitude:
      -1, 1, or 0 where it is not known and the polarity is searched. Read with TT1_SIGN_AUTO where
      the model is a magnitude model. */
  const int8_t *signs;
  /** Where TT1_START_FIXED begins, by the name of the parameter, in its own unit (also where it
      `scales`); the fixed start serves parameters without a map and voxels where the map is not
      finite. Values outside the bounds are clipped. */
  int n_starts;
  const tt1_voxel_map *starts;
} tt1_series;

/**
 * Whether samples are signed, as TT1_SIGN_AUTO sees it: those below zero hold more than a thousandth
 * of the sum of all squares. Interpolation and motion correction leave less in magnitudes.
 * @param mask  [n_voxels] nonzero where to look; NULL: everywhere
 */
TT1_API int tt1_series_is_signed(const tt1_series *series, int n_samples, const uint8_t *mask);

/** The type of an output array. */
typedef enum tt1_type { TT1_FLOAT32 = 0, TT1_FLOAT64, TT1_UINT8 } tt1_type;

/**
 * One result to store. Values are in the units of the model and NOT masked: a
 * voxel that ended badly holds the numbers it ended with, and "outcome" says so.
 *   "<parameter>", "<map>"  the estimate
 *   "<...>_sd"     its standard deviation: from the Jacobian at the optimum, delta
 *                  method for maps, noise from the residuals with N - p degrees of
 *                  freedom or `sigma`; NaN where N = p without sigma, or where a
 *                  parameter that it needs sits on a bound
 *   "rsquared"     1 - SSE / sum of squares about the mean
 *   "rmse"         sqrt(SSE / N)
 *   "outcome"      tt1_outcome, TT1_UINT8 only
 *   "bounds"       bit i set: parameter i sits on a bound, TT1_UINT8 only
 *   "evaluations"  of the cost, by nelder-mead only
 *   "cov_<a>_<b>"  covariance of two parameters, with `covariance` only; NaN where a "_sd" is
 *   "predicted_<j>"  with `samples` only: the signal of the model for sample j of the design, from 1, at the
 *                  optimum; of magnitudes its size where the sign of the sample is not known
 *   "leverage_<j>" with `samples` only: how much of sample j its own prediction holds, 0 to 1: the diagonal of
 *                  the hat matrix J (J'J)^-1 J' (Cook & Weisberg 1982, eq. 2.1.1), weighed as the fit is,
 *                  parameters on a bound held. The residual over 1 - leverage is that of a
 *                  fit without the sample, but for curvature
 */
typedef struct tt1_output {
  const char *name;
  tt1_type type;
  void *data; /**< [n_voxels] of that type */
} tt1_output;

/** The type of output `index` that loses nothing: TT1_UINT8 of codes, else TT1_FLOAT32 or, in double precision,
    TT1_FLOAT64. */
TT1_API tt1_type tt1_plan_output_type(const tt1_plan *plan, int index);

/**
 * Fit every voxel.
 *
 * @param plan      made once, may run many times
 * @param mask      [n_voxels], nonzero where to fit; NULL for everywhere
 * @param outputs   [n_outputs]
 * @param progress  NULL, or called between chunks with voxels done and total
 * @return TT1_OK even if single voxels failed: see "outcome". TT1_BAD_ARGUMENT or
 *         TT1_NO_MEMORY with nothing touched. TT1_CANCELLED or TT1_DEVICE with
 *         the outputs part written.
 */
TT1_API tt1_status tt1_plan_run(tt1_plan *plan, const tt1_series *series, const uint8_t *mask,
                                const tt1_output *outputs, int n_outputs, tt1_progress_fn progress,
                                void *payload, tt1_error *err);

/**
 * Estimate the SD of the noise of a whole series from the residuals of a least-squares fit: the
 * median over the voxels within the mask whose largest sample is at least ten times that SD, found
 * by iteration. For magnitudes lower signals would bias it. Samples of all voxels count alike.
 *
 * @param      plan  of the series, with TT1_NOISE_GAUSSIAN
 * @param[out] sigma in the unit of the signal
 * @return as tt1_plan_run(); TT1_BAD_ARGUMENT too where N = p, and where fewer than 20 voxels
 *         converge with such a signal
 */
TT1_API tt1_status tt1_sigma_estimate(double *sigma, tt1_plan *plan, const tt1_series *series,
                                      const uint8_t *mask, tt1_error *err);

#ifdef __cplusplus
}
#endif
#endif /* TORCHT1_H */
