/* SPDX-License-Identifier: MIT
 *
 * The learned comparator: T1 from a few MOLLI images by a fully connected network
 * (MyoMapNet; Guo et al. 2022, doi:10.1186/s12968-021-00834-0), its inference and its
 * training from simulated signals. It is here to be compared with, not to be
 * preferred: a network knows the protocols that it was trained on and gives no
 * standard deviations. The contract of torcht1.h holds here too.
 *
 * The matrix products are OpenBLAS's, loaded (libopenblas.so.0) when first needed and set
 * to one thread while this header's functions work; where it is absent they return
 * TT1_NO_DEVICE. The bits of a result do not depend on threads; they do depend on the processor, for
 * which OpenBLAS chooses its kernels, and with its AVX2 kernels the last bits (about 1e-7 of T1)
 * also on a voxel's place among those that are mapped.
 */
#ifndef TT1_NETWORK_H
#define TT1_NETWORK_H

#include "tt1_image.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Layers 2n-400-400-200-200-100-1, leaky rectifiers of slope 0.01 between. Immutable. */
typedef struct tt1_network tt1_network;

/** Whether networks can run here; if not, `why` (may be NULL) says why. */
TT1_API int tt1_network_available(const char **why);

/**
 * Read weights from a NumPy .npz file: arrays "0.weight" [400][2n], "0.bias" [400], "2.weight",
 * ... "10.bias", float32 or float64; a name may have anything and a dot before it, as in
 * "module.T1fitNet.0.weight". Other arrays are ignored.
 *
 * @param[out] out  free with tt1_network_free()
 * @return TT1_OK, TT1_IO, TT1_BAD_FILE, TT1_NO_MEMORY
 */
TT1_API tt1_status tt1_network_load(tt1_network **out, const char *path, tt1_error *err);
/** Write weights as file `name` of `folder` in the format that tt1_network_load() reads. */
TT1_API tt1_status tt1_folder_write_network(tt1_folder *folder, const char *name,
                                            const tt1_network *network, tt1_error *err);
TT1_API void tt1_network_free(tt1_network *network);          /**< Accepts NULL. */
TT1_API int tt1_network_n_images(const tt1_network *network); /**< how many images it is fed */
TT1_API uint32_t
tt1_network_checksum(const tt1_network *network); /**< CRC-32 of the file read; 0 */

/** What a network is applied to. */
typedef struct tt1_network_input {
  const float *signal; /**< [n_images][n_voxels]: all acquired images; magnitudes are taken */
  const double *times; /**< [n_images] inversion times in s */
  int n_images;        /**< 1 to 64 */
  int64_t n_voxels;
  int64_t stride;      /**< voxels from one image to the next; 0: n_voxels */
  const int *images;   /**< [tt1_network_n_images()] which are fed, from 0; NULL: the first */
  const uint8_t *mask; /**< [n_voxels], nonzero where to work; NULL: everywhere */
} tt1_network_input;

/**
 * T1 of every voxel. The network is fed |S1|..|Sn|, TI1..TIn (s), the signals divided by 1.1
 * times the largest |S| of the voxel over **all** acquired images (the published recipe).
 *
 * @param t1        [n_voxels] in s
 * @param outcome   [n_voxels] of tt1_outcome, or NULL: TT1_CONVERGED; TT1_AT_BOUND where the
 *                  answer is not above 0; TT1_NOT_FINITE where a sample or the answer is not;
 *                  TT1_SINGULAR where all samples are zero; TT1_MASKED. T1 is NaN where nothing
 *                  was fed, else the answer as it is.
 * @param threads   0: as many as the process may use
 * @param progress  NULL, or called between chunks with voxels done and total
 * @return TT1_OK; TT1_NO_DEVICE, TT1_BAD_ARGUMENT or TT1_NO_MEMORY with nothing touched;
 *         TT1_CANCELLED with the outputs part written
 */
TT1_API tt1_status tt1_network_predict(const tt1_network *network, const tt1_network_input *input,
                                       float *t1, uint8_t *outcome, int threads,
                                       tt1_progress_fn progress, void *payload, tt1_error *err);

/** What a network learns to answer. */
typedef enum tt1_network_label {
  TT1_LABEL_MOLLI = 0, /**< what the exact three-parameter fit of all images of the protocol gives
                            without noise: the MOLLI T1, as in Guo et al. 2022 */
  TT1_LABEL_TRUE       /**< the T1 that was simulated */
} tt1_network_label;

/**
 * A protocol and the tissue that is simulated (src/simulate/bloch.h): T1 uniform in the range
 * given, T2 uniform in 20 to 250 ms (not above T1), B1 normal 1 +- 0.2 (at least 0.3), off
 * resonance normal 0 +- 30 Hz, inversion efficiency 1 - |normal 0.02 +- 0.01| (the ranges of the
 * published simulations), C / sigma log-uniform in 15 to 200 with Rician noise. Zero in a
 * field means its default.
 */
typedef struct tt1_protocol {
  uint32_t version;
  const char *scheme;    /**< "5(3)3"; default; NULL where `times` are given */
  const double *times;   /**< [n_times] ascending, in s, all after one inversion */
  int n_times;           /**< 2 to 27 */
  int n_images;          /**< the network is fed so many, the first; default: all */
  double heart_rate[2];  /**< beats per minute, uniform between; default 45 to 110; 0.67 to 1.5
                              times the rate of `times`, if they are given */
  double t1[2];          /**< s, uniform between; default 0.1 to 2.5 */
  double first_time;     /**< first inversion times are scaled by up to this factor either way;
                              default 1.25; 1: fixed */
  double beat_deviation; /**< relative SD of a single beat; default 0.03; negative: none */
  tt1_network_label label;
} tt1_protocol;

#define TT1_PROTOCOL_VERSION 1
/* clang-format off */
#define TT1_PROTOCOL_INIT { TT1_PROTOCOL_VERSION, 0, 0, 0, 0, {0.0, 0.0}, {0.0, 0.0}, 0.0, 0.0, \
                            TT1_LABEL_MOLLI }
/* clang-format on */

/**
 * Compare a network with what it should answer on freshly simulated voxels of a protocol, which
 * need not be the one it was trained on.
 *
 * @param wanted  [n_voxels] labels in s; NaN where the label's fit fails
 * @param got     [n_voxels] the network's answers in s
 */
TT1_API tt1_status tt1_network_evaluate(const tt1_network *network, const tt1_protocol *protocol,
                                        uint64_t seed, int n_voxels, float *wanted, float *got,
                                        int threads, tt1_error *err);

/** Zero in a field means its default. */
typedef struct tt1_training_options {
  uint32_t version;
  uint64_t seed;   /**< default 1 */
  int64_t n_steps; /**< mini-batches of 1024 simulated voxels; default 20000 */
  double rate;     /**< of Adam at the beginning; default 1e-3, falling to 0 as half a cosine */
  int threads;     /**< 0: as many as the process may use */
} tt1_training_options;

#define TT1_TRAINING_OPTIONS_VERSION 1
/* clang-format off */
#define TT1_TRAINING_OPTIONS_INIT { TT1_TRAINING_OPTIONS_VERSION, 0, 0, 0.0, 0 }
/* clang-format on */

/** A training under way. The same seed gives the same bits, whatever the threads and pauses. */
typedef struct tt1_training tt1_training;

/**
 * Begin a training: mean absolute error over voxels with a label, Adam (Kingma & Ba 2015,
 * arXiv:1412.6980) on mini-batches that are simulated anew for every step, so that no voxel is
 * seen twice. (Published: the same loss, plain gradient descent on a fixed set.)
 */
TT1_API tt1_status tt1_training_create(tt1_training **out, const tt1_protocol *protocol,
                                       const tt1_training_options *options, tt1_error *err);
/** Go on from a file that tt1_folder_write_training() wrote; protocol and options are in it. */
TT1_API tt1_status tt1_training_resume(tt1_training **out, const char *path, int threads,
                                       tt1_error *err);
TT1_API void tt1_training_free(tt1_training *training); /**< Accepts NULL. */
/** Take up to `count` steps, fewer at the end. */
TT1_API tt1_status tt1_training_advance(tt1_training *training, int count, tt1_error *err);
TT1_API int64_t tt1_training_step(const tt1_training *training);    /**< steps taken */
TT1_API int64_t tt1_training_n_steps(const tt1_training *training); /**< steps to take */
/** Mean absolute error (s) over the steps of the last tt1_training_advance(). */
TT1_API double tt1_training_loss(const tt1_training *training);
/** The network as it is now; borrowed, changes with the next step. */
TT1_API const tt1_network *tt1_training_network(const tt1_training *training);
/** The protocol, complete; borrowed. */
TT1_API const tt1_protocol *tt1_training_protocol(const tt1_training *training);
/** Write a checkpoint as file `name` of `folder`; tt1_network_load() reads it, too. */
TT1_API tt1_status tt1_folder_write_training(tt1_folder *folder, const char *name,
                                             const tt1_training *training, tt1_error *err);

#ifdef __cplusplus
}
#endif
#endif /* TT1_NETWORK_H */
