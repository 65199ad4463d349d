/* SPDX-License-Identifier: MIT
 * Sequences as data: what happens to the magnetisation, and when. bloch.c plays
 * them; a new sequence is one function that lists its events. */
#ifndef TT1_SIMULATE_SEQUENCE_H
#define TT1_SIMULATE_SEQUENCE_H

#include "tt1_simulate.h"

enum {
  TT1__MAX_INVERSIONS = TT1_MAX_INVERSIONS,
  TT1__MAX_TIMES = 27,
  TT1__MAX_BEATS = 45,
  TT1__MAX_EVENTS = 2 * TT1__MAX_TIMES
};

/** One balanced readout. */
typedef struct tt1__readout {
  double flip;               /* degrees */
  double repetition;         /* s, of one line */
  int n_ramp, n_lines, line; /* the pulse of `line`, from 0, is the central one */
} tt1__readout;

/** 35 degrees, 2.7 ms, 5 ramp pulses, line 35 of 70 counted from 0. */
tt1__readout tt1__readout_usual(void);
/** s from the first pulse of a readout to the central one, and from there to the end. */
double tt1__readout_before(const tt1__readout *readout);
double tt1__readout_behind(const tt1__readout *readout);

typedef enum tt1__event_kind {
  TT1__INVERT,
  TT1__SATURATE,
  TT1__PREPARE_T2, /* tips, refocuses for `duration`, and tips back */
  TT1__READ
} tt1__event_kind;

/** Something that happens to the magnetisation. */
typedef struct tt1__event {
  tt1__event_kind kind;
  double time;     /* s from the beginning: of a readout its central pulse, of others their end */
  double duration; /* s, of a T2 preparation */
} tt1__event;

/** A sequence: events in the order of time, and what a fit is told of its images. */
typedef struct tt1__sequence {
  int n_events, n_images;
  tt1__event events[TT1__MAX_EVENTS];
  double times[TT1__MAX_TIMES];        /* s: inversion or saturation times, T2 preparations */
  double is_saturated[TT1__MAX_TIMES]; /* 1: by a saturation right before the readout */
  double acquired[TT1__MAX_TIMES];     /* s from the beginning to the central pulse */
} tt1__sequence;

/* ---- molli.c ---- */

/** A MOLLI protocol: groups of images, each after an inversion, one image per heart beat. */
typedef struct tt1__scheme {
  int n_groups, n_images;
  int count[TT1__MAX_INVERSIONS];    /* images of a group */
  int rest[TT1__MAX_INVERSIONS];     /* heart beats without an image after a group; below 0: as
                                        many as take so many seconds */
  double first[TT1__MAX_INVERSIONS]; /* s from the inversion to the first image of a group */
} tt1__scheme;

/** Read a scheme such as "5(3)3" or "5b(3s)3b"; TT1_BAD_ARGUMENT if it is none. */
tt1_status tt1__scheme_read(tt1__scheme *scheme, const char *text, tt1_error *err);
/** Inversion times in s, in the order of acquisition, with beats `gap` apart. */
void tt1__scheme_times(double times[TT1__MAX_TIMES], const tt1__scheme *scheme, double gap);

/**
 * The sequence of a scheme (Messroghli et al. 2004, doi:10.1002/mrm.20110): every image at the same
 * phase of its beat, an inversion before the first image of each group.
 *
 * @param gap [n_gaps] s from one beat to the next; begins again at its end
 */
tt1__sequence tt1__molli_sequence(const tt1__scheme *scheme, const double *gap, int n_gaps);

/* ---- sequence.c ---- */

/** The readout that `options` describe; every default is filled in. */
tt1__readout tt1__readout_of(const tt1_sequence *options);
/**
 * The sequence that `options` describe, every default filled in, with heart beats drawn from
 * `seed`. TT1_BAD_ARGUMENT if the scheme is none or readouts and preparations would overlap.
 */
tt1_status tt1__sequence_make(tt1__sequence *out, const tt1_sequence *options, uint64_t seed,
                              tt1_error *err);
#endif
