/* SPDX-License-Identifier: MIT
 * OpenBLAS, opened when a network runs and not before: linked, its 36 MB and its
 * threads would be part of every program that never uses a network. */
#include <dlfcn.h>

#include "base/error.h"
#include "base/library.h"
#include "network/network.h"

static tt1_status open_library(tt1__blas *blas, tt1_error *err)
{
  static const char *const FILES[] = {"libopenblas.so.0", NULL};
  static const char *const NAMES[] = {"cblas_sgemm", "openblas_set_num_threads",
                                      "openblas_get_num_threads", NULL};
  return tt1__library_open(&blas->library, FILES, NAMES, &blas->calls, err);
}

tt1_status tt1__blas_open(tt1__blas *blas, tt1_error *err)
{
  tt1__blas b = {0};
  tt1_error why = {0};
  if (open_library(&b, &why) != TT1_OK)
    return tt1__error_set(err, TT1_NO_DEVICE,
                          "a network needs OpenBLAS (Debian: libopenblas0-pthread): %.160s",
                          why.message);
  b.threads_before = b.calls.get_threads();
  if (b.threads_before != 1) b.calls.set_threads(1);
  *blas = b;
  return TT1_OK;
}

void tt1__blas_close(tt1__blas *blas)
{
  if (!blas->library) return;
  if (blas->threads_before != 1) blas->calls.set_threads(blas->threads_before);
  dlclose(blas->library);
  *blas = (tt1__blas){0};
}

int tt1_network_available(const char **why)
{
  tt1__blas b = {0};
  int is_there = open_library(&b, NULL) == TT1_OK;
  if (why) *why = is_there ? NULL : "OpenBLAS (libopenblas.so.0) cannot be loaded";
  if (is_there) dlclose(b.library);
  return is_there;
}
