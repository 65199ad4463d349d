/* SPDX-License-Identifier: MIT
 * The stand-in for NVRTC (libnvrtc.so). Machine code is a shared object; "PTX" is
 * the text itself, which the driver compiles. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "standin.h"

enum { NVRTC_COMPILATION = 6, NVRTC_INVALID_OPTION = 5, NVRTC_INVALID_PROGRAM = 4 };

typedef struct program {
  char *text, *log;
  unsigned char *machine_code;
  size_t size;
  int is_compiled;
} program;

static const int ARCHITECTURES[] = {75, 80, 90};
enum { N_ARCHITECTURES = sizeof ARCHITECTURES / sizeof *ARCHITECTURES };

int nvrtcVersion(int *major, int *minor)
{
  *major = 12;
  *minor = 4;
  return SUCCESS;
}

int nvrtcGetNumSupportedArchs(int *count)
{
  *count = N_ARCHITECTURES;
  return SUCCESS;
}

int nvrtcGetSupportedArchs(int *architectures)
{
  memcpy(architectures, ARCHITECTURES, sizeof ARCHITECTURES);
  return SUCCESS;
}

int nvrtcCreateProgram(program **out, const char *text, const char *name, int n_headers,
                       const char *const *headers, const char *const *names)
{
  (void)name, (void)headers, (void)names;
  program *p = calloc(1, sizeof *p);
  if (!p || n_headers) return OUT_OF_MEMORY;
  p->text = strdup(text);
  *out = p;
  return SUCCESS;
}

int nvrtcDestroyProgram(program **at)
{
  free((*at)->text);
  free((*at)->log);
  free((*at)->machine_code);
  free(*at);
  *at = NULL;
  return SUCCESS;
}

/* The architecture of "--gpu-architecture=sm_90", negative for compute_90; 0 where it is unknown. */
static int find_architecture(const char *option)
{
  int number = 0, is_virtual = sscanf(option, "--gpu-architecture=compute_%d", &number) == 1;
  if (!is_virtual && sscanf(option, "--gpu-architecture=sm_%d", &number) != 1) return 0;
  for (int i = 0; i < N_ARCHITECTURES; i++)
    if (ARCHITECTURES[i] == number) return is_virtual ? -number : number;
  return 0;
}

/* Without these the bits would not be those of the processor. */
static int keeps_bits(int n_options, const char *const *options)
{
  static const char *const NEEDED[] = {"--fmad=false", "--ftz=false", "--prec-div=true",
                                       "--prec-sqrt=true"};
  for (size_t i = 0; i < sizeof NEEDED / sizeof *NEEDED; i++) {
    int found = 0;
    for (int k = 0; k < n_options; k++)
      found |= !strcmp(options[k], NEEDED[i]);
    if (!found) return 0;
  }
  return 1;
}

int nvrtcCompileProgram(program *p, int n_options, const char *const *options)
{
  int architecture = 0;
  for (int i = 0; i < n_options && !architecture; i++)
    architecture = find_architecture(options[i]);
  if (!architecture || !keeps_bits(n_options, options)) return NVRTC_INVALID_OPTION;
  p->machine_code = standin_compile(p->text, abs(architecture), &p->size, &p->log);
  if (!p->machine_code) return NVRTC_COMPILATION;
  if (architecture < 0) p->size = 0;
  p->is_compiled = 1;
  return SUCCESS;
}

int nvrtcGetProgramLogSize(const program *p, size_t *size)
{
  *size = p->log ? strlen(p->log) + 1 : 1;
  return SUCCESS;
}

int nvrtcGetProgramLog(const program *p, char *log)
{
  strcpy(log, p->log ? p->log : "");
  return SUCCESS;
}

int nvrtcGetCUBINSize(const program *p, size_t *size)
{
  *size = p->size;
  return p->is_compiled ? SUCCESS : NVRTC_INVALID_PROGRAM;
}

int nvrtcGetCUBIN(const program *p, char *bytes)
{
  memcpy(bytes, p->machine_code, p->size);
  return p->size ? SUCCESS : NVRTC_INVALID_PROGRAM;
}

int nvrtcGetPTXSize(const program *p, size_t *size)
{
  *size = strlen(p->text) + 1;
  return p->is_compiled ? SUCCESS : NVRTC_INVALID_PROGRAM;
}

int nvrtcGetPTX(const program *p, char *text)
{
  strcpy(text, p->text);
  return p->is_compiled ? SUCCESS : NVRTC_INVALID_PROGRAM;
}
