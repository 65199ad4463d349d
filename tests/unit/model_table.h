/* SPDX-License-Identifier: MIT
 * One row per shipped model: a protocol with more images than parameters (but for mp2rage, which
 * has two of each) and the tissue it is tested on. Over these ranges every parameter stays at
 * least five standard deviations inside its bounds at C / sigma = 50. */
#ifndef MODEL_TABLE_H
#define MODEL_TABLE_H

enum { ROW_TIMES = 16 };

typedef struct model_row {
  const char *model;
  int n; /* images */
  struct {
    const char *name;
    int count; /* n, or 1: the same for all images */
    double values[ROW_TIMES];
  } known[7];
  struct {
    const char *name;
    double from, to;
    int of_first; /* in units of the first parameter */
  } parameters[4];
} model_row;

#define INVERSION_TIMES                           \
  {                                               \
    "TI", 8,                                      \
    {                                             \
      0.12, 0.2, 1.12, 1.2, 2.12, 2.2, 3.12, 4.12 \
    }                                             \
  }
#define SATURATION_TIMES                     \
  {                                          \
    "TS", 8,                                 \
    {                                        \
      0.12, 0.3, 0.5, 0.8, 1.2, 1.9, 2.8, 30 \
    }                                        \
  }
#define ECHO_TIMES                                    \
  {                                                   \
    "TE", 8,                                          \
    {                                                 \
      0.01, 0.02, 0.03, 0.045, 0.06, 0.08, 0.11, 0.15 \
    }                                                 \
  }
#define AMPLITUDE     \
  {                   \
    "A", 100, 1000, 0 \
  }

static const model_row MODEL_ROWS[] = {
    {"molli", 8, {INVERSION_TIMES}, {{"C", 100, 1000, 0}, {"k", 1.6, 2, 0}, {"T1s", 0.25, 2.2, 0}}},
    {"mollirest",
     8,
     {{"TI", 8, {0.12, 1.12, 2.12, 3.12, 4.12, 0.2, 0.28, 1.28}},
      {"last1", 8, {0, 0, 0, 0, 0, 4.12, 0.2, 0.2}},
      {"rest1", 8, {1000, 1000, 1000, 1000, 1000, 1.8, 1.72, 1.72}},
      {"last2", 8, {0, 0, 0, 0, 0, 0, 4.12, 4.12}},
      {"rest2", 8, {1000, 1000, 1000, 1000, 1000, 1000, 1.8, 1.8}},
      {"RR", 1, {1}}},
     {{"C", 100, 1000, 0}, {"T1", 0.3, 1.8, 0}, {"ratio", 0.8, 1.4, 0}}},
    {"ir2", 8, {INVERSION_TIMES}, {AMPLITUDE, {"T1", 0.25, 2, 0}}},
    {"ir3", 8, {INVERSION_TIMES}, {AMPLITUDE, {"B", 1.6, 2, 1}, {"T1", 0.25, 2, 0}}},
    {"irse",
     16,
     {{"TI",
       16,
       {0.03, 0.03, 0.03, 0.03, 0.03, 0.03, 0.05, 0.08, 0.2, 0.4, 0.8, 1.2, 2, 2.8, 4, 5}},
      {"TR", 16, {6, 6, 6, 6, 6, 6, 6, 6, 6.2, 6.4, 6.8, 7.2, 8, 8.8, 10, 11}},
      {"TE", 1, {0.012}}},
     {AMPLITUDE, {"c", 0.88, 0.92, 0}, {"T1", 0.4, 1.2, 0}}},
    {"sasha2", 8, {SATURATION_TIMES}, {AMPLITUDE, {"T1", 0.25, 2, 0}}},
    {"sasha3", 8, {SATURATION_TIMES}, {AMPLITUDE, {"B", 0.9, 1.05, 0}, {"T1", 0.25, 2, 0}}},
    {"t2", 8, {ECHO_TIMES}, {AMPLITUDE, {"T2", 0.02, 0.08, 0}}},
    {"t2offset", 8, {ECHO_TIMES}, {AMPLITUDE, {"B", 0.2, 0.4, 1}, {"T2", 0.02, 0.045, 0}}},
    {"t2prep2", 4, {{"TE", 4, {0, 0.025, 0.055, 0.09}}}, {AMPLITUDE, {"T2", 0.03, 0.12, 0}}},
    {"t2prep3",
     8,
     {{"TE", 8, {0, 0, 0.025, 0.035, 0.055, 0.09, 0, 0}}, {"SAT", 8, {0, 0, 0, 0, 0, 0, 1, 1}}},
     {AMPLITUDE, {"B", 0.1, 0.3, 1}, {"T2", 0.03, 0.12, 0}}},
    {"t2star",
     8,
     {{"TE", 8, {0.002, 0.004, 0.006, 0.008, 0.01, 0.012, 0.015, 0.018}}},
     {AMPLITUDE, {"T2s", 0.005, 0.04, 0}}},
    {"t2staroffset",
     12,
     {{"TE", 12, {0.002, 0.004, 0.006, 0.008, 0.011, 0.015, 0.02, 0.03, 0.05, 0.08, 0.12, 0.16}}},
     {AMPLITUDE, {"B", 0.2, 0.3, 1}, {"T2s", 0.005, 0.03, 0}}},
    {"msasha3",
     9,
     {{"TS", 9, {30, 0.6, 0.6, 0.6, 0.6, 0.6, 0.6, 0.6, 0.6}},
      {"TE", 9, {0, 0, 0, 0, 0, 0, 0, 0.055, 0.055}},
      {"Td", 1, {0.12}}},
     {AMPLITUDE, {"T1", 0.4, 1.8, 0}, {"T2", 0.035, 0.1, 0}}},
    {"msasha4",
     13,
     {{"TS", 13, {30, 30, 0.2, 0.4, 0.7, 1.1, 1.8, 30, 30, 30, 0.7, 30, 30}},
      {"TE", 13, {0, 0, 0, 0, 0, 0, 0, 0.02, 0.035, 0.055, 0.055, 0.12, 0.2}}},
     {AMPLITUDE, {"B", 0.03, 0.1, 0}, {"T1", 0.4, 1.8, 0}, {"T2", 0.035, 0.1, 0}}},
    {"vfa",
     8,
     {{"FA", 8, {2, 3, 4, 6, 8, 11, 15, 20}}, {"TR", 1, {0.015}}},
     {{"A", 1000, 10000, 0}, {"T1", 0.3, 2, 0}}},
    {"mp2rage",
     2,
     {{"TI", 2, {0.8, 2.7}},
      {"FA", 2, {4, 5}},
      {"TR", 1, {5}},
      {"TRgre", 1, {0.0067}},
      {"n", 1, {160}}},
     {{"A", 1000, 10000, 0}, {"T1", 0.5, 3.5, 0}}},
    {"fair",
     16,
     {{"label", 16, {0, 0, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2}},
      {"TI",
       16,
       {1, 1, 1.02, 1.02, 0.97, 0.97, 1.05, 1.05, 0.99, 0.99, 1.1, 1.1, 0.93, 0.93, 1, 1}}},
     {{"C", 400, 800, 0}, {"B", 1.2, 2, 1}, {"f", 0.01, 0.05, 0}}},
    {"t1rho",
     6,
     {{"TSL", 6, {0, 0.01, 0.02, 0.03, 0.045, 0.06}}},
     {AMPLITUDE, {"T1rho", 0.03, 0.12, 0}}},
};
enum { N_MODEL_ROWS = sizeof MODEL_ROWS / sizeof *MODEL_ROWS };
#endif
