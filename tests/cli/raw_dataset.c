/* SPDX-License-Identifier: MIT
 * A raw BIDS dataset of two participants, from the signal equations themselves:
 *   raw_dataset FOLDER
 * sub-01: IRT1 (MOLLI), VFA with a TB1map, MESE, MEGRE; what holds for all stands at the root.
 * sub-02, ses-1: IRT1 of a spin echo with phase, MP2RAGE with phase, MESE after contrast agent.
 * T1 is 0.5 s + 10 ms i + 1 ms j, T2 is 40 ms + 1 ms j + 0.1 ms i, T2* half of it, B1 0.8 + 0.01 i;
 * of MP2RAGE T1 is 1 s more. The truth is in sourcedata/, which BIDS passes over. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tt1_image.h"

enum { NX = 32, NY = 24, N = NX * NY };

static const double PI = 3.14159265358979323846;
static tt1_folder *folder;

static void stop(const tt1_error *error)
{
  fprintf(stderr, "raw_dataset: %s\n", error->message);
  exit(1);
}

static void put(const char *name, const char *text)
{
  tt1_error error = {0};
  if (tt1_folder_write(folder, name, text, strlen(text), &error) != TT1_OK) stop(&error);
}

static void put_image(const char *name, const float *values)
{
  tt1_error error = {0};
  const tt1_geometry grid = {.size = {NX, NY, 1},
                             .spacing = {2.0, 2.0, 8.0},
                             .sform_code = 1,
                             .qfac = 1.0,
                             .srow = {{2.0, 0, 0, -10.0}, {0, 2.0, 0, -12.0}, {0, 0, 8.0, 3.0}}};
  if (tt1_folder_write_image(folder, name, &grid, 1, TT1_FLOAT32, values, NULL, &error) != TT1_OK)
    stop(&error);
}

static double t1(int v)
{
  return 0.5 + 0.01 * (v % NX) + 0.001 * (v / NX);
}

static double t2(int v)
{
  return 0.04 + 0.0001 * (v % NX) + 0.001 * (v / NX);
}

static double t2star(int v)
{
  return 0.5 * t2(v);
}

static double b1(int v)
{
  return 0.8 + 0.01 * (v % NX);
}

static void put_magnitude(const char *name, const double *signal)
{
  float values[N];
  for (int v = 0; v < N; v++)
    values[v] = (float)fabs(signal[v]);
  put_image(name, values);
}

/* Phase of a signed signal, with an offset that differs over the image; in the units of `turn`. */
static void put_phase(const char *name, const double *signal, double turn)
{
  float values[N];
  for (int v = 0; v < N; v++) {
    double angle = -2.9 + 5.8 * v / (N - 1) + (signal[v] < 0 ? PI : 0);
    if (angle > PI) angle -= 2 * PI;
    values[v] = (float)(angle / (2 * PI) * turn);
  }
  put_image(name, values);
}

static void put_molli(void)
{
  static const double times[8] = {0.12, 1.12, 2.12, 3.12, 4.12, 0.2, 1.2, 2.2};
  for (int i = 0; i < 8; i++) {
    char name[128], json[128];
    double signal[N];
    for (int v = 0; v < N; v++)
      signal[v] = 500 * (1 - 1.9 * exp(-times[i] / (t1(v) / 0.9)));
    snprintf(name, sizeof name, "sub-01/anat/sub-01_inv-%d_IRT1.nii.gz", i + 1);
    put_magnitude(name, signal);
    snprintf(name, sizeof name, "inv-%d_IRT1.json", i + 1);
    snprintf(json, sizeof json, "{\"InversionTime\": %g, \"MagneticFieldStrength\": 1.5}",
             times[i]);
    put(name, json);
  }
}

static void put_vfa(void)
{
  static const double angles[3] = {3, 10, 20};
  float field[N];
  for (int i = 0; i < 3; i++) {
    char name[128], json[128];
    double signal[N];
    for (int v = 0; v < N; v++) {
      double a = b1(v) * angles[i] * PI / 180, e = exp(-0.015 / t1(v));
      signal[v] = 1000 * sin(a) * (1 - e) / (1 - e * cos(a));
    }
    snprintf(name, sizeof name, "sub-01/anat/sub-01_flip-%d_VFA.nii.gz", i + 1);
    put_magnitude(name, signal);
    snprintf(name, sizeof name, "sub-01/anat/sub-01_flip-%d_VFA.json", i + 1);
    snprintf(json, sizeof json, "{\"FlipAngle\": %g}", angles[i]);
    put(name, json);
  }
  put("VFA.json", "{\"RepetitionTimeExcitation\": 0.015, \"PulseSequenceType\": \"SPGR\", "
                  "\"MagneticFieldStrength\": 1.5}");
  for (int v = 0; v < N; v++)
    field[v] = (float)(100 * b1(v));
  put_image("sub-01/fmap/sub-01_TB1map.nii.gz", field);
  put("sub-01/fmap/sub-01_TB1map.json",
      "{\"IntendedFor\": [\"bids::sub-01/anat/sub-01_flip-1_VFA.nii.gz\"]}");
}

static void put_echoes(const char *stem, const char *suffix, double step, double (*decay)(int))
{
  for (int i = 0; i < 8; i++) {
    char name[160], json[64];
    double signal[N];
    for (int v = 0; v < N; v++)
      signal[v] = 800 * exp(-step * (i + 1) / decay(v));
    snprintf(name, sizeof name, "%s_echo-%d_%s.nii.gz", stem, i + 1, suffix);
    put_magnitude(name, signal);
    snprintf(name, sizeof name, "%s_echo-%d_%s.json", stem, i + 1, suffix);
    snprintf(json, sizeof json, "{\"EchoTime\": %g}", step * (i + 1));
    put(name, json);
  }
}

/* Arbitrary units of phase: -4096 to 4096. */
static void put_spin_echo(void)
{
  static const double times[6] = {0.05, 0.2, 0.4, 0.8, 1.6, 3.2};
  for (int i = 0; i < 6; i++) {
    char name[160], json[200];
    double signal[N];
    for (int v = 0; v < N; v++)
      signal[v] = 500 - 950 * exp(-times[i] / t1(v));
    const char *stem = "sub-02/ses-1/anat/sub-02_ses-1_acq-se_run-01";
    snprintf(name, sizeof name, "%s_inv-%d_part-mag_IRT1.nii.gz", stem, i + 1);
    put_magnitude(name, signal);
    snprintf(name, sizeof name, "%s_inv-%d_part-phase_IRT1.nii.gz", stem, i + 1);
    put_phase(name, signal, 8192);
    for (int part = 0; part < 2; part++) {
      snprintf(name, sizeof name, "%s_inv-%d_part-%s_IRT1.json", stem, i + 1,
               part ? "phase" : "mag");
      snprintf(json, sizeof json,
               "{\"InversionTime\": %g, \"ScanningSequence\": [\"SE\", \"IR\"], "
               "\"MagneticFieldStrength\": 3%s}",
               times[i], part ? ", \"Units\": \"arbitrary\"" : "");
      put(name, json);
    }
  }
}

/* Marques et al. 2010, equation A1.4, as models/mp2rage.model has it, step by step. */
static void mp2rage(double signal[2], double relaxation)
{
  const double tr = 5, gap = 0.0067, eff = 0.96, ti[2] = {0.8, 2.7},
               fa[2] = {4 * PI / 180, 5 * PI / 180};
  const int n = 160;
  double mz = 1;
  for (int cycle = 0; cycle < 20; cycle++) {
    double now = 0;
    mz = -eff * mz;
    for (int train = 0; train < 2; train++) {
      double begin = ti[train] - n / 2 * gap;
      mz = 1 - (1 - mz) * exp(-(begin - now) / relaxation);
      for (int pulse = 0; pulse < n; pulse++) {
        if (pulse == n / 2) signal[train] = mz * sin(fa[train]);
        mz = 1 - (1 - mz * cos(fa[train])) * exp(-gap / relaxation);
      }
      now = begin + n * gap;
    }
    mz = 1 - (1 - mz) * exp(-(tr - now) / relaxation);
  }
}

static void put_mp2rage(void)
{
  static const char *const stem = "sub-02/ses-1/anat/sub-02_ses-1_inv-";
  double signal[2][N];
  for (int v = 0; v < N; v++) {
    double both[2] = {0, 0};
    mp2rage(both, t1(v) + 1.0);
    signal[0][v] = 1e4 * both[0];
    signal[1][v] = 1e4 * both[1];
  }
  for (int i = 0; i < 4; i++) {
    char name[160], json[160];
    int inversion = i / 2, is_phase = i % 2;
    snprintf(name, sizeof name, "%s%d_part-%s_MP2RAGE.nii.gz", stem, inversion + 1,
             is_phase ? "phase" : "mag");
    if (is_phase)
      put_phase(name, signal[inversion], 2 * PI);
    else
      put_magnitude(name, signal[inversion]);
    snprintf(strstr(name, ".nii.gz"), 8, ".json");
    snprintf(json, sizeof json, "{\"InversionTime\": %g, \"FlipAngle\": %d%s}",
             inversion ? 2.7 : 0.8, inversion ? 5 : 4, is_phase ? ", \"Units\": \"rad\"" : "");
    put(name, json);
  }
  put("MP2RAGE.json", "{\"RepetitionTimeExcitation\": 0.0067, \"RepetitionTimePreparation\": 5, "
                      "\"NumberShots\": [80, 80], \"MagneticFieldStrength\": 7}");
}

static void put_truth(const char *name, double (*truth)(int), double more)
{
  float values[N];
  for (int v = 0; v < N; v++)
    values[v] = (float)(truth(v) + more);
  put_image(name, values);
}

int main(int argc, char **argv)
{
  tt1_error error = {0};
  if (argc != 2) return 2;
  if (tt1_folder_open(&folder, argv[1], &error) != TT1_OK) stop(&error);
  put("dataset_description.json",
      "{\"Name\": \"Two participants\", \"BIDSVersion\": \"1.10.1\", "
      "\"DatasetType\": \"raw\", \"License\": \"CC0\", "
      "\"Authors\": [\"A. Simulation\", \"B. Simulation\"], \"GeneratedBy\": [{\"Name\": "
      "\"raw_dataset\"}]}\n");
  put("README", "A dataset of two simulated participants. It exists to test how programs read and\n"
                "write quantitative MRI as BIDS has it, and holds nothing of any person.\n");
  put("participants.tsv", "participant_id\nsub-01\nsub-02\n");
  put_molli();
  put_vfa();
  put_echoes("sub-01/anat/sub-01", "MESE", 0.01, t2);
  put_echoes("sub-01/anat/sub-01", "MEGRE", 0.004, t2star);
  put_spin_echo();
  put_mp2rage();
  put_echoes("sub-02/ses-1/anat/sub-02_ses-1_ce-gadolinium", "MESE", 0.012, t2);
  put_truth("sourcedata/T1.nii.gz", t1, 0.0);
  put_truth("sourcedata/T1_MP2RAGE.nii.gz", t1, 1.0);
  put_truth("sourcedata/T2.nii.gz", t2, 0.0);
  put_truth("sourcedata/T2star.nii.gz", t2star, 0.0);
  if (tt1_folder_commit(folder, &error) != TT1_OK) stop(&error);
  tt1_folder_free(folder);
  return 0;
}
