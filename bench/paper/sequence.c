/* SPDX-License-Identifier: MIT */
#include "sequence.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>

void stop(const char *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  fputs("paper: ", stderr);
  vfprintf(stderr, format, arguments);
  fputc('\n', stderr);
  va_end(arguments);
  exit(1);
}

void *take_memory(size_t count, size_t size)
{
  void *memory = calloc(count > 0 ? count : 1, size);
  if (!memory) stop("out of memory");
  return memory;
}

double clock_seconds(void)
{
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

FILE *open_in(const sequence *s, const char *name, const char *mode)
{
  char path[640];
  snprintf(path, sizeof path, "%s/%s", s->folder, name);
  FILE *file = fopen(path, mode);
  if (!file) stop("%s: %s", path, strerror(errno));
  return file;
}

void *read_raw(const sequence *s, const char *name, size_t bytes)
{
  FILE *file = open_in(s, name, "rb");
  void *data = take_memory(bytes, 1);
  if (fread(data, 1, bytes, file) != bytes)
    stop("%s/%s holds fewer than %zu bytes", s->folder, name, bytes);
  fclose(file);
  return data;
}

void write_raw(const sequence *s, const char *name, const void *data, size_t bytes)
{
  FILE *file = open_in(s, name, "wb");
  int is_good = fwrite(data, 1, bytes, file) == bytes;
  if (fclose(file) != 0 || !is_good) stop("%s/%s: %s", s->folder, name, strerror(errno));
}

float *read_floats(const sequence *s, const char *name, size_t count)
{
  return read_raw(s, name, count * sizeof(float));
}

void write_floats(const sequence *s, const char *name, const float *values, size_t count)
{
  write_raw(s, name, values, count * sizeof *values);
}

sequence read_sequence(const char *folder)
{
  sequence s = {.n_images = 0};
  snprintf(s.folder, sizeof s.folder, "%s", folder);
  FILE *file = open_in(&s, "sequence.txt", "r");
  long long n_voxels = 0;
  int is_good = fscanf(file, "voxels %lld images %d times", &n_voxels, &s.n_images) == 2;
  is_good = is_good && n_voxels > 0 && s.n_images > 0 && s.n_images <= MAX_TIMES;
  for (int i = 0; is_good && i < s.n_images; i++)
    is_good = fscanf(file, "%lf", &s.times[i]) == 1;
  fclose(file);
  if (!is_good) stop("%s/sequence.txt is no sequence", folder);
  s.n_voxels = n_voxels;
  s.signal = read_floats(&s, "signal.f32", (size_t)s.n_images * (size_t)n_voxels);
  return s;
}

void write_sequence(const sequence *s)
{
  if (mkdir(s->folder, 0777) != 0 && errno != EEXIST) stop("%s: %s", s->folder, strerror(errno));
  FILE *file = open_in(s, "sequence.txt", "w");
  fprintf(file, "voxels %lld\nimages %d\ntimes", (long long)s->n_voxels, s->n_images);
  for (int i = 0; i < s->n_images; i++)
    fprintf(file, " %.9g", s->times[i]);
  fputc('\n', file);
  if (fclose(file) != 0) stop("%s/sequence.txt: %s", s->folder, strerror(errno));
  write_floats(s, "signal.f32", s->signal, (size_t)s->n_images * (size_t)s->n_voxels);
}

void free_sequence(sequence *s)
{
  free(s->signal);
  *s = (sequence){.n_images = 0};
}

void voxel_of(const sequence *s, int64_t v, double *samples, double *start)
{
  double largest = 0.0;
  for (int i = 0; i < s->n_images; i++) {
    samples[i] = (double)s->signal[i * s->n_voxels + v];
    largest = fmax(largest, fabs(samples[i]));
  }
  start[0] = largest;
  start[1] = 2.0;
  start[2] = 1.0;
}

void write_answer(const sequence *s, const char *name, const float *parameters, double seconds,
                  int64_t n_fitted, int processes, const char *note)
{
  char file_name[80];
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  snprintf(file_name, sizeof file_name, "%.60s.f32", name);
  write_floats(s, file_name, parameters, N_PARAMETERS * (size_t)s->n_voxels);
  snprintf(file_name, sizeof file_name, "%.60s.txt", name);
  FILE *file = open_in(s, file_name, "w");
  fprintf(file, "seconds %.9g\nvoxels %lld\nprocesses %d\nmemory %ld\nnote %s\n", seconds,
          (long long)n_fitted, processes, usage.ru_maxrss, note);
  if (fclose(file) != 0) stop("%s/%s: %s", s->folder, file_name, strerror(errno));
}

static float *fit_all(const sequence *s, fit_voxel fit)
{
  float *found = take_memory(N_PARAMETERS * (size_t)s->n_voxels, sizeof *found);
  for (int64_t v = 0; v < s->n_voxels; v++) {
    double samples[MAX_TIMES], parameters[N_PARAMETERS];
    voxel_of(s, v, samples, parameters);
    fit(s, samples, parameters);
    for (int k = 0; k < N_PARAMETERS; k++)
      found[k * s->n_voxels + v] = (float)parameters[k];
  }
  return found;
}

int run_peer(int argc, char **argv, const char *name, fit_voxel fit, const char *note)
{
  if (argc != 2) stop("usage: %s FOLDER", name);
  sequence s = read_sequence(argv[1]);
  double began = clock_seconds();
  float *found = fit_all(&s, fit);
  double seconds = clock_seconds() - began;
  write_answer(&s, name, found, seconds, s.n_voxels, 1, note);
  free(found);
  free_sequence(&s);
  return 0;
}
