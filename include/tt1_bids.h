/* SPDX-License-Identifier: MIT
 *
 * BIDS datasets: which series they hold, how they are read, and what their maps are called. The
 * contract of torcht1.h (units, layout, errors, ownership, threads) holds here too. Names, entities
 * and keys are those of the BIDS specification 1.11.
 */
#ifndef TT1_BIDS_H
#define TT1_BIDS_H

#include "tt1_image.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What dataset_description.json tells. Texts are "" where it does not, and cut where they are long. */
typedef struct tt1_bids_description {
  char name[256];
  char bids_version[32];
  char type[32]; /**< "raw" or "derivative"; "raw" where nothing is said */
  char doi[128]; /**< DatasetDOI */
  char generator[64], generator_version[64]; /**< of the first of GeneratedBy */
  char raw[1024]; /**< where DatasetLinks says that "raw" is: the source of a derivative dataset */
} tt1_bids_description;

/**
 * Read dataset_description.json in `folder`.
 * @return TT1_OK, TT1_IO if there is none, TT1_BAD_FILE, TT1_NO_DEVICE (a build without jansson),
 *         TT1_NO_MEMORY
 */
TT1_API tt1_status tt1_bids_describe(tt1_bids_description *out, const char *folder, tt1_error *err);

/** Which series of a dataset are wanted. Start from TT1_BIDS_OPTIONS_INIT. */
typedef struct tt1_bids_options {
  uint32_t version;
  const char *participants; /**< labels, "01,02" or "sub-01,sub-02"; NULL: all */
  const char *sessions;     /**< the same: "1" or "ses-1"; NULL: all */
  const char *suffix;       /**< "IRT1"; NULL: all */
} tt1_bids_options;

#define TT1_BIDS_OPTIONS_VERSION 1
/* clang-format off */
#define TT1_BIDS_OPTIONS_INIT { TT1_BIDS_OPTIONS_VERSION, NULL, NULL, NULL }
/* clang-format on */

/** One series of a dataset. Borrowed from it. */
typedef struct tt1_bids_series {
  const char *name;   /**< what the names of its images share: "sub-01_acq-a_IRT1" */
  const char *folder; /**< that holds them, from the root of the dataset: "sub-01/anat" */
  const char *subject, *session; /**< labels: "01", and "" where there are no sessions */
  const char *suffix;            /**< IRT1, VFA, MP2RAGE, UNIT1, MESE or MEGRE */
  const char
      *keys[2];    /**< what varies from image to image: keys of sidecars; the second may be NULL */
  const char *map; /**< suffix of the map that it is acquired for: "T1map" */
  int n_images;
  int has_phase;       /**< part-phase lies beside part-mag, or part-imag beside part-real */
  const char *refused; /**< NULL: can be read; or one sentence that says why not */
  /* What its maps are called */
  const char *map_stem;  /**< what the name of a map begins with: "sub-01_acq-a" */
  const char *map_label; /**< label of desc-, so that two series do not share a name; "": none */
  const char *fit_stem;  /**< for what has no suffix of its own in BIDS: "sub-01_acq-a_mod-IRT1" */
  const char *desc;      /**< label of desc- in the names of the images; "": none */
} tt1_bids_series;

/** A dataset, or a part of it, as its names tell. */
typedef struct tt1_bids tt1_bids;

/**
 * Whether `path` is a BIDS dataset (a folder that holds dataset_description.json), the folder of a
 * subject, a session or a datatype in one, or an image in one that belongs to a series.
 */
TT1_API int tt1_bids_contains(const char *path);

/**
 * Find all series in `path`, as tt1_bids_contains() describes it. Images are looked for in anat/;
 * those that differ in inv- (IRT1, MP2RAGE), flip- (VFA, MP2RAGE), echo- (MESE, MEGRE) and part- alone
 * are one series; a UNIT1 is one by itself where no MP2RAGE beside it can be read, or it is asked for. No image and no sidecar of one is opened.
 *
 * @param[out] out     free with tt1_bids_free()
 * @param      options may be NULL
 * @return TT1_OK, with no series too; TT1_BAD_FILE where `path` lies in no dataset, where its
 *         description is damaged, or where a participant or session that is asked for is missing;
 *         TT1_IO, TT1_NO_DEVICE (a build without jansson), TT1_NO_MEMORY
 */
TT1_API tt1_status tt1_bids_open(tt1_bids **out, const char *path, const tt1_bids_options *options,
                                 tt1_error *err);
TT1_API void tt1_bids_free(tt1_bids *dataset); /**< Accepts NULL. */
/** The folder that holds dataset_description.json. */
TT1_API const char *tt1_bids_root(const tt1_bids *dataset);
TT1_API const tt1_bids_description *tt1_bids_about(const tt1_bids *dataset);
TT1_API int tt1_bids_n_series(const tt1_bids *dataset);
/** Series `index`, from 0, by subject, session and name; NULL past the last. */
TT1_API const tt1_bids_series *tt1_bids_series_at(const tt1_bids *dataset, int index);

/**
 * Read series `index`: its images in the order of their index, what their sidecars say, those above
 * them in the dataset too (nearer ones win), and the phase where part-phase lies beside. Files are
 * recorded by their paths from the root of the dataset.
 *
 * Phase counts if its sidecar gives Units: "rad", or "arbitrary" where the values fill one of the
 * ranges that scanners use for one turn; which, or why not, is an assumption of the image. MP2RAGE is
 * read as signed images: the first inversion times the cosine of its phase against that of the second,
 * as the UNI image has it (Marques et al. 2010), or the sign of the UNIT1 beside it, or part-real as it is. UNIT1 is
 * read as both inversions, whose ratio it gives.
 *
 * @param[out] out  free with tt1_image_free()
 * @return TT1_OK, TT1_IO, TT1_BAD_FILE, TT1_NO_DEVICE, TT1_NO_MEMORY, TT1_BAD_ARGUMENT
 */
TT1_API tt1_status tt1_bids_read(tt1_image **out, const tt1_bids *dataset, int index,
                                 tt1_error *err);

/** What the sidecars of a series tell. */
typedef struct tt1_bids_facts {
  int n_images;
  const tt1_known_values
      *known; /**< [n_known] as tt1_image_known() of the image that would be read */
  const tt1_found_text *texts;    /**< [n_texts] as tt1_image_text() */
  const char *const *assumptions; /**< [n_assumptions] sentences */
  int n_known, n_texts, n_assumptions;
  const char
      *model; /**< the shipped model that the series is for; NULL: none is, `reason` says why */
  const char *reason; /**< one phrase: why that model; "" where the suffix alone decides */
  const char *lacks;  /**< a key that the fit needs and the sidecars lack; NULL: none */
} tt1_bids_facts;

/**
 * Find out what the sidecars of series `index` tell, as tt1_bids_read() would, and which shipped model it is
 * for: vfa of VFA, mp2rage of MP2RAGE and UNIT1, t2 of MESE, t2star of MEGRE; of IRT1 ir3 where ScanningSequence or
 * PulseSequenceType tells of a spin echo, else molli. No image is opened, but for a series in one file, which
 * alone tells how many images it holds.
 *
 * @param[out] out  free with tt1_bids_facts_free()
 * @return as tt1_bids_read()
 */
TT1_API tt1_status tt1_bids_look(tt1_bids_facts **out, const tt1_bids *dataset, int index,
                                 tt1_error *err);
TT1_API void tt1_bids_facts_free(tt1_bids_facts *facts); /**< Accepts NULL. */

/**
 * Find and read the transmit field of series `index`: the one TB1map of its subject and session, in
 * fmap/ or anat/, whose IntendedFor names an image of the series, or, where none does, the one without
 * IntendedFor that has the entities of the series. It must lie on the grid of `image`.
 *
 * @param[out] out   1 where the field is as wanted; NULL if there is none to be used. Free with
 *                   tt1_image_free()
 * @param[out] about one phrase about what was taken, or why nothing was; "" if there is no TB1map
 */
TT1_API tt1_status tt1_bids_field(tt1_image **out, char about[300], const tt1_bids *dataset,
                                  int index, const tt1_image *image, tt1_error *err);

/** Whether `suffix` is one that BIDS has for maps in anat/: "T1map", "R2starmap". */
TT1_API int tt1_bids_is_map(const char *suffix);
/** Whether `key` of a sidecar tells how images were acquired, and belongs into that of a map. */
TT1_API int tt1_bids_is_acquisition(const char *key);
/** The largest size of a number under `key` that makes sense, in s or degrees: above it sidecars are
    refused, as ms are suspected. 0: there is none. */
TT1_API double tt1_bids_limit(const char *key);
/**
 * Hold what is given by hand for a quantity in s or degrees to the limit that sidecars have for its key.
 * @param option  what gives it, for the sentence: "known"
 * @param values  [count] in the unit of `known`
 * @return TT1_OK, or TT1_BAD_ARGUMENT: milliseconds are suspected
 */
TT1_API tt1_status tt1_bids_check(const char *option, const tt1_known *known, const double *values,
                                  int count, tt1_error *err);

#ifdef __cplusplus
}
#endif
#endif /* TT1_BIDS_H */
