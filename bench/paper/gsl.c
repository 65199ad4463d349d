/* SPDX-License-Identifier: MIT
 * GSL's multifit_nlinear on the magnitude model, derivatives by hand, as one would write it. */
#include <gsl/gsl_errno.h>
#include <gsl/gsl_multifit_nlinear.h>
#include <math.h>
#include <stdio.h>

#include "sequence.h"

typedef struct problem {
  const sequence *s;
  const double *samples;
} problem;

static int residuals(const gsl_vector *p, void *context, gsl_vector *out)
{
  const problem *given = context;
  double C = gsl_vector_get(p, 0), k = gsl_vector_get(p, 1), T1s = gsl_vector_get(p, 2);
  for (size_t i = 0; i < out->size; i++)
    gsl_vector_set(out, i,
                   fabs(C * (1.0 - k * exp(-given->s->times[i] / T1s))) - given->samples[i]);
  return GSL_SUCCESS;
}

static int derivatives(const gsl_vector *p, void *context, gsl_matrix *out)
{
  const problem *given = context;
  double C = gsl_vector_get(p, 0), k = gsl_vector_get(p, 1), T1s = gsl_vector_get(p, 2);
  for (size_t i = 0; i < out->size1; i++) {
    double t = given->s->times[i], decay = exp(-t / T1s);
    double sign = C * (1.0 - k * decay) < 0.0 ? -1.0 : 1.0;
    gsl_matrix_set(out, i, 0, sign * (1.0 - k * decay));
    gsl_matrix_set(out, i, 1, -sign * C * decay);
    gsl_matrix_set(out, i, 2, -sign * C * k * decay * t / (T1s * T1s));
  }
  return GSL_SUCCESS;
}

/* One workspace serves all voxels. */
static gsl_multifit_nlinear_workspace *workspace_for(int n_images)
{
  static gsl_multifit_nlinear_workspace *workspace;
  gsl_multifit_nlinear_parameters options = gsl_multifit_nlinear_default_parameters();
  if (!workspace)
    workspace = gsl_multifit_nlinear_alloc(gsl_multifit_nlinear_trust, &options, (size_t)n_images,
                                           N_PARAMETERS);
  return workspace;
}

static void fit(const sequence *s, const double *samples, double *parameters)
{
  problem given = {s, samples};
  gsl_multifit_nlinear_fdf problem_of = {.f = residuals,
                                         .df = derivatives,
                                         .n = (size_t)s->n_images,
                                         .p = N_PARAMETERS,
                                         .params = &given};
  gsl_multifit_nlinear_workspace *w = workspace_for(s->n_images);
  gsl_vector_view start = gsl_vector_view_array(parameters, N_PARAMETERS);
  int info;
  gsl_multifit_nlinear_init(&start.vector, &problem_of, w);
  gsl_multifit_nlinear_driver(200, 1e-8, 1e-8, 0.0, NULL, NULL, &info, w);
  for (size_t k = 0; k < N_PARAMETERS; k++)
    parameters[k] = gsl_vector_get(w->x, k);
}

int main(int argc, char **argv)
{
  gsl_set_error_handler_off();
  return run_peer(argc, argv, "gsl", fit,
                  "GSL multifit_nlinear, Levenberg-Marquardt, tolerances 1e-8, no bounds");
}
