/* SPDX-License-Identifier: MIT
 * Mean myocardial T1 of every sequence, one method against another: figure 2a of the paper. */
#include <math.h>

#include "paper.h"
#include "tt1_analysis.h"

void compare_means(means *out, const cohort *c, const verdict *v, const verdict *reference,
                   int is_post)
{
  tt1_error error = {0};
  out->n = 0;
  for (int i = 0; i < c->n_cases; i++) {
    const paper_case *one = &c->cases[i];
    if (one->is_post != is_post) continue;
    double a = v->mean_ms[i];
    double b = reference ? reference->mean_ms[i] : v->expected_ms[i];
    if (!isfinite(a) || !isfinite(b)) continue;
    out->a[out->n] = a;
    out->b[out->n++] = b;
  }
  if (out->n < 2) return;
  if (tt1_compare(&out->found, out->a, out->b, out->n, 0, &error) != TT1_OK)
    stop("%s", error.message);
}
