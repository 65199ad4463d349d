/* SPDX-License-Identifier: MIT
 * cminpack's lmder on the magnitude model, derivatives by hand, as one would write it. */
#include <cminpack.h>

#include <math.h>
#include <stdio.h>

#include "sequence.h"

typedef struct problem {
  const sequence *s;
  const double *samples;
} problem;

/* Residuals, or their derivatives column by column (flag 2). */
static int evaluate(void *context, int m, int n, const double *p, double *residual,
                    double *jacobian, int ld, int flag)
{
  const problem *given = context;
  (void)n;
  for (int i = 0; i < m; i++) {
    double t = given->s->times[i], decay = exp(-t / p[2]), g = p[0] * (1.0 - p[1] * decay);
    double sign = g < 0.0 ? -1.0 : 1.0;
    if (flag != 2) {
      residual[i] = fabs(g) - given->samples[i];
      continue;
    }
    jacobian[i] = sign * (1.0 - p[1] * decay);
    jacobian[i + ld] = -sign * p[0] * decay;
    jacobian[i + 2 * ld] = -sign * p[0] * p[1] * decay * t / (p[2] * p[2]);
  }
  return 0;
}

static void fit(const sequence *s, const double *samples, double *parameters)
{
  enum { WORK = 5 * N_PARAMETERS + MAX_TIMES };
  double residual[MAX_TIMES], jacobian[MAX_TIMES * N_PARAMETERS], work[WORK];
  int pivots[N_PARAMETERS];
  problem given = {s, samples};
  lmder1(evaluate, &given, s->n_images, N_PARAMETERS, parameters, residual, jacobian, s->n_images,
         1e-8, pivots, work, WORK);
}

int main(int argc, char **argv)
{
  return run_peer(argc, argv, "cminpack", fit, "cminpack lmder1, tolerance 1e-8, no bounds");
}
