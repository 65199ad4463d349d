/* SPDX-License-Identifier: MIT
 * torcht1 train: weights of a network from simulated signals, and how far a
 * network is off on a protocol. */
#include <getopt.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/program.h"
#include "tt1_analysis.h"
#include "tt1_network.h"

enum {
  SCHEME = 256,
  TIMES,
  IMAGES,
  POST,
  RATES,
  T1_RANGE,
  FIXED,
  LABEL,
  STEPS,
  SEED,
  RESUME,
  CHECK
};
enum { MAX_TIMES = 27, HELD_OUT = 65536, N_BANDS = 5 };

static const option_row options[] = {
    {"output", 'o', "FILE.npz", "where to write the weights"},
    {"scheme", SCHEME, "NAME", "MOLLI scheme that is simulated (5(3)3)"},
    {"times", TIMES, "LIST", "inversion times in s after one inversion, in place of a scheme"},
    {"images", IMAGES, "N", "feed the network the first N images (all)"},
    {"heart-rate", RATES, "FROM,TO", "beats per minute (45,110; of times: 0.67 to 1.5 of theirs)"},
    {"t1", T1_RANGE, "FROM,TO", "T1 in s (0.1,2.5)"},
    {"post-contrast", POST, NULL, "T1 after contrast agent: --t1 0.1,1"},
    {"fixed-times", FIXED, NULL, "no variation of first times and beats"},
    {"label", LABEL, "NAME", "what to learn: molli (fitted) or true (simulated) T1 (molli)"},
    {"steps", STEPS, "N", "mini-batches of 1024 voxels (20000)"},
    {"seed", SEED, "N", "of everything random (1)"},
    {"threads", 't', "N", "threads (as many as the process may use; 8 at most are used)"},
    {"resume", RESUME, "FILE", "go on from a checkpoint, whose settings are kept"},
    {"check", CHECK, "FILE.npz", "train nothing: say how far this network is off"},
    {"quiet", 'q', NULL, "print nothing"},
    {NULL, 0, NULL, NULL}};

typedef struct request {
  const char *output, *resume, *check;
  tt1_protocol protocol;
  tt1_training_options training;
  double times[MAX_TIMES];
  int n_settings, threads, quiet;
} request;

static const char *label_name(int index)
{
  static const char *const names[] = {"molli", "true", NULL};
  return names[index];
}

/* Numbers with commas between; returns how many, at most `room`. */
static int take_numbers(double *out, int room, const char *option, const char *text)
{
  int n = 0;
  for (const char *c = text; n < room; c++) {
    char *end = NULL;
    out[n] = strtod(c, &end);
    if (end == c || !isfinite(out[n])) break;
    n++;
    c = end;
    if (!*c) return n;
    if (*c != ',') break;
  }
  usage_error(&command_train, "--%s takes up to %d numbers with commas between, not '%s'", option,
              room, text);
}

static void take_range(double range[2], const char *option, const char *text)
{
  if (take_numbers(range, 2, option, text) == 1) range[1] = range[0];
}

static void take_setting(request *r, int key)
{
  const command_row *me = &command_train;
  tt1_protocol *p = &r->protocol;
  r->n_settings++;
  switch (key) {
  case SCHEME: p->scheme = optarg; break;
  case TIMES:
    p->n_times = take_numbers(r->times, MAX_TIMES, "times", optarg);
    p->times = r->times;
    break;
  case IMAGES: p->n_images = option_integer(me, "images", optarg, 2, MAX_TIMES); break;
  case RATES: take_range(p->heart_rate, "heart-rate", optarg); break;
  case T1_RANGE: take_range(p->t1, "t1", optarg); break;
  case POST:
    p->t1[0] = 0.1;
    p->t1[1] = 1.0;
    break;
  case FIXED:
    p->first_time = 1.0;
    p->beat_deviation = -1.0;
    break;
  case LABEL: p->label = (tt1_network_label)option_choice(me, "label", optarg, label_name); break;
  case STEPS: r->training.n_steps = option_integer(me, "steps", optarg, 1, 1000000000); break;
  }
}

static void parse(request *r, int argc, char **argv)
{
  const command_row *me = &command_train;
  int key;
  while ((key = option_next(me, argc, argv)))
    switch (key) {
    case 'o': r->output = optarg; break;
    case SEED:
      r->training.seed = (uint64_t)option_integer(me, "seed", optarg, 1, 2147483647);
      break;
    case 't': r->threads = option_integer(me, "threads", optarg, 1, 1024); break;
    case RESUME: r->resume = optarg; break;
    case CHECK: r->check = optarg; break;
    case 'q': r->quiet = 1; break;
    default: take_setting(r, key); break;
    }
  r->training.threads = r->threads;
  if (optind < argc) usage_error(me, "no operand expected, but '%s' follows", argv[optind]);
  if (r->check && (r->output || r->resume)) usage_error(me, "--check trains and writes nothing");
  if (!r->check && !r->output) usage_error(me, "-o FILE.npz is missing");
  if (r->protocol.scheme && r->protocol.times)
    usage_error(me, "--scheme and --times exclude each other");
  size_t length = r->output ? strlen(r->output) : 4;
  if (r->output && (length < 5 || strcmp(r->output + length - 4, ".npz") != 0))
    usage_error(me, "-o takes a name that ends in .npz, not '%s'", r->output);
  if (r->resume && (r->n_settings || r->training.seed))
    usage_error(me, "--resume keeps the settings of the checkpoint; give no others");
}

/* ---- How far a network is off ---- */

typedef struct off {
  double bias, deviation, median, absolute;
  int count;
} off;

static off measure(const float *wanted, const float *got, int n, double from, double to)
{
  off o = {0};
  double *errors = allocate((size_t)n, sizeof *errors);
  double sum = 0.0, squares = 0.0, sizes = 0.0;
  for (int v = 0; v < n; v++) {
    double label = (double)wanted[v], error = (double)got[v] - label;
    if (!(label >= from && label < to)) continue;
    errors[o.count++] = error;
    sum += error;
    sizes += fabs(error);
  }
  o.bias = sum / o.count;
  for (int i = 0; i < o.count; i++)
    squares += (errors[i] - o.bias) * (errors[i] - o.bias);
  o.deviation = sqrt(squares / (o.count - 1));
  o.absolute = sizes / o.count;
  o.median = tt1_quantile(errors, o.count, 0.5);
  free(errors);
  return o;
}

static void print_row(const char *band, const off *o)
{
  if (o->count > 1)
    printf("%-12s %8d %8.1f %8.1f %8.1f %8.1f\n", band, o->count, 1e3 * o->bias, 1e3 * o->median,
           1e3 * o->deviation, 1e3 * o->absolute);
}

static tt1_status report(const tt1_network *network, const tt1_protocol *protocol, uint64_t seed,
                         int threads, tt1_error *error)
{
  static const double bands[N_BANDS + 1] = {0.0, 0.3, 0.6, 1.0, 1.5, 10.0};
  float *wanted = allocate(HELD_OUT, sizeof *wanted), *got = allocate(HELD_OUT, sizeof *got);
  tt1_status status =
      tt1_network_evaluate(network, protocol, seed, HELD_OUT, wanted, got, threads, error);
  if (status == TT1_OK) {
    printf("T1, ms         voxels     bias   median       SD      MAE\n");
    for (int i = 0; i < N_BANDS; i++) {
      char band[40];
      off o = measure(wanted, got, HELD_OUT, bands[i], bands[i + 1]);
      snprintf(band, sizeof band, i == N_BANDS - 1 ? "from %.0f" : "%.0f-%.0f", 1e3 * bands[i],
               1e3 * bands[i + 1]);
      print_row(band, &o);
    }
    off all = measure(wanted, got, HELD_OUT, 0.0, 10.0);
    print_row("all", &all);
  }
  free(wanted);
  free(got);
  return status;
}

static int check(const request *r)
{
  tt1_network *network = NULL;
  tt1_error error = {0};
  tt1_status status = tt1_network_load(&network, r->check, &error);
  if (status == TT1_OK)
    status = report(network, &r->protocol, r->training.seed, r->threads, &error);
  tt1_network_free(network);
  return status == TT1_OK ? EXIT_OK : complain_of(&error);
}

/* ---- Training ---- */

/* A signal ends the training after the steps under way, with a checkpoint. */
static volatile sig_atomic_t interrupted;

static void interrupt(int number)
{
  interrupted = number;
}

static void catch_interrupts(void)
{
  struct sigaction action = {.sa_handler = interrupt}, before;
  static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
    if (sigaction(numbers[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN)
      sigaction(numbers[i], &action, NULL);
}

typedef tt1_status (*write_fn)(const void *what, tt1_folder *folder, const char *name,
                               tt1_error *error);

static tt1_status write_training(const void *what, tt1_folder *folder, const char *name,
                                 tt1_error *error)
{
  return tt1_folder_write_training(folder, name, what, error);
}

static tt1_status write_network(const void *what, tt1_folder *folder, const char *name,
                                tt1_error *error)
{
  return tt1_folder_write_network(folder, name, what, error);
}

/* One file, whole or not at all. */
static tt1_status write_file(const char *path, write_fn write, const void *what, tt1_error *error)
{
  const char *slash = strrchr(path, '/');
  size_t length = slash ? (size_t)(slash - path) : 0;
  char *above = allocate(length + 2, 1);
  memcpy(above, slash ? path : ".", slash ? length : 1);
  if (slash == path) above[0] = '/';
  tt1_folder *folder = NULL;
  tt1_status status = tt1_folder_open(&folder, above, error);
  if (status == TT1_OK) status = write(what, folder, slash ? slash + 1 : path, error);
  if (status == TT1_OK) status = tt1_folder_commit(folder, error);
  tt1_folder_free(folder);
  free(above);
  return status;
}

/* FILE.npz -> FILE.checkpoint.npz */
static char *checkpoint_path(const char *output)
{
  static const char ending[] = ".npz", added[] = ".checkpoint.npz";
  size_t length = strlen(output), size = length + sizeof added;
  char *path = allocate(size, 1);
  if (length > 4 && strcmp(output + length - 4, ending) == 0) length -= 4;
  snprintf(path, size, "%.*s%s", (int)length, output, added);
  return path;
}

static void show(const tt1_training *training, double began, int64_t first)
{
  int64_t step = tt1_training_step(training), n = tt1_training_n_steps(training);
  double left = (seconds_now() - began) / (double)(step - first) * (double)(n - step);
  fprintf(stderr, "\r  step %lld of %lld, mean error %.1f ms, %.0f s left   ", (long long)step,
          (long long)n, 1e3 * tt1_training_loss(training), left);
  fflush(stderr);
}

/* Step until the end or a signal, with a checkpoint now and then. */
static tt1_status train(tt1_training *training, const request *r, const char *checkpoint,
                        tt1_error *error)
{
  static const double BETWEEN_CHECKPOINTS = 60.0;
  int64_t first = tt1_training_step(training);
  double began = seconds_now(), saved = began;
  int is_shown = !r->quiet && isatty(STDERR_FILENO);
  tt1_status status = TT1_OK;
  while (status == TT1_OK && tt1_training_step(training) < tt1_training_n_steps(training) &&
         !interrupted) {
    status = tt1_training_advance(training, 20, error);
    if (status == TT1_OK && is_shown) show(training, began, first);
    if (status != TT1_OK || seconds_now() - saved < BETWEEN_CHECKPOINTS) continue;
    status = write_file(checkpoint, write_training, training, error);
    saved = seconds_now();
  }
  if (is_shown) fprintf(stderr, "\r%*s\r", 72, "");
  if (status == TT1_OK && interrupted)
    status = write_file(checkpoint, write_training, training, error);
  return status;
}

static tt1_status finish(const tt1_training *training, const request *r, const char *checkpoint,
                         tt1_error *error)
{
  tt1_status status = write_file(r->output, write_network, tt1_training_network(training), error);
  if (status != TT1_OK) return status;
  unlink(checkpoint);
  if (r->quiet) return TT1_OK;
  printf("%s: a network for %d images; on %d simulated voxels not seen in training:\n", r->output,
         tt1_network_n_images(tt1_training_network(training)), HELD_OUT);
  return report(tt1_training_network(training), tt1_training_protocol(training), 1, r->threads,
                error);
}

static int run(int argc, char **argv)
{
  request r = {.protocol = TT1_PROTOCOL_INIT, .training = TT1_TRAINING_OPTIONS_INIT};
  parse(&r, argc, argv);
  if (r.check) return check(&r);
  if (r.resume)
    remember_file(r.resume); // it may be what the checkpoint goes to, but not the weights
  if (check_output(r.output) != EXIT_OK) return EXIT_FAILED;
  tt1_training *training = NULL;
  tt1_error error = {0};
  char *checkpoint = checkpoint_path(r.output);
  hold_signals(1); // threads of the training inherit this, so only the main thread is interrupted
  tt1_status status = r.resume ? tt1_training_resume(&training, r.resume, r.threads, &error)
                               : tt1_training_create(&training, &r.protocol, &r.training, &error);
  catch_interrupts();
  hold_signals(0);
  if (status == TT1_OK) status = train(training, &r, checkpoint, &error);
  if (status == TT1_OK && !interrupted) status = finish(training, &r, checkpoint, &error);
  if (status == TT1_OK && interrupted)
    complain("interrupted at step %lld of %lld; go on with: torcht1 train --resume %s -o %s",
             (long long)tt1_training_step(training), (long long)tt1_training_n_steps(training),
             checkpoint, r.output);
  tt1_training_free(training);
  free(checkpoint);
  if (interrupted) return 128 + interrupted;
  return status == TT1_OK ? EXIT_OK : complain_of(&error);
}

const command_row command_train = {
    "train",
    "-o FILE.npz [OPTIONS]",
    "Train a network (MyoMapNet) from simulated MOLLI signals",
    "Trains the weights that 'torcht1 fit --solver network' takes, from signals of\n"
    "the Bloch equations with T1, T2, B1, off resonance, inversion efficiency, heart\n"
    "rate and noise drawn anew for every voxel. The same seed gives the same weights\n"
    "on the same machine. Interrupted, it leaves FILE.checkpoint.npz, with which\n"
    "--resume goes on. --check says how far a network is off on a protocol, which\n"
    "may be another than it was trained on. Figures are against the label.\n",
    options,
    run,
    NULL};
