/* SPDX-License-Identifier: MIT
 * paper: the comparison of Torch T1 (Zhang et al., MIDL 2024), step by step. run.sh calls the steps.
 *
 *   paper export WORK [--subjects N] [--size N] [--snr X] [--seed N]
 *   paper export WORK --data DIR [--masks DIR]
 *   paper optimum WORK
 *   paper fit WORK --solver NAME [--device NAME] [--threads N] [--weights FILE] [--most N]
 *   paper adam WORK [--threads N] [--most N]
 *   paper report WORK --template FILE --output FILE.md --figures FOLDER --results FILE */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "paper.h"

typedef struct request {
  const char *step, *work, *data, *masks, *solver;
  const char *template_path, *output, *figures, *results;
  fit_request fit;
  int subjects, size;
  double snr;
  uint64_t seed;
} request;

static request parse(int argc, char **argv)
{
  enum {
    SUBJECTS = 256,
    SIZE,
    SNR,
    SEED,
    DATA,
    MASKS,
    SOLVER,
    DEVICE,
    THREADS,
    WEIGHTS,
    TEMPLATE,
    OUTPUT
  };
  enum { FIGURES = 300, RESULTS, MOST };
  static const struct option options[] = {
      {"subjects", 1, NULL, SUBJECTS}, {"size", 1, NULL, SIZE},
      {"snr", 1, NULL, SNR},           {"seed", 1, NULL, SEED},
      {"data", 1, NULL, DATA},         {"masks", 1, NULL, MASKS},
      {"solver", 1, NULL, SOLVER},     {"device", 1, NULL, DEVICE},
      {"threads", 1, NULL, THREADS},   {"most", 1, NULL, MOST},
      {"weights", 1, NULL, WEIGHTS},   {"template", 1, NULL, TEMPLATE},
      {"output", 1, NULL, OUTPUT},     {"figures", 1, NULL, FIGURES},
      {"results", 1, NULL, RESULTS},   {NULL, 0, NULL, 0}};
  request r = {
      .subjects = 30, .size = 192, .snr = 50.0, .seed = 1, .fit = {.device = "cpu", .most = 20000}};
  int key;
  while ((key = getopt_long(argc, argv, "", options, NULL)) != -1)
    switch (key) {
    case SUBJECTS: r.subjects = atoi(optarg); break;
    case SIZE: r.size = atoi(optarg); break;
    case SNR: r.snr = atof(optarg); break;
    case SEED: r.seed = strtoull(optarg, NULL, 10); break;
    case DATA: r.data = optarg; break;
    case MASKS: r.masks = optarg; break;
    case SOLVER: r.solver = optarg; break;
    case DEVICE: r.fit.device = optarg; break;
    case THREADS: r.fit.threads = atoi(optarg); break;
    case WEIGHTS: r.fit.weights = optarg; break;
    case MOST: r.fit.most = atoi(optarg); break;
    case TEMPLATE: r.template_path = optarg; break;
    case OUTPUT: r.output = optarg; break;
    case FIGURES: r.figures = optarg; break;
    case RESULTS: r.results = optarg; break;
    default: stop("paper.c tells how it is called");
    }
  if (argc - optind != 2) stop("usage: paper STEP WORK [OPTIONS]; paper.c lists them");
  r.step = argv[optind];
  r.work = argv[optind + 1];
  return r;
}

static void report(const cohort *c, const request *r)
{
  int n = 0;
  while (methods[n].key)
    n++;
  verdict *v = take_memory((size_t)n, sizeof *v);
  for (int m = 0; m < n; m++)
    judge(&v[m], c, &methods[m]);
  if (r->results) write_results(c, v, r->results);
  if (r->figures) write_charts(c, v, r->figures);
  if (r->template_path && r->output) write_report(c, v, r->template_path, r->output);
  free(v);
}

static void export(const request *r)
{
  if (r->data)
    export_data(r->work, r->data, r->masks);
  else
    export_simulated(r->work, r->subjects, r->size, r->snr, r->seed);
}

int main(int argc, char **argv)
{
  request r = parse(argc, argv);
  if (strcmp(r.step, "export") == 0) {
    export(&r);
    return 0;
  }
  cohort c = read_cohort(r.work);
  if (strcmp(r.step, "optimum") == 0)
    find_optima(&c);
  else if (strcmp(r.step, "fit") == 0 && r.solver)
    fit_ours(&c, r.solver, &r.fit);
  else if (strcmp(r.step, "adam") == 0)
    follow_adam(&c, &r.fit);
  else if (strcmp(r.step, "report") == 0)
    report(&c, &r);
  else
    stop("'%s' is no step, or lacks an option; paper.c lists them", r.step);
  free_cohort(&c);
  return 0;
}
