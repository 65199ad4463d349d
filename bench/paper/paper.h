/* SPDX-License-Identifier: MIT
 * What the parts of the program `paper` share: the cases of the cohort, what every method
 * found in them, and how that is judged. All T1 in s unless a name says ms. */
#ifndef TT1_PAPER_H
#define TT1_PAPER_H

#include "molli_reference.h"
#include "sequence.h"
#include "tt1_report.h"

enum { MAX_CASES = 256, N_BANDS = 7, OTHERS_JUDGED = 1500 };

/** Lower edges of the bands of T1 in ms; the last goes on for ever. */
extern const double BAND_EDGES[N_BANDS];
/** "< 200", ..., "≥ 2000". */
const char *band_name(int band);
int band_of(double T1); /* -1: not a number */

/** One sequence of one person, and where its voxels are from. */
typedef struct paper_case {
  char name[64]; /* "01 native" */
  int is_post, has_truth, has_signed;
  sequence s; /* voxels: myocardium first, then the others in a random order */
  int64_t n_myocardium;
  int64_t size[3];   /* of the map */
  double spacing[3]; /* mm */
  int32_t *index;    /* [n_voxels] in the map */
  float *expected;   /* [n_voxels] T1 that the protocol gives without noise; NaN: not known */
  /* The same noise with signs, or NULL. Off resonance the real part is no longer the magnitude
   * with a sign, so that a protocol gives another T1 from it. */
  float *signed_signal;   /* [n_images][n_voxels] */
  float *expected_signed; /* [n_voxels] */
} paper_case;

typedef struct cohort {
  paper_case *cases;
  int n_cases;
  char folder[400];
} cohort;

/* cohort.c */
/** Write the cases of a simulated cohort: `n` persons, native and after contrast agent. */
void export_simulated(const char *folder, int n, int size, double snr, uint64_t seed);
cohort read_cohort(const char *folder);
/** The first case native (0) or after contrast agent (1); NULL if there is none. */
const paper_case *first_case(const cohort *c, int is_post);
void free_cohort(cohort *c);

/** Number the voxels that are wanted, those of the myocardium (or NULL) first, the others at random. */
void choose_voxels(paper_case *c, const uint8_t *is_wanted, const uint8_t *is_myocardium,
                   int64_t n_map);
/** [rows][n_voxels] of the chosen voxels of [rows][n_map]. */
float *gather(const paper_case *c, const float *map, int rows, int64_t n_map);
void name_case(paper_case *c, const char *folder, int number, const char *name);
void write_case(const paper_case *c);
void free_case(paper_case *c);
void make_folder(const char *folder);
/** Leave the program with the sentence of `error` unless the library succeeded. */
void check(tt1_status status, const tt1_error *error);

/* data.c */
/** Write the series found in `data`, with masks of the myocardium from `masks` (may be NULL). */
void export_data(const char *folder, const char *data, const char *masks);

/* ours.c */
typedef struct fit_request {
  const char *device, *weights; /* of a network in .npz */
  int threads;
  int most; /* iterations of Adam */
} fit_request;

/** Fit every case with a solver of the library. */
void fit_ours(const cohort *c, const char *solver, const fit_request *request);
/** How Adam goes down at several learning rates: adam.txt in the folder. */
void follow_adam(const cohort *c, const fit_request *request);

/* optimum.c */
/** How many voxels of a case are judged: the myocardium and so many others. */
int64_t n_judged(const paper_case *c);
/** Brute force in double for the judged voxels of every case: optimum.f64. */
void find_optima(const cohort *c);
molli_optimum *read_optima(const paper_case *c); /* [n_judged]; free with free() */
/** Whether the cost of these parameters is within 1e-4 of the least, as bench/README.md says. */
int is_at_optimum(const paper_case *c, int64_t v, double C, double k, double T1s,
                  const molli_optimum *best);

/* answers.c */

/** What one method found in one case. */
typedef struct answer {
  int is_there;
  float *parameters;     /* [3][n_voxels] */
  float *T1_sd;          /* [n_voxels] or NULL */
  const float *expected; /* [n_voxels] of the case */
  double seconds;
  int64_t n_fitted;
  int processes;
  long memory; /* kB */
  char note[160];
} answer;

/** What a method can tell: a part of the voxels in several processes only a time, samples with
 * signs nothing of the optimum of magnitudes. */
enum { TIMED = 1, AT_OPTIMUM = 2, COMPARED_WITH_EXPECTED = 4, ALL = 7, TELLS_SD = 8 };

/** A row of the tables. */
typedef struct method {
  const char *key;   /* name of its files */
  const char *title; /* for people */
  int is_ours;
  int roles; /* what it is good for, of these */
} method;

extern const method methods[]; /* up to one of key NULL */
/** Index of the method called `key`. */
int method_index(const char *key);
answer read_answer(const paper_case *c, const method *m);
void free_answer(answer *a);
double T1_of(const answer *a, const paper_case *c, int64_t v);
/** Whether a voxel counts: T1 is a number between 0 and 5 s. */
int is_valid_T1(double T1);

/** How a method did in some of the voxels. */
typedef struct tally {
  int64_t n, n_valid, n_optimum; /* fitted; of these a T1, at the optimum */
  int64_t n_close;               /* within 1 ms of the T1 of the optimum */
  int64_t n_far;                 /* more than 20 % off it */
  int64_t n_expected;            /* with an expected T1 and a valid one */
  double sum, squares;           /* of T1 - expected in ms */
  int64_t n_sd, n_covered;       /* intervals of 95 %; those that hold the expected T1 */
} tally;

/** Everything that is judged of one method. */
typedef struct verdict {
  int n_cases;
  double seconds[MAX_CASES]; /* for all voxels of a case, extrapolated where a part was fitted */
  int is_extrapolated;
  double mean_ms[MAX_CASES]; /* myocardial T1 */
  double expected_ms[MAX_CASES];
  double memory_mb;
  int processes;
  tally groups[2][N_BANDS]; /* native, post; by expected T1, else that of the optimum */
  char note[160];
} verdict;

void judge(verdict *out, const cohort *c, const method *m);
double median_seconds(const verdict *v);
/** Whether method `m` took part and is good for `role`. */
int is_shown(const verdict *v, int m, int role);

/* agreement.c */
/** Means of a method over the cases of a group against those of a reference. */
typedef struct means {
  double a[MAX_CASES], b[MAX_CASES];
  int n;
  tt1_agreement found;
} means;

/** Of cases native (0) or after contrast agent (1); `reference` NULL: the expected T1. */
void compare_means(means *out, const cohort *c, const verdict *v, const verdict *reference,
                   int is_post);

/* tables.c */
/** Fill in the template: lines "@name" are tables, "{name}" numbers; lines from "?truth" to the next "?" are
 * for cohorts whose truth is known, from "?own" for others. */
void write_report(const cohort *c, const verdict *v, const char *template_path, const char *path);
/** All numbers as JSON. */
void write_results(const cohort *c, const verdict *v, const char *path);

/* charts.c */
void write_charts(const cohort *c, const verdict *v, const char *folder);
#endif
