/* SPDX-License-Identifier: MIT
 * --like: everything set as a paper did, and told what the paper does not say. */
#include "fit/fit_like.h"

#include <stdio.h>
#include <string.h>

#include "fit/fit.h"

/* One thing that the paper leaves open; NULL where the solver does not ask for it. */
typedef struct open_point {
  const char *what, *adam, *nelder_mead;
} open_point;

static const char PAPER[] =
    "Torch T1 (Zhang et al., MIDL 2024, openreview.net/forum?id=8ONihf0Fh9)";

/* What the paper says: the model, mean squared error, Adam with a rate of 3e-4, all voxels in
 * parallel; SciPy's bounded Nelder-Mead as the baseline. */
static const open_point POINTS[] = {
    {"version", NULL, "SciPy 1.10.1, step for step"},
    {"iterations", "%d for every voxel", "%d, and as many evaluations"},
    {"stop rule", "none before that",
     "simplex within 1e-4 of its best vertex, in parameters and in mean squared residual"},
    {"start", "C at the largest sample of the voxel, k 2, T1* 1 s",
     "C at the largest sample of the voxel, k 2, T1* 1 s"},
    {"bounds", "C 0 to 5 largest samples, k 1 to 4, T1* 0.01 to 10 s; clamped after each iteration",
     "C 0 to 5 largest samples, k 1 to 4, T1* 0.01 to 10 s"},
    {"scaling", "signal divided by the largest sample of the voxel; times in seconds",
     "none: signal as it is; times in seconds"},
    {"loss", "mean over the samples, summed over the voxels", "mean over the samples"},
    {"image size", "of no effect: voxels do not depend on each other",
     "of no effect: voxels do not depend on each other"},
};
enum { N_POINTS = sizeof POINTS / sizeof *POINTS, TEXT_SIZE = 120 };

const char *like_name(int index)
{
  return index == 0 ? "torch-t1" : NULL;
}

/* Only what the paper leaves open may be chosen beside it. */
static void refuse_contradictions(const fit_request *r)
{
  const command_row *me = &command_fit;
  if (strcmp(r->model, "molli") != 0)
    usage_error(me, "--like %s is about model molli, not '%s'", r->like, r->model);
  if (r->plan.solver != TT1_SOLVER_AUTO && r->plan.solver != TT1_SOLVER_ADAM &&
      r->plan.solver != TT1_SOLVER_NELDER_MEAD)
    usage_error(me, "--like %s goes with --solver adam or nelder-mead, not %s", r->like,
                tt1_solver_name(r->plan.solver));
  if (r->has_start || r->changes.n > 0 || r->changes.n_start_maps > 0)
    usage_error(me,
                "--like %s sets starts and bounds itself: leave out --start, --start-at, "
                "--start-map, --bounds and --fix",
                r->like);
  if (r->plan.learning_rate > 0 || r->plan.tolerance > 0)
    usage_error(me,
                "--like %s sets the learning rate and the stop rule itself: leave out --rate "
                "and --tolerance",
                r->like);
}

void like_apply(fit_request *r)
{
  if (!r->like) return;
  refuse_contradictions(r);
  if (r->plan.solver == TT1_SOLVER_AUTO) r->plan.solver = TT1_SOLVER_ADAM;
  r->plan.start = TT1_START_FIXED;
  r->plan.learning_rate = r->plan.solver == TT1_SOLVER_ADAM ? 3e-4 : 0;
  r->plan.amplitude_limit = 5;
}

/* What was chosen for point `index`; NULL past the last, empty where it does not matter. */
static const char *choice(const fit_request *r, int index, char text[TEXT_SIZE])
{
  if (index == N_POINTS) return NULL;
  int is_adam = r->plan.solver == TT1_SOLVER_ADAM;
  const char *form = is_adam ? POINTS[index].adam : POINTS[index].nelder_mead;
  const char *number = form ? strstr(form, "%d") : NULL;
  int given = r->plan.max_iterations;
  if (!number)
    snprintf(text, TEXT_SIZE, "%s", form ? form : "");
  else if (given && !is_adam)
    snprintf(text, TEXT_SIZE, "%d", given);
  else
    snprintf(text, TEXT_SIZE, "%d%s", given ? given : is_adam ? 10000 : 600, number + 2);
  return text;
}

void like_put(tt1_json *out, const fit_request *r)
{
  char text[TEXT_SIZE];
  if (!r->like) return;
  tt1_json_open(out, "like", '{');
  tt1_json_text(out, "name", r->like);
  tt1_json_text(out, "paper", PAPER);
  tt1_json_open(out, "not_said_by_the_paper", '{');
  for (int i = 0; choice(r, i, text); i++)
    if (*text) tt1_json_text(out, POINTS[i].what, text);
  tt1_json_close(out, '{');
  tt1_json_close(out, '{');
}

void like_print(const fit_request *r)
{
  char text[TEXT_SIZE];
  if (!r->like) return;
  printf("like     %s\n", PAPER);
  printf("         What the paper does not say, and what was chosen:\n");
  for (int i = 0; choice(r, i, text); i++)
    if (*text) printf("         %-10s  %s\n", POINTS[i].what, text);
}
