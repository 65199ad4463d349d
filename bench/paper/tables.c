/* SPDX-License-Identifier: MIT
 * The report: a template in which lines "@name" become tables and "{name}" numbers; and all
 * numbers as JSON. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "paper.h"

/* What is reported, and where to. */
typedef struct report {
  const cohort *c;
  const verdict *v;
  FILE *out;
} report;

static const verdict *of(const report *r, const char *key)
{
  return &r->v[method_index(key)];
}

static void number(FILE *out, double value, int digits)
{
  if (isfinite(value))
    fprintf(out, "%.*f", digits, value);
  else
    fputs("not measured", out);
}

/* ---- Tables ---- */

/* The sum over all bands of both groups. */
static tally total_of(const verdict *v)
{
  tally sum = {.n = 0};
  for (int i = 0; i < 2 * N_BANDS; i++) {
    const tally *t = &v->groups[i / N_BANDS][i % N_BANDS];
    sum.n += t->n;
    sum.n_optimum += t->n_optimum;
    sum.n_close += t->n_close;
  }
  return sum;
}

static void times_table(const report *r)
{
  double ours = median_seconds(of(r, "varpro"));
  fputs("| method | median s for a sequence | times varpro | at the least cost | T1 within 1 ms of "
        "the "
        "optimum | processes or threads | memory, MB | how |\n"
        "|---|---|---|---|---|---|---|---|\n",
        r->out);
  for (int m = 0; methods[m].key; m++) {
    const verdict *v = &r->v[m];
    if (!is_shown(r->v, m, TIMED)) continue;
    tally all = total_of(v);
    fprintf(r->out, "| %s | %.4g%s | %.3g | %.2f %% | %.2f %% | %d | %.0f | %s |\n",
            methods[m].title, median_seconds(v), v->is_extrapolated ? " *" : "",
            median_seconds(v) / ours, 100.0 * (double)all.n_optimum / (double)all.n,
            100.0 * (double)all.n_close / (double)all.n, v->processes, v->memory_mb, v->note);
  }
}

static void agreement_rows(const report *r, const verdict *reference)
{
  static const char *const groups[] = {"native", "post-contrast"};
  fputs("| method | group | sequences | bias, ms | limits of agreement, ms | SD, ms |\n"
        "|---|---|---|---|---|---|\n",
        r->out);
  for (int m = 0; methods[m].key; m++) {
    if (!is_shown(r->v, m, reference ? AT_OPTIMUM : COMPARED_WITH_EXPECTED) ||
        &r->v[m] == reference)
      continue;
    for (int is_post = 0; is_post < 2; is_post++) {
      means found;
      compare_means(&found, r->c, &r->v[m], reference, is_post);
      if (found.n < 2) continue;
      fprintf(r->out, "| %s | %s | %d | %+.3f | %+.3f to %+.3f | %.3f |\n", methods[m].title,
              groups[is_post], found.n, found.found.difference.mean, found.found.limits[0],
              found.found.limits[1], found.found.difference.sd);
    }
  }
}

static void scipy_table(const report *r)
{
  agreement_rows(r, of(r, "scipy-basin"));
}

static void truth_table(const report *r)
{
  agreement_rows(r, NULL);
}

typedef void (*cell_fn)(FILE *out, const tally *t);

static void band_table(const report *r, int is_post, int role, cell_fn cell)
{
  fputs("| method |", r->out);
  for (int band = 0; band < N_BANDS; band++)
    fprintf(r->out, " %s |", band_name(band));
  fputs("\n|---|---|---|---|---|---|---|---|\n", r->out);
  for (int m = 0; methods[m].key; m++) {
    if (!is_shown(r->v, m, role)) continue;
    fprintf(r->out, "| %s |", methods[m].title);
    for (int band = 0; band < N_BANDS; band++) {
      fputc(' ', r->out);
      cell(r->out, &r->v[m].groups[is_post][band]);
      fputs(" |", r->out);
    }
    fputc('\n', r->out);
  }
}

static void optimum_cell(FILE *out, const tally *t)
{
  if (t->n == 0) return;
  fprintf(out, "%.2f %%, %.2f %% far", 100.0 * (double)t->n_optimum / (double)t->n,
          100.0 * (double)t->n_far / (double)t->n);
}

static void error_cell(FILE *out, const tally *t)
{
  if (t->n_expected < 20) return;
  double mean = t->sum / (double)t->n_expected;
  fprintf(out, "%+.2f \u00b1 %.1f", mean,
          sqrt(fmax(t->squares / (double)t->n_expected - mean * mean, 0.0)));
}

static void coverage_cell(FILE *out, const tally *t)
{
  if (t->n_sd >= 20) fprintf(out, "%.1f %%", 100.0 * (double)t->n_covered / (double)t->n_sd);
}

/* A table is made by `put`, or has such a cell for each method and band of one group. */
static const struct {
  const char *name;
  void (*put)(const report *r);
  cell_fn cell;
  int is_post, role;
} tables[] = {{"times", times_table, NULL, 0, 0},
              {"agreement-scipy", scipy_table, NULL, 0, 0},
              {"agreement-truth", truth_table, NULL, 0, 0},
              {"optimum-native", NULL, optimum_cell, 0, AT_OPTIMUM},
              {"optimum-post", NULL, optimum_cell, 1, AT_OPTIMUM},
              {"errors-native", NULL, error_cell, 0, COMPARED_WITH_EXPECTED},
              {"errors-post", NULL, error_cell, 1, COMPARED_WITH_EXPECTED},
              {"coverage-native", NULL, coverage_cell, 0, TELLS_SD},
              {"coverage-post", NULL, coverage_cell, 1, TELLS_SD}};

/* ---- Numbers ---- */

static double ratio_to(const report *r, const char *key)
{
  return median_seconds(of(r, key)) / median_seconds(of(r, "varpro"));
}

/* `reference` NULL: the expected T1. */
static double bias_of(const report *r, const char *key, const char *reference, int is_post)
{
  means found;
  compare_means(&found, r->c, of(r, key), reference ? of(r, reference) : NULL, is_post);
  return found.n < 2 ? (double)NAN : found.found.difference.mean;
}

static double limit_of(const report *r, int is_post)
{
  means found;
  compare_means(&found, r->c, of(r, "varpro"), of(r, "scipy-basin"), is_post);
  return found.n < 2 ? (double)NAN : fmax(fabs(found.found.limits[0]), fabs(found.found.limits[1]));
}

static double count_cases(const report *r, int is_post)
{
  int n = 0;
  for (int i = 0; i < r->c->n_cases; i++)
    n += r->c->cases[i].is_post == is_post;
  return n;
}

static double voxels_of(const report *r)
{
  double sum = 0.0;
  for (int i = 0; i < r->c->n_cases; i++)
    sum += (double)r->c->cases[i].s.n_voxels;
  return sum / r->c->n_cases;
}

static void put_value(const report *r, const char *name)
{
  static const char *const data[] = {
      "of your own",
      "simulated from the Bloch equations ([simulate.md](simulate.md)), C / sigma 50"};
  if (strcmp(name, "data") == 0) {
    fputs(data[r->c->cases[0].has_truth], r->out);
    return;
  }
  const struct {
    const char *name;
    int digits;
    double value;
  } values[] = {
      {"scipy-ratio", 0, ratio_to(r, "scipy")},
      {"scipy-all-ratio", 0, ratio_to(r, "scipy-all-cores")},
      {"scipy-torch-ratio", 1, median_seconds(of(r, "scipy")) / median_seconds(of(r, "torch"))},
      {"torch-ratio", 0, ratio_to(r, "torch")},
      {"ours-ms", 2, 1e3 * median_seconds(of(r, "varpro"))},
      {"scipy-s", 0, median_seconds(of(r, "scipy"))},
      {"torch-s", 1, median_seconds(of(r, "torch"))},
      {"limit-native", 4, limit_of(r, 0)},
      {"limit-post", 4, limit_of(r, 1)},
      {"bias-native", 2, bias_of(r, "varpro", NULL, 0)},
      {"bias-post", 2, bias_of(r, "varpro", NULL, 1)},
      {"bias-signed-native", 2, bias_of(r, "varpro-signed", NULL, 0)},
      {"bias-signed-post", 2, bias_of(r, "varpro-signed", NULL, 1)},
      {"bias-network-native", 1, bias_of(r, "network", "scipy-basin", 0)},
      {"bias-network-post", 1, bias_of(r, "network", "scipy-basin", 1)},
      {"n-native", 0, count_cases(r, 0)},
      {"n-post", 0, count_cases(r, 1)},
      {"voxels", 0, voxels_of(r)}};
  for (size_t i = 0; i < sizeof values / sizeof *values; i++)
    if (strcmp(values[i].name, name) == 0) {
      number(r->out, values[i].value, values[i].digits);
      return;
    }
  stop("the template asks for the number {%s}, which there is not", name);
}

/* ---- The template ---- */

static void put_table(const report *r, const char *name)
{
  for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
    if (strcmp(tables[i].name, name) != 0) continue;
    if (tables[i].put)
      tables[i].put(r);
    else
      band_table(r, tables[i].is_post, tables[i].role, tables[i].cell);
    return;
  }
  stop("the template asks for the table @%s, which there is not", name);
}

static void put_line(const report *r, char *line)
{
  for (char *open; (open = strchr(line, '{')); line = open + 1) {
    char *close = strchr(open, '}');
    if (!close) break;
    fprintf(r->out, "%.*s", (int)(open - line), line);
    *close = '\0';
    put_value(r, open + 1);
    open = close;
  }
  fputs(line, r->out);
}

/* Whether the lines after `line`, which begins with '?', are for this cohort. */
static int is_for(const cohort *c, const char *line)
{
  int is_truth = strcmp(line, "?truth\n") == 0, is_own = strcmp(line, "?own\n") == 0;
  if (!is_truth && !is_own && strcmp(line, "?\n") != 0) stop("the template asks %s", line);
  return (!is_truth && !is_own) || is_truth == c->cases[0].has_truth;
}

void write_report(const cohort *c, const verdict *v, const char *template_path, const char *path)
{
  char line[4096];
  FILE *in = fopen(template_path, "r"), *out = in ? fopen(path, "w") : NULL;
  if (!out) stop("%s: %s", in ? path : template_path, strerror(errno));
  const report r = {c, v, out};
  int is_wanted = 1;
  while (fgets(line, sizeof line, in)) {
    if (line[0] == '?') {
      is_wanted = is_for(c, line);
    } else if (!is_wanted) {
      continue;
    } else if (line[0] == '@') {
      line[strcspn(line, "\n")] = '\0';
      put_table(&r, line + 1);
    } else {
      put_line(&r, line);
    }
  }
  fclose(in);
  if (fclose(out) != 0) stop("%s: %s", path, strerror(errno));
}

/* ---- JSON ---- */

static void put_json_number(FILE *out, double value)
{
  if (isfinite(value))
    fprintf(out, "%.9g", value);
  else
    fputs("null", out);
}

static void put_tally(FILE *out, const tally *t)
{
  fprintf(out,
          "{\"n\": %lld, \"valid\": %lld, \"optimum\": %lld, \"within_1ms\": %lld, \"far\": %lld, "
          "\"expected\": %lld, \"sum_ms\": %.6g, \"squares_ms2\": %.6g, \"intervals\": %lld, "
          "\"covered\": %lld}",
          (long long)t->n, (long long)t->n_valid, (long long)t->n_optimum, (long long)t->n_close,
          (long long)t->n_far, (long long)t->n_expected, t->sum, t->squares, (long long)t->n_sd,
          (long long)t->n_covered);
}

static void put_method(const report *r, int m)
{
  static const char *const groups[] = {"native", "post"};
  const verdict *v = &r->v[m];
  fprintf(r->out,
          "    {\"method\": \"%s\", \"note\": \"%s\", \"processes\": %d, \"memory_mb\": %.1f, "
          "\"extrapolated\": %s,\n     \"cases\": [",
          methods[m].key, v->note, v->processes, v->memory_mb,
          v->is_extrapolated ? "true" : "false");
  for (int i = 0; i < r->c->n_cases; i++) {
    fprintf(r->out, "%s\n      {\"case\": \"%s\", \"seconds\": ", i ? "," : "",
            r->c->cases[i].name);
    put_json_number(r->out, v->seconds[i]);
    fputs(", \"mean_myocardium_ms\": ", r->out);
    put_json_number(r->out, v->mean_ms[i]);
    fputs(", \"expected_ms\": ", r->out);
    put_json_number(r->out, v->expected_ms[i]);
    fputc('}', r->out);
  }
  fputs("],\n     \"bands\": {", r->out);
  for (int group = 0; group < 2; group++) {
    fprintf(r->out, "%s\"%s\": [", group ? ", " : "", groups[group]);
    for (int band = 0; band < N_BANDS; band++) {
      fputs(band ? ",\n       " : "\n       ", r->out);
      put_tally(r->out, &v->groups[group][band]);
    }
    fputc(']', r->out);
  }
  fputs("}}", r->out);
}

void write_results(const cohort *c, const verdict *v, const char *path)
{
  FILE *out = fopen(path, "w");
  int n = 0;
  if (!out) stop("%s: %s", path, strerror(errno));
  const report r = {c, v, out};
  fputs("  \"methods\": [\n", out);
  for (int m = 0; methods[m].key; m++)
    if (v[m].n_cases > 0) {
      if (n++) fputs(",\n", out);
      put_method(&r, m);
    }
  fputs("\n  ]\n", out);
  if (fclose(out) != 0) stop("%s: %s", path, strerror(errno));
}
