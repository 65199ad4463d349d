/* SPDX-License-Identifier: MIT
 * One series from reading to the last file: the same for a file and for each series of a dataset. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fit/fit.h"

static tt1_status write_all(const fit_request *request, const fit_input *in, fit_result *result,
                            const char *old, tt1_folder *folder, tt1_error *error)
{
  char name[FILE_SIZE];
  double began = seconds_now();
  tt1_status status = fit_mask(result, in, request, error);
  if (status == TT1_OK) status = fit_write_maps(result, in, request, folder, error);
  if (status == TT1_OK && in->dataset && (request->formats & FIT_NIFTI))
    status = fit_write_sidecars(result, in, request, folder, error);
  if (status == TT1_OK) status = fit_remove_old(old, in, folder, error);
  if (status != TT1_OK) return status;
  result->write_seconds = seconds_now() - began;
  char *report = fit_json(result, in, request, folder);
  fit_name(name, in, FILE_RECORD, NULL);
  // The last file: where it is, all are (tt1_folder_write()).
  status = tt1_folder_write(folder, name, report, strlen(report), error);
  if (status == TT1_OK) status = tt1_folder_commit(folder, error);
  if (status == TT1_OK && request->as_json && !in->dataset) fputs(report, stdout);
  free(report);
  return status;
}

static int fit_into(tt1_folder *folder, const char *old, const fit_request *request,
                    const fit_input *in, fit_session *session, fit_result *result)
{
  tt1_error error = {0};
  double began = seconds_now();
  tt1_status status = request->is_network ? fit_network(request, in, result, &error)
                                          : fit_run_all(request, in, session, result, &error);
  result->fit_seconds = seconds_now() - began;
  if (status == TT1_OK) status = write_all(request, in, result, old, folder, &error);
  return status == TT1_OK ? EXIT_OK : complain_of(&error);
}

static void print(const fit_request *request, const fit_input *in, const fit_result *result)
{
  if (request->quiet || request->as_json) return;
  progress_hide();
  if (in->dataset)
    fit_print_line(result, in);
  else
    fit_print_table(result, in, request);
}

/* Fit what was read, and write it. */
static fit_end fit_and_write(fit_request *request, fit_input *in, fit_session *session,
                             fit_result *result)
{
  char *old = fit_old_record(in, request);
  tt1_folder *folder = open_folder(request->output);
  int code = folder ? fit_into(folder, old, request, in, session, result) : EXIT_FAILED;
  if (folder) close_folder(folder);
  free(old);
  if (*result->kernels_why)
    snprintf(session->kernels_why, sizeof session->kernels_why, "%s", result->kernels_why);
  return code == EXIT_OK ? FIT_DONE : FIT_FAILED;
}

fit_end fit_one(fit_request *request, fit_input *in, fit_session *session)
{
  fit_result result = {0};
  fit_end end = FIT_FAILED;
  double began = seconds_now();
  int code = fit_read(in, request);
  result.read_seconds = seconds_now() - began;
  if (code == EXIT_OK && in->dataset && !request->overwrites && fit_is_complete(in, request))
    end = FIT_COMPLETE;
  else if (code == EXIT_OK)
    end = fit_and_write(request, in, session, &result);
  if (end == FIT_DONE) print(request, in, &result);
  fit_result_free(&result);
  fit_input_free(in);
  free_changes(&request->changes);
  forget_inputs();
  return end;
}

void fit_session_end(fit_session *session, int quiet)
{
  if (*session->kernels_why && !quiet)
    fprintf(stderr, "torcht1: the model was interpreted, which is slower: %s\n",
            session->kernels_why);
  tt1_device_free(session->device);
}
