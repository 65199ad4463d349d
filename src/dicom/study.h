/* SPDX-License-Identifier: MIT
 * A study while it is put together: the frames of all files, and the series that
 * they make. files.c reads the files, study.c groups the frames, series.c orders each group, load.c
 * reads the pixels. */
#ifndef TT1_DICOM_STUDY_H
#define TT1_DICOM_STUDY_H

#include <stdatomic.h>

#include "dicom/frame.h"
#include "file/zip.h"
#include "tt1_dicom.h"

enum {
  TT1__MAX_FOLDER_DEPTH = 8,
  /* Of files that a survey keeps for reading. What does not fit is read again, so that a study may be
     larger than memory. */
  TT1__MAX_KEPT_BYTES = 256 << 20
};

typedef struct tt1__series {
  tt1_study_series shown;
  int *frames; /* [n_images][n_slices], each a frame of the study; in the study's arena */
  int n_frames, n_slices;
  int is_redrawn;  /* its images have study UIDs of their own, which an anonymiser drew */
  int is_merged;   /* from series of one image each */
  int has_uni;     /* it is two inversions that a UNI image signs: tt1__study_uni_of() */
  int has_repeats; /* images of equal times: perhaps two series under one UID */
  /* The source behind each of the first `n_chosen` of `shown.known`, which are settings. */
  int chosen[TT1__N_SOURCES], varies[TT1__N_SOURCES];
  int n_chosen;
} tt1__series;

/** A file that was looked at: on disk, or a member of the study's archive. */
typedef struct tt1__dicom_file {
  const char *path; /* in the study's arena */
  int member;       /* -1: on disk */
  tt1__file bytes;  /* of images that were kept; of all others nothing but the checksum */
} tt1__dicom_file;

/** A file that cannot be read, though it says whose it is. */
typedef struct tt1__lost_file {
  char series[65];
  const char *path, *fault; /* in the study's arena */
} tt1__lost_file;

/** All DICOM files of a folder or an archive. */
typedef struct tt1__dicom_study {
  tt1__arena texts;
  tt1__dicom_file *files; /* by path */
  int n_files, files_capacity;
  atomic_size_t n_kept; /* bytes of them, at most TT1__MAX_KEPT_BYTES */
  tt1__frames frames;
  tt1__lost_file *lost; /* [n_lost], in the study's arena */
  int n_lost;
  tt1__series *series;
  int n_series, series_capacity;
  tt1_times times;
  int threads;                 /* 0: as many as the process may use */
  const char *wanted_file;     /* that stands for its series; NULL: none does */
  int is_empty;                /* all files were looked at, and none is an image */
  int n_skipped;               /* files */
  int n_archives, n_secondary; /* among those: archives in a folder; Secondary Captures in colour */
  tt1__zip archive;            /* that the files are in; without members if in none */
} tt1__dicom_study;

/* ---- files.c ---- */

/** Read all files at `paths` and below them, at depth `depth` of a folder, or all of the archive if there
    are none. */
tt1_status tt1__study_read_files(tt1__dicom_study *study, const char *const *paths, int n_paths,
                                 int depth, tt1_error *err);
/**
 * The bytes of file `index`: those kept, which the study owns, or else read into `room`, which the caller
 * frees. Threads may read at once. TT1_BAD_FILE also if the file has changed since the survey.
 */
tt1_status tt1__study_bytes(const tt1__file **bytes, tt1__file *room, const tt1__dicom_study *study,
                            int index, tt1_error *err);
/** Whether a file that begins so is DICOM, or gzip-compressed DICOM, or claims to be by its name. */
int tt1__is_dicom_file(const unsigned char *head, size_t length, const char *path);
/** Whether the name of a file says that it is DICOM. */
int tt1__is_named_dicom(const char *path);

/* ---- study.c ---- */

/** What to survey: a folder and everything below, an archive, or the folder of a file. */
typedef enum tt1__dicom_place {
  TT1__IN_FOLDER,
  TT1__IN_ARCHIVE,
  TT1__BESIDE,
  TT1__GIVEN /* folders, and files that stand for themselves */
} tt1__dicom_place;

/**
 * Find all series in `paths`, which is one path but where each is given. Zero-initialise `study` before use, but for `times` and `threads`, and free it
 * whatever the status.
 */
tt1_status tt1__dicom_study_open(tt1__dicom_study *study, const char *const *paths, int n_paths,
                                 tt1__dicom_place place, tt1_error *err);
void tt1__dicom_study_free(tt1__dicom_study *study);
/** Order the frames into series. TT1_NO_MEMORY is the only fault: what is wrong with a series is written
    into it. */
tt1_status tt1__study_arrange(tt1__dicom_study *study, tt1_error *err);

/** The UNI image of the voxels of series `s`, or NULL. */
const tt1__series *tt1__study_uni_of(const tt1__dicom_study *study, const tt1__series *s);

/* ---- series.c ---- */

#define TT1__SAME_PLACE 0.05 /* mm */
#define TT1__SAME_TIME  1e-7 /* s */

/** Make slices and images of the frames of `series`, and describe it. Faults as above. */
tt1_status tt1__series_arrange(tt1__dicom_study *study, tt1__series *series, tt1_error *err);
/** Refuse a series; the first reason stays. A soft one does not hold when the series is asked for. */
__attribute__((format(printf, 4, 5))) void tt1__series_refuse(tt1__dicom_study *study,
                                                              tt1__series *series, int is_soft,
                                                              const char *format, ...);
/** Add a sentence about what was assumed. Returns 0 if memory ran out. */
__attribute__((format(printf, 3, 4))) int
tt1__series_assume(tt1__dicom_study *study, tt1__series *series, const char *format, ...);
const tt1__frame *tt1__series_frame(const tt1__dicom_study *study, const tt1__series *series,
                                    int i);
/** Whether two frames lie in parallel planes, one straight above the other, with equal pixels. */
int tt1__frames_are_stacked(const tt1__frame *a, const tt1__frame *b);
/** The same, whatever frame of reference their UIDs name. */
int tt1__frames_are_parallel(const tt1__frame *a, const tt1__frame *b);
/** How far `frame` lies above the plane of `base`, in mm along its normal. */
double tt1__frame_height(const tt1__frame *base, const tt1__frame *frame);

/* ---- times.c ---- */

/** Choose the sources of what is known, order the images of all slices alike where all have the same
    times, and fill in `shown.known`. TT1_NO_MEMORY is the only fault. */
tt1_status tt1__series_find_times(tt1__dicom_study *study, tt1__series *series, tt1_error *err);
/** Refuse times that do not vary, repeat or make no sense. */
void tt1__series_check_times(tt1__dicom_study *study, tt1__series *series);

/* ---- load.c ---- */

/** Read the voxels of series `index`, and the phase of its partner. */
tt1_status tt1__study_load(tt1_image **out, const tt1__dicom_study *study, int index,
                           tt1_error *err);
#endif
