/* SPDX-License-Identifier: MIT
 * What one frame of a DICOM file is: whose series, where in space, when, how its
 * values are stored and what they mean. Pixels stay in the file. */
#ifndef TT1_DICOM_FRAME_H
#define TT1_DICOM_FRAME_H

#include "base/energy.h"
#include "dicom/csa.h"
#include "dicom/dicom.h"

enum {
  TT1__MAX_FRAMES = 65536, /* of one study */
  TT1__MAX_FILES = 65536,  /* of one study, others than DICOM too */
  TT1__MAX_DICOM_PIXELS = 1 << 26
};

/** Where quantities come from: the rows of tt1__sources, in the order in which they are tried. */
typedef enum tt1__source_id {
  TT1__TI_PLAIN = 0,
  TT1__TI_ENHANCED,
  TT1__TI_PHILIPS,
  TT1__TI_SIEMENS_XA,
  TT1__TI_COMMENT,
  TT1__TI_TRIGGER,
  TT1__TI_TRIGGER_DELAY,
  TT1__TI_CSA,
  TT1__TI_PROTOCOL,
  TT1__PREPARATION,
  TT1__PREPARATION_PROTOCOL,
  TT1__TE_PLAIN,
  TT1__TE_ENHANCED,
  TT1__FLIP_ANGLE,
  TT1__TR,
  TT1__FIELD,
  TT1__ACQUIRED_FRAME, /* from here on: when an image was acquired, which is no setting of it */
  TT1__ACQUIRED_REFERENCE,
  TT1__ACQUIRED_DATE,
  TT1__ACQUIRED_TIME,
  TT1__N_SOURCES
} tt1__source_id;

typedef struct tt1__source {
  const char *key;   /* the BIDS name */
  const char *where; /* for reports */
  double unit;       /* of one in the file, in s or degrees */
} tt1__source;

extern const tt1__source tt1__sources[TT1__N_SOURCES];

/** Texts that say how an image was acquired: the rows of tt1__told_texts. */
enum { TT1__N_TEXTS = 18 };

typedef struct tt1__told_text {
  const char *key; /* of a BIDS sidecar, else the keyword */
  tt1__tag tag;
} tt1__told_text;

extern const tt1__told_text tt1__told_texts[TT1__N_TEXTS];

/** How stored values become physical ones. */
typedef enum tt1__scaling {
  TT1__SCALING_NONE = 0,
  TT1__SCALING_RESCALE,         /* slope and intercept */
  TT1__SCALING_PHILIPS,         /* and the private scale slope: ecosystem's FP */
  TT1__SCALING_PHILIPS_UNKNOWN, /* a Philips image without it */
  TT1__SCALING_REAL_WORLD,      /* a map's real-world value mapping, which goes before a rescale */
} tt1__scaling;

typedef struct tt1__frame {
  const char *path;     /* borrowed from the study */
  int file;             /* of the study */
  int index, n_in_file; /* in the file, from 0; how many there are */
  int is_numbered;      /* the file tells how many: this one has a number in references */
  char study[65], series[65], reference[65], class_uid[65], instance_uid[65];
  uint32_t checksum; /* of the file */
  int n_copies;      /* of the same file that were left out */
  char description[65], comment[129], vendor[65];
  char type[129]; /* (0008,0008), or (0008,9007) of the frame */
  int series_number, instance;
  double acquired; /* in s, as tt1__seconds_of(); 0 if unknown */
  double moment;   /* the same of this very frame, where an enhanced file tells; else 0 */
  tt1_kind kind;
  int rows, columns, bits_allocated, bits_stored, is_signed;
  int float_size;     /* bytes of a pixel of floating point; 0: whole numbers */
  double no_value[2]; /* of such pixels, from and to: no number; NaN: none */
  char unit[17];      /* of a map, as UCUM writes it; "": not told */
  tt1__scaling scaling;
  double slope, intercept, divisor; /* value = (stored slope + intercept) / divisor */
  double smallest, greatest;        /* stored values; 0 where none can be below zero */
  tt1__energy energy;               /* of the values then, but for phases */
  int is_lossy;
  int has_place;
  double position[3], row[3], column[3]; /* of the first voxel; directions along i and j (LPS) */
  double spacing[3];                     /* along i, j; the third is 0 if unknown */
  double values[TT1__N_SOURCES]; /* in s and degrees, NaN if absent; of the last as `acquired` */
  char texts[TT1__N_TEXTS][65];  /* "" if absent */
  tt1__listed preparations;      /* of T2 in ms, as the protocol lists them */
  tt1__listed inversions;        /* in microseconds, the same */
  char refused[240];             /* why its pixels cannot be read; "" if they can */
} tt1__frame;

/** Frames that grow in number. Zero-initialise before use; free `frames` with tt1__free(). */
typedef struct tt1__frames {
  tt1__frame *frames;
  int count, capacity;
} tt1__frames;

/** Whether the data set is an MR image in grey values (or tells nothing of its class), and no report,
    screen shot or index. */
int tt1__frames_is_image(const tt1__dicom *dicom);
/** Whether a class of objects is a Secondary Capture, of one frame or several: a picture put into DICOM. */
int tt1__is_secondary_capture(const char *class_uid);
/** The same of a data set. */
int tt1__frames_is_secondary(const tt1__dicom *dicom);
/** Add all frames of an open file. TT1_BAD_FILE with one sentence if it is no sound image. */
tt1_status tt1__frames_add(tt1__frames *list, const tt1__dicom *dicom, const char *path,
                           tt1_error *err);
/** Decode the stored values of `frame`, which are whole. `values` [rows * columns]; `dicom` may be NULL
    where tt1__dicom_needs_dcmtk() says no. */
tt1_status tt1__frame_pixels(const tt1__frame *frame, const tt1__dicom_scan *scan,
                             const tt1__dicom *dicom, int32_t *values, tt1_error *err);
/** Read a frame of floating point, NaN where it has no value. `values` [rows * columns]. */
tt1_status tt1__frame_floats(const tt1__frame *frame, const tt1__dicom_scan *scan, float *values,
                             tt1_error *err);
#endif
