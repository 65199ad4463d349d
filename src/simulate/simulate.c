/* SPDX-License-Identifier: MIT
 * From scene and sequence to images: the signal of every voxel, by the Bloch
 * equations or by the MOLLI signal equation C (1 - k exp(-TI / T1s)), with partial
 * volume, coils, background phase and noise. The equation is written here a second
 * time on purpose: a fit tested on such a series then tests the compiler of models too. */
#include "simulate/simulate.h"

#include <math.h>
#include <stdio.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/threads.h"
#include "simulate/bloch.h"

enum { N_SUB = 3 };                        // sub-voxels along a side, for partial volume
static const double SLICE_THICKNESS = 8.0; // mm
static const double FULL_SIGNAL = 200.0;   // C of myocardium
struct tt1_simulation {
  tt1_simulation_options options;
  tt1_geometry geometry;
  tt1__scene scene;
  tt1__readout readout;
  tt1__sequence sequence;
  double motion[TT1__MAX_TIMES][2];
  char scheme[32]; /* options.sequence.scheme */
  float *signal, *phase, *clean, *truth, *truth_t2;
  uint8_t *labels, *myocardium;
};

/* While it is painted. */
typedef struct painter {
  tt1_simulation *s;
  double moved[TT1__MAX_TIMES][2];                  // of what breathes, as fractions
  double equation[TT1__MAX_TIMES][TT1__MAX_LABELS]; // signals by the equation
  double scale;                                     // of the magnetisation
  double sensitivity;                               // of the coils at the centre of the heart
  float *imaginary;                                 // [n_images][n_voxels], beside s->clean
} painter;

/* ---- Places ---- */

static double coordinate(int64_t index, double offset, int size)
{
  return 2.0 * ((double)index + 0.5 + offset) / size - 1.0;
}

static double level(int64_t k, int slices)
{
  return slices > 1 ? 1.0 - (double)k / (slices - 1) : 0.3; // the apex lies lowest
}

// As most converters write an axial slice: i to the patient's left, j to the front, k to the head.
static tt1_geometry make_geometry(const tt1_simulation_options *o)
{
  double spacing = TT1__FIELD_OF_VIEW / o->size, middle = spacing * (o->size - 1) / 2.0;
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

/* How many sub-voxels of a voxel each label has. */
typedef struct mixture {
  uint8_t count[TT1__MAX_LABELS];
} mixture;

static mixture mix(const tt1__scene *scene, int64_t i, int64_t j, double z, int size,
                   const double moved[2])
{
  mixture m = {{0}};
  for (int a = 0; a < N_SUB; a++)
    for (int b = 0; b < N_SUB; b++) {
      double x = coordinate(i, (a - 1) / 3.0, size), y = coordinate(j, (b - 1) / 3.0, size);
      m.count[tt1__scene_label(scene, x, y, z, moved)]++;
    }
  return m;
}

/* ---- Signals ---- */

/* Of one label in one voxel: every image, and what the readout gives from equilibrium. */
typedef struct response {
  int is_made;
  tt1__complex image[TT1__MAX_TIMES], full;
} response;

static double size_of(tt1__complex c)
{
  return sqrt(c.re * c.re + c.im * c.im);
}

static tt1__complex scaled(tt1__transverse m, double by)
{
  return (tt1__complex){by * m.x, by * m.y};
}

static tt1__isochromat isochromat_of(const tt1__material *m, const tt1_simulation_options *o,
                                     double frequency)
{
  return (tt1__isochromat){.t1 = m->t1,
                           .t2 = m->t2,
                           .b1 = o->b1,
                           .frequency = frequency + m->frequency,
                           .inversion = o->sequence.inversion,
                           .saturation = o->sequence.saturation};
}

static void respond(response *r, const painter *p, const tt1__material *material, double frequency)
{
  const tt1_simulation *s = p->s;
  tt1__transverse m[TT1__MAX_TIMES], full;
  tt1__isochromat iso = isochromat_of(material, &s->options, frequency);
  tt1__bloch(m, &full, &s->sequence, &iso, &s->readout);
  for (int i = 0; i < s->sequence.n_images; i++)
    r->image[i] = scaled(tt1__at_echo(m[i], &iso, &s->readout), p->scale * material->density);
  r->full = scaled(tt1__at_echo(full, &iso, &s->readout), p->scale * material->density);
  r->is_made = 1;
}

// So that myocardium on resonance has C = FULL_SIGNAL where the sensitivity is 1, whatever B1.
static double scale_of(const tt1_simulation *s)
{
  tt1__transverse m[TT1__MAX_TIMES], full;
  tt1__isochromat iso = isochromat_of(&s->scene.reference, &s->options, 0.0);
  iso.b1 = 1.0;
  tt1__bloch(m, &full, &s->sequence, &iso, &s->readout);
  tt1__complex seen = scaled(tt1__at_echo(full, &iso, &s->readout), s->scene.reference.density);
  return FULL_SIGNAL / size_of(seen);
}

static void tabulate_equation(painter *p)
{
  const tt1_simulation *s = p->s;
  for (int image = 0; image < s->sequence.n_images; image++)
    for (int label = 0; label < s->scene.n_labels; label++) {
      const tt1__material *m = &s->scene.materials[label];
      double t1_apparent = m->t1 / (m->k - 1.0), time = s->sequence.times[image];
      p->equation[image][label] =
          FULL_SIGNAL * m->amplitude * (1.0 - m->k * exp(-time / t1_apparent));
    }
}

static tt1__complex equation_signal(const painter *p, const mixture *m, int image)
{
  double sum = 0.0;
  for (int label = 0; label < p->s->scene.n_labels; label++)
    sum += m->count[label] * p->equation[image][label];
  return (tt1__complex){sum, 0.0};
}

// In a frame in which equilibrium would give a real, positive signal.
static tt1__complex bloch_signal(const painter *p, const mixture *m, int image, response *responses,
                                 double frequency)
{
  tt1__complex sum = {0.0, 0.0}, full = {0.0, 0.0};
  for (int label = 0; label < p->s->scene.n_labels; label++) {
    const tt1__material *material = &p->s->scene.materials[label];
    response *r = &responses[label];
    if (!m->count[label] || !(material->density > 0.0)) continue;
    if (!r->is_made) respond(r, p, material, frequency);
    sum.re += m->count[label] * r->image[image].re;
    sum.im += m->count[label] * r->image[image].im;
    full.re += m->count[label] * r->full.re;
    full.im += m->count[label] * r->full.im;
  }
  double size = size_of(full);
  if (!(size > 0.0)) return sum;
  return (tt1__complex){(sum.re * full.re + sum.im * full.im) / size,
                        (sum.im * full.re - sum.re * full.im) / size};
}

/* ---- Painting ---- */

static void paint_truth(tt1_simulation *s, int64_t voxel, double x, double y, double z)
{
  static const double STILL[2] = {0.0, 0.0};
  uint8_t label = tt1__scene_label(&s->scene, x, y, z, STILL);
  s->labels[voxel] = label;
  s->truth[voxel] = label == 0 ? NAN : (float)s->scene.materials[label].t1;
  if (s->truth_t2) s->truth_t2[voxel] = label == 0 ? NAN : (float)s->scene.materials[label].t2;
  if (s->myocardium) s->myocardium[voxel] = (uint8_t)tt1__heart_is_wall(&s->scene, x, y, z);
}

static void paint_voxel(painter *p, int64_t i, int64_t j, int64_t k)
{
  tt1_simulation *s = p->s;
  const tt1_simulation_options *o = &s->options;
  int64_t n_voxels = (int64_t)o->size * o->size * o->slices;
  int64_t voxel = (k * o->size + j) * o->size + i;
  double x = coordinate(i, 0.0, o->size), y = coordinate(j, 0.0, o->size);
  double z = level(k, o->slices), frequency = o->off_resonance + o->field * tt1__field(x, y);
  tt1__complex weights[TT1__MAX_COILS];
  double shade = tt1__coils(weights, o->coils, x, y) / p->sensitivity;
  response responses[TT1__MAX_LABELS];
  for (int label = 0; label < s->scene.n_labels; label++)
    responses[label].is_made = 0;
  mixture m = mix(&s->scene, i, j, z, o->size, p->moved[0]);
  paint_truth(s, voxel, x, y, z);
  for (int image = 0; image < s->sequence.n_images; image++) {
    if (image > 0 && o->breathing) m = mix(&s->scene, i, j, z, o->size, p->moved[image]);
    tt1__complex signal = o->physics == TT1_PHYSICS_EQUATION
                              ? equation_signal(p, &m, image)
                              : bloch_signal(p, &m, image, responses, frequency);
    s->clean[image * n_voxels + voxel] = (float)(shade * signal.re / (N_SUB * N_SUB));
    p->imaginary[image * n_voxels + voxel] = (float)(shade * signal.im / (N_SUB * N_SUB));
  }
}

static void paint_row(int item, int thread, void *payload)
{
  (void)thread;
  painter *p = payload;
  int size = p->s->options.size;
  for (int64_t i = 0; i < size; i++)
    paint_voxel(p, i, item % size, item / size);
}

static tt1_status paint(painter *p, tt1_error *err)
{
  tt1_simulation *s = p->s;
  const tt1_simulation_options *o = &s->options;
  tt1__breathe(s->motion, s->sequence.acquired, s->sequence.n_images, o);
  for (int image = 0; image < s->sequence.n_images; image++) {
    tt1__project(p->moved[image], s->motion[image]);
    p->moved[image][0] /= TT1__FIELD_OF_VIEW / 2.0;
    p->moved[image][1] /= TT1__FIELD_OF_VIEW / 2.0;
  }
  if (o->physics == TT1_PHYSICS_EQUATION)
    tabulate_equation(p);
  else
    p->scale = scale_of(s);
  p->sensitivity = tt1__coils_in_the_heart(o->coils);
  tt1__pool *pool = tt1__pool_create(o->threads ? o->threads : tt1__processors());
  if (!pool) return tt1__no_memory(err);
  tt1__pool_run(pool, o->size * o->slices, paint_row, NULL, p);
  tt1__pool_free(pool);
  return TT1_OK;
}

/* ---- Noise ---- */

// In (-pi, pi]; the float nearest to pi lies above it.
static float wrap(double angle)
{
  float wrapped = (float)(angle - 2.0 * TT1__PI * ceil((angle - TT1__PI) / (2.0 * TT1__PI)));
  return fabs((double)wrapped) > TT1__PI ? nextafterf(wrapped, 0.0f) : wrapped;
}

// Independent noise of every coil, put together as the signals are: of unit variance per channel again.
static tt1__complex draw_noise(tt1__random *random, double sigma, const tt1__complex *weights,
                               int n)
{
  tt1__complex sum = {0.0, 0.0};
  for (int i = 0; i < n; i++) {
    double re = sigma * tt1__random_normal(random), im = sigma * tt1__random_normal(random);
    sum.re += weights[i].re * re - weights[i].im * im;
    sum.im += weights[i].re * im + weights[i].im * re;
  }
  return sum;
}

// Noise in both channels: the magnitude is that of Rice, or the real channel alone. The noise is the
// same in all directions, so the background may turn signal and noise together, and only the phase.
static void add_noise(painter *p)
{
  tt1_simulation *s = p->s;
  const tt1_simulation_options *o = &s->options;
  double sigma = isinf(o->snr) ? 0.0 : FULL_SIGNAL / o->snr;
  tt1__random random = tt1__random_seed(o->seed);
  int64_t n_slice = (int64_t)o->size * o->size, count = n_slice * o->slices * s->sequence.n_images;
  tt1__complex weights[TT1__MAX_COILS] = {{1.0, 0.0}};
  for (int64_t i = 0; i < count; i++) {
    double x = coordinate(i % o->size, 0.0, o->size);
    double y = coordinate(i % n_slice / o->size, 0.0, o->size);
    tt1__complex value = {(double)s->clean[i], (double)p->imaginary[i]};
    s->clean[i] = (float)copysign(size_of(value), value.re);
    if (sigma > 0.0) {
      if (o->coils > 1) tt1__coils(weights, o->coils, x, y);
      tt1__complex noise = draw_noise(&random, sigma, weights, o->coils);
      value = (tt1__complex){value.re + noise.re, value.im + noise.im};
    }
    s->signal[i] = (float)(o->is_signed ? value.re : size_of(value));
    s->phase[i] = wrap(atan2(value.im, value.re) + tt1__background_phase(x, y));
  }
}

/* ---- The whole ---- */

static tt1_status make_room(painter *p, tt1_error *err)
{
  tt1_simulation *s = p->s;
  size_t size = (size_t)s->options.size, n_voxels = size * size * (size_t)s->options.slices;
  size_t n_values = n_voxels * (size_t)s->sequence.n_images;
  int has_t2 = s->options.physics == TT1_PHYSICS_BLOCH;
  int is_heart = s->options.subject == TT1_SUBJECT_HEART;
  s->signal = tt1__allocate(n_values, sizeof *s->signal);
  s->phase = tt1__allocate(n_values, sizeof *s->phase);
  s->clean = tt1__allocate(n_values, sizeof *s->clean);
  p->imaginary = tt1__allocate(n_values, sizeof *p->imaginary);
  s->truth = tt1__allocate(n_voxels, sizeof *s->truth);
  s->truth_t2 = has_t2 ? tt1__allocate(n_voxels, sizeof *s->truth_t2) : NULL;
  s->labels = tt1__allocate(n_voxels, 1);
  s->myocardium = is_heart ? tt1__allocate(n_voxels, 1) : NULL;
  int is_complete = s->signal && s->phase && s->clean && p->imaginary && s->truth && s->labels;
  if (is_complete && (s->truth_t2 || !has_t2) && (s->myocardium || !is_heart)) return TT1_OK;
  return tt1__no_memory(err);
}

tt1_status tt1_simulation_create(tt1_simulation **out, const tt1_simulation_options *options,
                                 tt1_error *err)
{
  tt1_simulation_options o;
  tt1_status status = tt1__simulation_complete(&o, options, err);
  if (status != TT1_OK) return status;
  painter p = {.s = tt1__allocate(1, sizeof *p.s)};
  if (!p.s) return tt1__no_memory(err);
  p.s->options = o;
  snprintf(p.s->scheme, sizeof p.s->scheme, "%s", o.sequence.scheme);
  p.s->options.sequence.scheme = p.s->scheme;
  p.s->scene = tt1__scene_make(&o);
  p.s->readout = tt1__readout_of(&o.sequence);
  p.s->geometry = make_geometry(&o);
  status = tt1__sequence_make(&p.s->sequence, &o.sequence, o.seed, err);
  if (status == TT1_OK) status = make_room(&p, err);
  if (status == TT1_OK) status = paint(&p, err);
  if (status == TT1_OK) {
    add_noise(&p);
    *out = p.s;
    p.s = NULL;
  }
  tt1__free(p.imaginary);
  tt1_simulation_free(p.s);
  return status;
}

void tt1_simulation_free(tt1_simulation *simulation)
{
  if (!simulation) return;
  tt1__free(simulation->signal);
  tt1__free(simulation->phase);
  tt1__free(simulation->clean);
  tt1__free(simulation->truth);
  tt1__free(simulation->truth_t2);
  tt1__free(simulation->labels);
  tt1__free(simulation->myocardium);
  tt1__free(simulation);
}

/* ---- What came out ---- */

const tt1_simulation_options *tt1_simulation_settings(const tt1_simulation *simulation)
{
  return &simulation->options;
}

const char *tt1_simulation_model(const tt1_simulation *simulation)
{
  const tt1_sequence *s = &simulation->options.sequence;
  switch (s->kind) {
  case TT1_SEQUENCE_SASHA: return "sasha3";
  case TT1_SEQUENCE_T2PREP: return s->has_saturated_image ? "t2prep3" : "t2prep2";
  default: return "molli";
  }
}

const tt1_geometry *tt1_simulation_geometry(const tt1_simulation *simulation)
{
  return &simulation->geometry;
}

int tt1_simulation_n_images(const tt1_simulation *simulation)
{
  return simulation->sequence.n_images;
}

const double *tt1_simulation_times(const tt1_simulation *simulation)
{
  return simulation->sequence.times;
}

const double *tt1_simulation_acquired(const tt1_simulation *simulation)
{
  return simulation->sequence.acquired;
}

const double *tt1_simulation_saturated(const tt1_simulation *simulation)
{
  return simulation->sequence.is_saturated;
}

const double *tt1_simulation_motion(const tt1_simulation *simulation)
{
  return simulation->motion[0];
}

const float *tt1_simulation_signal(const tt1_simulation *simulation)
{
  return simulation->signal;
}

const float *tt1_simulation_phase(const tt1_simulation *simulation)
{
  return simulation->phase;
}

const float *tt1_simulation_clean(const tt1_simulation *simulation)
{
  return simulation->clean;
}

const float *tt1_simulation_truth(const tt1_simulation *simulation)
{
  return simulation->truth;
}

const float *tt1_simulation_truth_t2(const tt1_simulation *simulation)
{
  return simulation->truth_t2;
}

const uint8_t *tt1_simulation_labels(const tt1_simulation *simulation)
{
  return simulation->labels;
}

const uint8_t *tt1_simulation_myocardium(const tt1_simulation *simulation)
{
  return simulation->myocardium;
}

int tt1_simulation_tissue(tt1_tissue *tissue, const tt1_simulation *simulation, int label)
{
  if (label < 0 || label >= simulation->scene.n_labels) return 0;
  const tt1__material *m = &simulation->scene.materials[label];
  *tissue = (tt1_tissue){m->t1, m->t2};
  return 1;
}

int tt1_simulation_slice(tt1_heart_slice *slice, const tt1_simulation *simulation, int index)
{
  const tt1_simulation_options *o = &simulation->options;
  if (o->subject != TT1_SUBJECT_HEART || index < 0 || index >= o->slices) return 0;
  double points[2][2], z = level(index, o->slices);
  tt1__heart_insertions(points, &simulation->scene, z);
  slice->level = z < 0.3 ? "basal" : z < 0.7 ? "mid" : "apical";
  for (int axis = 0; axis < 2; axis++) { // coordinate() turned around
    slice->anterior[axis] = 0.5 * (points[0][axis] + 1.0) * o->size - 0.5;
    slice->inferior[axis] = 0.5 * (points[1][axis] + 1.0) * o->size - 0.5;
  }
  return 1;
}
