/* SPDX-License-Identifier: MIT
 * OpenBLAS, opened when a network runs and not before: linked, its 36 MB and its
 * threads would be part of every program that never uses a network. */
#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>

#include "base/error.h"
#include "network/network.h"

static const char LIBRARY[] = "libopenblas.so.0";

// Its threads must leave signals to those of the program.
static void *open_library(void)
{
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  // It has threads of its own, so it stays once it is there.
  void *library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return library;
}

// ISO C has no cast from an object pointer, which dlsym() gives, to a function.
static int find(void *function, void *library, const char *name)
{
  void *symbol = dlsym(library, name);
  memcpy(function, &symbol, sizeof symbol);
  return symbol != NULL;
}

tt1_status tt1__blas_open(tt1__blas *blas, tt1_error *err)
{
  int (*get_threads)(void) = NULL;
  tt1__blas b = {.library = open_library()};
  if (!b.library)
    return tt1__error_set(err, TT1_NO_DEVICE,
                          "a network needs OpenBLAS (Debian: libopenblas0), which cannot be "
                          "loaded: %s",
                          dlerror());
  if (!find(&b.product, b.library, "cblas_sgemm") ||
      !find(&b.set_threads, b.library, "openblas_set_num_threads") ||
      !find(&get_threads, b.library, "openblas_get_num_threads")) {
    dlclose(b.library);
    return tt1__error_set(err, TT1_NO_DEVICE, "%s lacks functions of OpenBLAS", LIBRARY);
  }
  b.threads_before = get_threads();
  if (b.threads_before != 1) b.set_threads(1);
  *blas = b;
  return TT1_OK;
}

void tt1__blas_close(tt1__blas *blas)
{
  if (!blas->library) return;
  if (blas->threads_before != 1) blas->set_threads(blas->threads_before);
  dlclose(blas->library);
  *blas = (tt1__blas){0};
}

int tt1_network_available(const char **why)
{
  void *library = open_library();
  if (why) *why = library ? NULL : "OpenBLAS (libopenblas.so.0) cannot be loaded";
  if (library) dlclose(library);
  return library != NULL;
}
