/* SPDX-License-Identifier: MIT
 * The model that a sequence is for: one row for each way of saying what it is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <string.h>

#include "image/sequence.h"

enum { IMAGES = 4 };

/* One series: what differs between its images, and texts that say what the sequence is. */
typedef struct series {
  const char *differs[3]; /* keys */
  const char *texts[3][2];
  const char *given;        /* with --known */
  double last;              /* value of the last image, where it is not 0.4 */
  const char *model, *part; /* expected */
} series;

static const series rows[] = {
    {{"InversionTime"}, {{0}}, NULL, 0, "molli", "no spin echo is named"},
    {{"InversionTime"}, {{"ScanningSequence", "GR\\IR"}}, NULL, 0, "molli", "a gradient echo"},
    {{"InversionTime"}, {{"ScanningSequence", "SE\\IR"}}, NULL, 0, "ir3", "a spin echo"},
    {{"InversionTime"}, {{"PulseSequenceType", "Spin Echo"}}, NULL, 0, "ir3", "a spin echo"},
    {{"InversionTime"}, {{"EchoPulseSequence", "SPIN"}}, NULL, 0, "ir3", "EchoPulseSequence"},
    {{"InversionTime"}, {{"EchoPulseSequence", "GRADIENT"}}, NULL, 0, "molli", "GRADIENT"},
    {{"InversionTime"},
     {{"ScanningSequence", "IR"}, {"SeriesDescription", "T1W_SE_IR"}},
     NULL,
     0,
     "ir3",
     "T1W_SE_IR"},
    {{"InversionTime"},
     {{"SeriesDescription", "SE"}, {"ScanningSequence", "GR\\IR"}},
     NULL,
     0,
     "molli",
     "ScanningSequence"},
    {{"InversionTime", "RepetitionTime"},
     {{"ScanningSequence", "SE\\IR"}},
     NULL,
     0,
     "irse",
     "RepetitionTime differs"},
    {{"InversionTime"},
     {{"ScanningSequence", "EP\\IR"}},
     NULL,
     0,
     NULL,
     "--model ir3 or --model molli"},
    {{"InversionTime", "AcquisitionTime"}, {{0}}, NULL, 0, "ir3", "an inversion of its own"},
    {{"InversionTime", "EchoTime"}, {{0}}, NULL, 0, "molli", "InversionTime"},
    {{"InversionTime", "FlipAngle"}, {{0}}, NULL, 0, "molli", "InversionTime"},
    {{"InversionTime", "T2PreparationTime"}, {{0}}, NULL, 0, NULL, "both InversionTime and"},
    {{"SaturationTime"}, {{0}}, NULL, 0, NULL, "--model sasha2 or --model sasha3"},
    {{"SaturationTime"}, {{0}}, NULL, 30, "sasha3", "30 s"},
    {{"T2PreparationTime"}, {{0}}, NULL, 0, "t2prep2", "T2PreparationTime"},
    {{"T2PreparationTime", "EchoTime"}, {{0}}, NULL, 0, "t2prep2", "T2PreparationTime"},
    {{"T2PreparationTime", "Saturated"}, {{0}}, NULL, 0, "t2prep3", "saturated images"},
    {{"EchoTime"}, {{0}}, NULL, 0, NULL, "--model t2 or --model t2star"},
    {{"EchoTime"}, {{"ScanningSequence", "GR"}}, NULL, 0, "t2star", "a gradient echo"},
    {{"EchoTime"}, {{"ScanningSequence", "SE"}}, NULL, 0, "t2", "a spin echo"},
    {{"EchoTime"}, {{"SequenceName", "*fl2d12"}}, NULL, 0, "t2star", "*fl2d12"},
    {{"EchoTime"}, {{"SequenceName", "*se2d32"}}, NULL, 0, "t2", "*se2d32"},
    {{"EchoTime"}, {{"SeriesDescription", "heart T2*"}}, NULL, 0, "t2star", "T2*"},
    {{"EchoTime", "FlipAngle"}, {{"ScanningSequence", "GR"}}, NULL, 0, NULL, "both EchoTime and"},
    {{"FlipAngle"}, {{0}}, NULL, 0, "vfa", "FlipAngle differs"},
    {{"FlipAngle"}, {{"SequenceVariant", "SK\\SP"}}, NULL, 0, "vfa", "FlipAngle differs"},
    {{"FlipAngle"}, {{"SequenceVariant", "SS"}}, NULL, 0, NULL, "spoiled gradient"},
    {{0}, {{"ScanningSequence", "SE"}}, "InversionTime", 0, "ir3", "a spin echo"},
    {{0}, {{"ScanningSequence", "SE"}}, NULL, 0, NULL, ""},
};

static const char *ask(char reason[400], const series *row)
{
  static double values[3][IMAGES];
  static const double echo = 0.01;
  tt1_known_values known[4] = {{"EchoTime", &echo, 1, 1, ""}};
  tt1_found_text texts[3];
  tt1__acquisition a = {.known = known, .texts = texts, .n_images = IMAGES, .given = &row->given};
  int has_echo = 0;
  for (int k = 0; k < 3 && row->differs[k]; k++)
    has_echo |= strcmp(row->differs[k], "EchoTime") == 0;
  a.n_known = !has_echo; // of all images one, where it does not differ
  for (int k = 0; k < 3 && row->differs[k]; k++) {
    for (int i = 0; i < IMAGES; i++)
      values[k][i] = 0.1 * (i + 1) * (strcmp(row->differs[k], "AcquisitionTime") ? 1 : 500);
    if (row->last > 0 && k == 0 && strcmp(row->differs[0], "SaturationTime") == 0)
      values[k][IMAGES - 1] = row->last;
    known[a.n_known++] = (tt1_known_values){row->differs[k], values[k], IMAGES, 1, ""};
  }
  for (; a.n_texts < 3 && row->texts[a.n_texts][0]; a.n_texts++)
    texts[a.n_texts] = (tt1_found_text){row->texts[a.n_texts][0], row->texts[a.n_texts][1]};
  a.n_given = row->given != NULL;
  return tt1__model_of(reason, &a);
}

static void sequences_decide(void **state)
{
  int n_wrong = 0;
  (void)state;
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    char reason[400];
    const char *model = ask(reason, &rows[i]);
    int is_right = rows[i].model ? model && strcmp(model, rows[i].model) == 0 : !model;
    if (is_right && strstr(reason, rows[i].part) && (*rows[i].part || !*reason)) continue;
    print_error("row %d: %s, for %s\n", (int)i, model ? model : "none", reason);
    n_wrong++;
  }
  assert_int_equal(n_wrong, 0);
}

/* A suffix says what differs: of BIDS, where other keys may differ as they like. */
static void a_suffix_says_what_differs(void **state)
{
  char reason[400];
  tt1__acquisition a = {.key = "FlipAngle", .n_images = IMAGES};
  (void)state;
  assert_string_equal(tt1__model_of(reason, &a), "vfa");
  a.key = "InversionTime";
  assert_string_equal(tt1__model_of(reason, &a), "molli");
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(sequences_decide),
                                     cmocka_unit_test(a_suffix_says_what_differs)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
