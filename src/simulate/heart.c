/* SPDX-License-Identifier: MIT
 * The digital heart: anatomy, tissue values, the MOLLI signal equation
 * C (1 - k exp(-TI / T1s)), smooth coil shading and background phase, partial
 * volume and noise. The equation is written here a second time on purpose: a fit
 * tested on this series then tests the compiler of models too. */
#include <math.h>

#include "base/error.h"
#include "base/memory.h"
#include "simulate/simulate.h"

enum { N_SUB = 3 }; // sub-voxels along a side, for partial volume
static const double FIELD_OF_VIEW = 320.0, SLICE_THICKNESS = 8.0; // mm
static const double FULL_SIGNAL = 200.0;                          // C of myocardium
static const double PI = 3.14159265358979323846;

struct tt1_simulation {
  tt1_geometry geometry;
  int n_images;
  double times[TT1__MAX_TIMES];
  float *signal, *phase, *truth;
  uint8_t *labels;
};

/* What a tissue looks like: C relative to myocardium, k, and T1 in s without and with agent. */
typedef struct tissue {
  double amplitude, k, t1_native, t1_post;
} tissue;

// Round values such as are found at 3 T; after contrast agent, about 15 minutes later.
// clang-format off
static const tissue tissues[TT1__N_LABELS] = {
  [TT1__AIR]        = {0.00, 1.90, 1.00, 1.00},
  [TT1__CHEST_WALL] = {0.75, 1.88, 1.10, 0.75},
  [TT1__LUNG]       = {0.12, 1.85, 1.20, 0.80},
  [TT1__LIVER]      = {0.90, 1.88, 0.80, 0.45},
  [TT1__MYOCARDIUM] = {1.00, 1.90, 1.20, 0.55},
  [TT1__BLOOD]      = {1.50, 1.94, 1.70, 0.40},
  [TT1__FAT]        = {1.60, 1.86, 0.35, 0.33},
};
// clang-format on

static double t1_of(int label, const tt1_heart_options *options)
{
  return options->post_contrast ? tissues[label].t1_post : tissues[label].t1_native;
}

// signal[label] at one inversion time, before shading
static void tissue_signals(double signal[TT1__N_LABELS], double time,
                           const tt1_heart_options *options)
{
  for (int label = 0; label < TT1__N_LABELS; label++) {
    const tissue *t = &tissues[label];
    double t1_apparent = t1_of(label, options) / (t->k - 1.0);
    signal[label] = FULL_SIGNAL * t->amplitude * (1.0 - t->k * exp(-time / t1_apparent));
  }
}

// Surface coils in front and behind; one at the centre of the left ventricle.
static double shading(double x, double y)
{
  return (0.8 + 0.25 * y * y + 0.15 * y + 0.1 * x) / 0.836;
}

// Of receiver coils and an imperfect shim: about 4 rad over the field of view, and nowhere told.
static double background_phase(double x, double y)
{
  return 0.6 + 1.3 * x - 0.7 * y + 0.5 * x * y + 0.4 * x * x;
}

/* ---- Options ---- */

static tt1_status complete(tt1_heart_options *o, const tt1_heart_options *given, tt1_error *err)
{
  *o = given ? *given : (tt1_heart_options)TT1_HEART_OPTIONS_INIT;
  if (o->version != TT1_HEART_OPTIONS_VERSION)
    return tt1__error_set(err, TT1_BAD_ARGUMENT,
                          "version %u of the options of the heart is not known; expected %d",
                          o->version, TT1_HEART_OPTIONS_VERSION);
  if (o->size == 0) o->size = 128;
  if (o->slices == 0) o->slices = 1;
  if (o->snr == 0.0) o->snr = 50.0;
  if (o->seed == 0) o->seed = 1;
  if (!o->scheme) o->scheme = "5(3)3";
  if (o->heart_rate == 0.0) o->heart_rate = 60.0;
  if (o->size < 32 || o->size > 1024)
    return tt1__error_set(err, TT1_BAD_ARGUMENT, "a size of %d voxels is outside 32 to 1024",
                          o->size);
  if (o->slices < 1 || o->slices > 64)
    return tt1__error_set(err, TT1_BAD_ARGUMENT, "%d slices are outside 1 to 64", o->slices);
  if (!(o->snr > 0.0))
    return tt1__error_set(err, TT1_BAD_ARGUMENT, "a signal-to-noise ratio of %g is not above 0",
                          o->snr);
  return TT1_OK;
}

// As most converters write an axial slice: i to the patient's left, j to the front, k to the head.
static tt1_geometry make_geometry(const tt1_heart_options *o)
{
  double spacing = FIELD_OF_VIEW / o->size, middle = spacing * (o->size - 1) / 2.0;
  tt1_geometry g = {.size = {o->size, o->size, o->slices},
                    .spacing = {spacing, spacing, SLICE_THICKNESS},
                    .qform_code = 1,
                    .sform_code = 1,
                    .quatern = {0.0, 1.0, 0.0}, // with qfac -1: diag(-1, 1, 1)
                    .qoffset = {middle, -middle, 0.0},
                    .qfac = -1.0,
                    .srow = {{-spacing, 0.0, 0.0, middle},
                             {0.0, spacing, 0.0, -middle},
                             {0.0, 0.0, SLICE_THICKNESS, 0.0}}};
  return g;
}

/* ---- Drawing ---- */

/* Of one voxel: the label at its centre, and how many sub-voxels each label has. */
typedef struct mixture {
  uint8_t centre, count[TT1__N_LABELS];
} mixture;

static double coordinate(int64_t index, double offset, int size)
{
  return 2.0 * ((double)index + 0.5 + offset) / size - 1.0;
}

static mixture mix(int64_t i, int64_t j, int64_t k, const tt1_heart_options *o)
{
  mixture m = {0};
  double z = o->slices > 1 ? 1.0 - (double)k / (o->slices - 1) : 0.3; // the apex lies lowest
  m.centre = (uint8_t)tt1__anatomy(coordinate(i, 0.0, o->size), coordinate(j, 0.0, o->size), z);
  for (int a = 0; a < N_SUB; a++)
    for (int b = 0; b < N_SUB; b++) {
      double x = coordinate(i, (a - 1) / 3.0, o->size), y = coordinate(j, (b - 1) / 3.0, o->size);
      m.count[tt1__anatomy(x, y, z)]++;
    }
  return m;
}

static void draw_voxel(tt1_simulation *s, int64_t i, int64_t j, int64_t k,
                       double (*signals)[TT1__N_LABELS], const tt1_heart_options *o)
{
  int64_t n_voxels = (int64_t)o->size * o->size * o->slices;
  int64_t voxel = (k * o->size + j) * o->size + i;
  mixture m = mix(i, j, k, o);
  double shade = shading(coordinate(i, 0.0, o->size), coordinate(j, 0.0, o->size));
  s->labels[voxel] = m.centre;
  s->truth[voxel] = m.centre == TT1__AIR ? NAN : (float)t1_of(m.centre, o);
  for (int image = 0; image < s->n_images; image++) {
    double sum = 0.0;
    for (int label = 0; label < TT1__N_LABELS; label++)
      sum += m.count[label] * signals[image][label];
    s->signal[image * n_voxels + voxel] = (float)(shade * sum / (N_SUB * N_SUB));
  }
}

static void draw(tt1_simulation *s, const tt1_heart_options *o)
{
  double signals[TT1__MAX_TIMES][TT1__N_LABELS] = {{0.0}};
  for (int image = 0; image < s->n_images; image++)
    tissue_signals(signals[image], s->times[image], o);
  for (int64_t k = 0; k < o->slices; k++)
    for (int64_t j = 0; j < o->size; j++)
      for (int64_t i = 0; i < o->size; i++)
        draw_voxel(s, i, j, k, signals, o);
}

// In (-pi, pi]; the float nearest to pi lies above it.
static float wrap(double angle)
{
  float wrapped = (float)(angle - 2.0 * PI * ceil((angle - PI) / (2.0 * PI)));
  return fabs((double)wrapped) > PI ? nextafterf(wrapped, 0.0f) : wrapped;
}

// Noise in both channels: the magnitude is that of Rice, or the real channel alone. The noise is the
// same in all directions, so the background may turn signal and noise together, and only the phase.
static void add_noise(tt1_simulation *s, const tt1_heart_options *o)
{
  double sigma = isinf(o->snr) ? 0.0 : FULL_SIGNAL / o->snr;
  tt1__random random = tt1__random_seed(o->seed);
  int64_t n_slice = (int64_t)o->size * o->size, count = n_slice * o->slices * s->n_images;
  for (int64_t i = 0; i < count; i++) {
    double x = coordinate(i % o->size, 0.0, o->size), real = (double)s->signal[i], imaginary = 0.0;
    double y = coordinate(i % n_slice / o->size, 0.0, o->size);
    if (sigma > 0.0) {
      real += sigma * tt1__random_normal(&random);
      imaginary = sigma * tt1__random_normal(&random);
    }
    s->signal[i] = (float)(o->is_signed ? real : sqrt(real * real + imaginary * imaginary));
    s->phase[i] = wrap(atan2(imaginary, real) + background_phase(x, y));
  }
}

tt1_status tt1_simulate_heart(tt1_simulation **out, const tt1_heart_options *options,
                              tt1_error *err)
{
  tt1_heart_options o;
  tt1_status status = complete(&o, options, err);
  if (status != TT1_OK) return status;
  tt1_simulation *s = tt1__allocate(1, sizeof *s);
  if (!s) return tt1__no_memory(err);
  status = tt1__molli_times(s->times, &s->n_images, o.scheme, o.heart_rate, err);
  if (status != TT1_OK) goto out;
  s->geometry = make_geometry(&o);
  size_t n_voxels = (size_t)o.size * (size_t)o.size * (size_t)o.slices;
  s->signal = tt1__allocate(n_voxels * (size_t)s->n_images, sizeof *s->signal);
  s->phase = tt1__allocate(n_voxels * (size_t)s->n_images, sizeof *s->phase);
  s->truth = tt1__allocate(n_voxels, sizeof *s->truth);
  s->labels = tt1__allocate(n_voxels, 1);
  if (!s->signal || !s->phase || !s->truth || !s->labels) {
    status = tt1__no_memory(err);
    goto out;
  }
  draw(s, &o);
  add_noise(s, &o);
  *out = s;
  s = NULL;
out:
  tt1_simulation_free(s);
  return status;
}

void tt1_simulation_free(tt1_simulation *simulation)
{
  if (!simulation) return;
  tt1__free(simulation->signal);
  tt1__free(simulation->phase);
  tt1__free(simulation->truth);
  tt1__free(simulation->labels);
  tt1__free(simulation);
}

const tt1_geometry *tt1_simulation_geometry(const tt1_simulation *simulation)
{
  return &simulation->geometry;
}

int tt1_simulation_n_images(const tt1_simulation *simulation)
{
  return simulation->n_images;
}

const double *tt1_simulation_times(const tt1_simulation *simulation)
{
  return simulation->times;
}

const float *tt1_simulation_signal(const tt1_simulation *simulation)
{
  return simulation->signal;
}

const float *tt1_simulation_phase(const tt1_simulation *simulation)
{
  return simulation->phase;
}

const float *tt1_simulation_truth(const tt1_simulation *simulation)
{
  return simulation->truth;
}

const uint8_t *tt1_simulation_labels(const tt1_simulation *simulation)
{
  return simulation->labels;
}
