/* SPDX-License-Identifier: MIT
 * torcht1 fit: a series in, maps out. */
#include "fit/fit.h"
#include "fit/fit_like.h"
#include "tt1_input.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

enum { ISA = 256, PRECISION, KNOWN, IMAGES, MASK, START, SIGN, ITERATIONS, RATE, TOLERANCE };
enum { SIGMA = 300, KEEP_BOUND, JSON, DEVICE, FIX, BOUNDS, START_AT, START_MAP, CORRECTION, LIKE };
enum {
  SERIES = 340,
  TIMES,
  NOISE,
  COVARIANCE,
  FILTER,
  DICOM,
  OUTPUT_FORMAT,
  DEVICE_MEMORY = 350,
  WEIGHTS,
  JIT,
  NO_CACHE,
  PARTICIPANTS = 370,
  SESSIONS,
  SUFFIX,
  OVERWRITE
};

static const option_row options[] = {
    {"output", 'o', "FOLDER", "where to write (its parent must exist)"},
    {"model", 'm', "NAME|FILE", "shipped model or model file (molli; of BIDS: by suffix)"},
    {"solver", 's', "NAME", "auto, varpro, lm, adam, nelder-mead or network (auto)"},
    {"weights", WEIGHTS, "FILE.npz", "of solver network; see 'torcht1 train'"},
    {"device", DEVICE, "NAME", "auto, cpu, opencl[:N|:all] or cuda[:N|:all] (auto)"},
    {"device-memory", DEVICE_MEMORY, "MB", "memory of a GPU to use (half of it)"},
    {"isa", ISA, "NAME", "avx512, avx2 or portable (the widest that runs)"},
    {"jit", JIT, "NAME", "auto: compile a model of your own with the C compiler, or off (auto)"},
    {"no-cache", NO_CACHE, NULL, "neither use nor keep compiled kernels"},
    {"precision", PRECISION, "NAME", "float, or double as the reference (float)"},
    THREADS_OPTION_ROW,
    SERIES_OPTION_ROW(SERIES),
    TIMES_OPTION_ROW(TIMES),
    BIDS_OPTION_ROWS(PARTICIPANTS, SESSIONS, SUFFIX),
    {"overwrite", OVERWRITE, NULL, "of a BIDS dataset: fit anew what is complete, too"},
    {"known", 'k', "X=1,2,3", "values of a known quantity in the model's unit; repeatable"},
    {"images", IMAGES, "LIST", "fit only these images, for instance 1-5,7 (from 1)"},
    {"mask", MASK, "FILE", "fit only where this image is not zero"},
    {"start", START, "NAME", "grid, or fixed for one start (grid)"},
    {"sign", SIGN, "NAME", "auto, magnitude, signed or phase (auto)"},
    {"iterations", ITERATIONS, "N", "limit (lm 60; adam 10000; nelder-mead 200 per parameter)"},
    {"rate", RATE, "X", "learning rate of adam (3e-4)"},
    {"tolerance", TOLERANCE, "X", "change that ends lm, adam or nelder-mead (1e-6; never; 1e-4)"},
    {"noise", NOISE, "NAME", "gaussian, rician or robust (gaussian)"},
    {"sigma", SIGMA, "X", "SD of the noise: residuals, middle, auto or a number (residuals)"},
    {"covariance", COVARIANCE, NULL, "write the covariance of every two parameters"},
    {"fix", FIX, "NAME=VALUE", "hold a parameter at a value; repeatable"},
    {"bounds", BOUNDS, "NAME=A,B", "bounds of a parameter, inf for none; repeatable"},
    {"start-at", START_AT, "NAME=VALUE",
     "fixed start (amplitudes: in largest samples); repeatable"},
    {"start-map", START_MAP, "NAME=FILE", "fixed start from a map of the parameter; repeatable"},
    {"correction", CORRECTION, "[MAP=]FACTOR",
     "multiply a map and its SD (the first BIDS map; none)"},
    {"filter", FILTER, "NAME", "median3 or median5: smooth the maps in the plane (none)"},
    {"like", LIKE, "PAPER", "torch-t1: set all as that paper did, with adam or nelder-mead"},
    {"keep-bound", KEEP_BOUND, NULL, "keep the numbers of voxels on a bound"},
    {"output-format", OUTPUT_FORMAT, "LIST", "nifti, png, dicom, mat (nifti,png)"},
    {"dicom", DICOM, NULL, "write the maps as DICOM too, in FOLDER/dicom"},
    {"quiet", 'q', NULL, "print nothing but what --json asks for"},
    {"json", JSON, NULL, "print fit.json in place of the table"},
    {NULL, 0, NULL, NULL}};

/* The solvers of plans, and the one that needs none. */
static const char *solver_of(int index)
{
  const char *name = tt1_solver_name((tt1_solver)index);
  if (name) return name;
  return index > 0 && tt1_solver_name((tt1_solver)(index - 1)) ? "network" : NULL;
}

static const char *start_of(int index)
{
  static const char *const names[] = {"grid", "fixed", NULL};
  return names[index];
}

static const char *precision_of(int index)
{
  static const char *const names[] = {"float", "double", NULL};
  return names[index];
}

static const char *jit_of(int index)
{
  static const char *const names[] = {"auto", "off", NULL};
  return names[index];
}

static void add_known(fit_request *r)
{
  if (!strchr(optarg, '=') || optarg[0] == '=')
    usage_error(&command_fit, "--known takes NAME=VALUES, for instance TI=0.1,0.2, not '%s'",
                optarg);
  if (r->n_known == MAX_KNOWN) usage_error(&command_fit, "--known is given too often");
  r->known[r->n_known++] = optarg;
}

static void take_plan_option(tt1_plan_options *plan, int key)
{
  const command_row *me = &command_fit;
  switch (key) {
  case PRECISION:
    plan->precision = (tt1_precision)option_choice(me, "precision", optarg, precision_of);
    break;
  case ITERATIONS:
    plan->max_iterations = option_integer(me, "iterations", optarg, 1, 10000000);
    break;
  case RATE: plan->learning_rate = option_number(me, "rate", optarg, 1e-9, 1e3); break;
  case TOLERANCE: plan->tolerance = option_number(me, "tolerance", optarg, 0.0, 1.0); break;
  case NOISE: plan->noise = (tt1_noise)option_choice(me, "noise", optarg, fit_noise_name); break;
  case COVARIANCE: plan->covariance = 1; break;
  }
}

static int take_change(fit_changes *changes, int key)
{
  switch (key) {
  case FIX: change_value(changes, "fix", TT1_CHANGE_FIX, optarg); return 1;
  case START_AT: change_value(changes, "start-at", TT1_CHANGE_START, optarg); return 1;
  case BOUNDS: change_bounds(changes, optarg); return 1;
  case START_MAP: add_start_map(changes, optarg); return 1;
  case CORRECTION: set_correction(changes, optarg); return 1;
  default: return 0;
  }
}

/* Whoever gives a start means it. */
static void settle_start(fit_request *r)
{
  if (!changes_start(&r->changes)) return;
  if (r->has_start && r->plan.start == TT1_START_GRID)
    usage_error(&command_fit, "--start grid takes no --start-at or --start-map");
  if (r->plan.solver == TT1_SOLVER_VARPRO)
    usage_error(&command_fit, "varpro searches globally and takes no --start-at or --start-map; "
                              "use --solver lm, adam or nelder-mead");
  r->plan.start = TT1_START_FIXED;
}

static void take_solver(fit_request *r)
{
  tt1_solver solver = (tt1_solver)option_choice(&command_fit, "solver", optarg, solver_of);
  r->is_network = !tt1_solver_name(solver);
  if (!r->is_network) r->plan.solver = solver;
}

static void take_sign(fit_request *r)
{
  r->sign = option_choice(&command_fit, "sign", optarg, fit_sign_name);
  r->plan.sign = r->sign == FIT_SIGN_PHASE ? TT1_SIGN_AUTO : (tt1_sign)r->sign;
}

static int take_wanted(fit_request *r, int key)
{
  switch (key) {
  case PARTICIPANTS: r->wanted.participants = optarg; return 1;
  case SESSIONS: r->wanted.sessions = optarg; return 1;
  case SUFFIX: r->wanted.suffix = optarg; return 1;
  case OVERWRITE: r->overwrites = 1; return 1;
  default: return 0;
  }
}

static void check_dataset(const fit_request *r)
{
  const command_row *me = &command_fit;
  int is_asked_for =
      r->wanted.participants || r->wanted.sessions || r->wanted.suffix || r->overwrites;
  if (!r->is_dataset && is_asked_for)
    usage_error(me,
                "--participant-label, --session, --suffix and --overwrite are for BIDS datasets, "
                "'%s' is none",
                r->input);
  if (r->is_dataset && (r->read.series || r->read.times))
    usage_error(me, "--series and --times are for DICOM, '%s' is a BIDS dataset", r->input);
}

static void parse(fit_request *r, int argc, char **argv)
{
  const command_row *me = &command_fit;
  int key;
  while ((key = option_next(me, argc, argv)))
    switch (key) {
    case 'o': r->output = optarg; break;
    case 'm': r->model = optarg; break;
    case 's': take_solver(r); break;
    case WEIGHTS: r->weights = optarg; break;
    case DEVICE: r->device = optarg; break;
    case DEVICE_MEMORY:
      r->device_options.memory =
          (int64_t)(1e6 * option_number(me, "device-memory", optarg, 0.1, 1e7));
      break;
    case ISA: r->device_options.isa = optarg; break;
    case JIT: r->device_options.jit = (tt1_jit)option_choice(me, "jit", optarg, jit_of); break;
    case NO_CACHE: r->device_options.no_cache = 1; break;
    case 't': r->device_options.threads = option_threads(me, optarg); break;
    case 'k': add_known(r); break;
    case SERIES: r->read.series = optarg; break;
    case TIMES: r->read.times = option_times(me, optarg); break;
    case IMAGES: r->images = optarg; break;
    case MASK: r->mask = optarg; break;
    case KEEP_BOUND: r->keep_bound = 1; break;
    case DICOM: r->formats |= FIT_DICOM; break;
    case OUTPUT_FORMAT:
      r->formats = fit_parse_formats(optarg);
      r->names_formats = 1;
      break;
    case START:
      r->plan.start = (tt1_start)option_choice(me, "start", optarg, start_of);
      r->has_start = 1;
      break;
    case SIGN: take_sign(r); break;
    case SIGMA: fit_take_sigma(r, optarg); break;
    case FILTER: r->filter = option_choice(me, "filter", optarg, fit_filter_name); break;
    case 'q': r->quiet = 1; break;
    case JSON: r->as_json = 1; break;
    case LIKE: r->like = like_name(option_choice(me, "like", optarg, like_name)); break;
    default:
      if (!take_change(&r->changes, key) && !take_wanted(r, key)) take_plan_option(&r->plan, key);
      break;
    }
  r->is_dataset = optind < argc && tt1_bids_contains(argv[optind]);
  if (!r->model && (!r->is_dataset || r->like || r->is_network)) r->model = "molli";
  fit_network_check(r);
  settle_start(r);
  if (r->plan.solver == TT1_SOLVER_NELDER_MEAD) r->plan.precision = TT1_DOUBLE; // all it knows
  like_apply(r);
  r->read.threads = r->device_options.threads;
  r->input = one_operand(me, argc, argv, "INPUT");
  if (!r->output) usage_error(me, "-o FOLDER is missing");
  check_dataset(r);
}

static int run(int argc, char **argv)
{
  fit_request request = {.read = TT1_READ_OPTIONS_INIT,
                         .device_options = TT1_DEVICE_OPTIONS_INIT,
                         .plan = TT1_PLAN_OPTIONS_INIT,
                         .wanted = TT1_BIDS_OPTIONS_INIT,
                         .formats = FIT_NIFTI | FIT_PNG};
  fit_input in = {0};
  fit_session session = {0};
  parse(&request, argc, argv);
  if (fit_check_formats(&request) != EXIT_OK) return EXIT_FAILED;
  if (request.is_dataset) return fit_dataset(&request);
  fit_end end = fit_one(&request, &in, &session);
  fit_session_end(&session, request.quiet);
  return end == FIT_DONE ? EXIT_OK : EXIT_FAILED;
}

const command_row command_fit = {
    "fit",
    "INPUT -o FOLDER [OPTIONS]",
    "Fit a signal model to every voxel of a series",
    "INPUT is a DICOM folder, file or zip archive, a NIfTI file with a JSON sidecar, a\n"
    "BIDS dataset, or a subject, session or file of one; 'torcht1 info INPUT' shows its\n"
    "series and the order of images. Slices with times of their own are fitted slice by\n"
    "slice.\n"
    "Every parameter and derived map is written with its standard deviation (_sd),\n"
    "and rsquared, rmse, outcome, fit.json and a picture. Times are in seconds.\n"
    "Voxels that did not converge, or whose map depends on a parameter that sits on\n"
    "a bound, are NaN. outcome: 0 converged, 1 iteration limit, 2 singular, 3 not\n"
    "finite, 4 at a bound, 5 outside the mask.\n"
    "Files that an older fit left in FOLDER are removed, those of others stay.\n"
    "Of a BIDS dataset every series is fitted (IRT1, VFA, MP2RAGE, MESE, MEGRE), with\n"
    "the model of its suffix if --model names none, and FOLDER becomes a derivative\n"
    "dataset. What is there and made of the same input, options and version is left\n"
    "as it is; a series that fails does not stop the others. docs/bids.md has more.\n"
    "--output-format: nifti a file for each map, png a picture, mat all maps in one\n"
    "MATLAB file, maps.mat, dicom what --dicom adds.\n"
    "--dicom: T1 with its SD, T2 and T2* as MR images in whole ms, all others as\n"
    "Parametric Maps with float pixels (times in ms), 0 where there is no number;\n"
    "patient, study and places are those of a DICOM INPUT. Not for diagnosis.\n",
    options,
    run};
