/* SPDX-License-Identifier: MIT
 * --like: everything set as a paper did, with what the paper leaves open. */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "mapping/options.h"

/* One thing that the paper leaves open; NULL where the solver does not ask for it. */
typedef struct open_point {
  const char *what, *adam, *nelder_mead;
} open_point;

static const char paper[] =
    "Torch T1 (Zhang et al., MIDL 2024, openreview.net/forum?id=8ONihf0Fh9)";

/* What the paper says: the model, mean squared error, Adam with a rate of 3e-4, all voxels in
 * parallel; SciPy's bounded Nelder-Mead as the baseline. */
static const open_point points[] = {
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
enum { N_POINTS = sizeof points / sizeof *points, CHOICE_SIZE = 120 };

const char *tt1__like_name(int index)
{
  return index == 0 ? "torch-t1" : NULL;
}

tt1_status tt1__like_settle(tt1_plan_options *plan, const tt1_mapping_options *o, tt1_error *err)
{
  if (!o->like) return TT1_OK;
  if (o->model && strcmp(o->model, "molli") != 0)
    return tt1__error_set(err, TT1_BAD_ARGUMENT, "--like %s is about model molli, not '%s'",
                          o->like, o->model);
  if (plan->solver != TT1_SOLVER_AUTO && plan->solver != TT1_SOLVER_ADAM &&
      plan->solver != TT1_SOLVER_NELDER_MEAD)
    return tt1__error_set(err, TT1_BAD_ARGUMENT,
                          "--like %s goes with --solver adam or nelder-mead, not %s", o->like,
                          tt1_solver_name(plan->solver));
  if (o->has_start || o->n_changes > 0 || o->n_starts > 0)
    return tt1__error_set(err, TT1_BAD_ARGUMENT,
                          "--like %s sets starts and bounds itself: leave out --start, "
                          "--start-at, --start-map, --bounds and --fix",
                          o->like);
  if (plan->learning_rate > 0 || plan->tolerance > 0)
    return tt1__error_set(err, TT1_BAD_ARGUMENT,
                          "--like %s sets the learning rate and the stop rule itself: leave out "
                          "--rate and --tolerance",
                          o->like);
  if (plan->solver == TT1_SOLVER_AUTO) plan->solver = TT1_SOLVER_ADAM;
  plan->start = TT1_START_FIXED;
  plan->learning_rate = plan->solver == TT1_SOLVER_ADAM ? 3e-4 : 0;
  plan->amplitude_limit = 5;
  return TT1_OK;
}

/* What was chosen for point `index`, "" where it does not matter. */
static void choice(char text[CHOICE_SIZE], const tt1_plan_options *plan, int index)
{
  int is_adam = plan->solver == TT1_SOLVER_ADAM, given = plan->max_iterations;
  const char *form = is_adam ? points[index].adam : points[index].nelder_mead;
  const char *number = form ? strstr(form, "%d") : NULL;
  if (!number)
    snprintf(text, CHOICE_SIZE, "%s", form ? form : "");
  else if (given && !is_adam)
    snprintf(text, CHOICE_SIZE, "%d", given);
  else
    snprintf(text, CHOICE_SIZE, "%d%s", given ? given : is_adam ? 10000 : 600, number + 2);
}

void tt1__like_put(tt1_json *out, const tt1_plan_options *plan, const tt1_mapping_options *o)
{
  char text[CHOICE_SIZE];
  if (!o->like) return;
  tt1_json_open(out, "like", '{');
  tt1_json_text(out, "name", o->like);
  tt1_json_text(out, "paper", paper);
  tt1_json_open(out, "not_said_by_the_paper", '{');
  for (int i = 0; i < N_POINTS; i++) {
    choice(text, plan, i);
    if (*text) tt1_json_text(out, points[i].what, text);
  }
  tt1_json_close(out, '{');
  tt1_json_close(out, '{');
}

const char *tt1__like_line(int index, const tt1_plan_options *plan, const tt1_mapping_options *o,
                           char text[160])
{
  char chosen[CHOICE_SIZE];
  if (!o->like) return NULL;
  if (index == 0) return paper;
  if (index == 1) return "What the paper does not say, and what was chosen:";
  for (int i = 0, line = 2; i < N_POINTS; i++) {
    choice(chosen, plan, i);
    if (!*chosen || line++ < index) continue;
    snprintf(text, 160, "%-10s  %s", points[i].what, chosen);
    return text;
  }
  return NULL;
}
