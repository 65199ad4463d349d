/* SPDX-License-Identifier: MIT */
#include "base/library.h"

#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>

#include "base/error.h"

static void *open_first(const char *const *files)
{
  sigset_t all, before;
  void *opened = NULL;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  for (int i = 0; files[i] && !opened; i++)
    opened = dlopen(files[i], RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return opened;
}

tt1_status tt1__library_open(void **handle, const char *const *files, const char *const *names,
                             void *calls, tt1_error *err)
{
  void *opened = open_first(files);
  if (!opened) return tt1__error_set(err, TT1_NO_DEVICE, "%s is not installed", files[0]);
  for (int i = 0; names[i]; i++) {
    // ISO C has no cast from an object pointer, which dlsym() gives, to a function.
    void *call = dlsym(opened, names[i]);
    if (!call) {
      dlclose(opened);
      return tt1__error_set(err, TT1_NO_DEVICE, "%s lacks %s", files[0], names[i]);
    }
    memcpy((char *)calls + (size_t)i * sizeof call, &call, sizeof call);
  }
  *handle = opened;
  return TT1_OK;
}
