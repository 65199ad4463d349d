/* SPDX-License-Identifier: MIT
 * map_study STUDY FOLDER: maps of a DICOM folder, a NIfTI series or a series of a BIDS dataset, as the
 * command line makes them: slices with times of their own, signs from phase, masks, the record. */
#include <stdio.h>

#include <tt1_mapping.h>

int main(int argc, char **argv)
{
  tt1_error error = {0};
  tt1_study *study = NULL;
  tt1_mapping *mapping = NULL;
  if (argc != 3) return fprintf(stderr, "usage: map_study STUDY FOLDER\n"), 2;
  if (tt1_study_open(&study, argv[1], NULL, &error) ||
      tt1_mapping_create(&mapping, study, -1, NULL, &error) || // -1: the series that can be fitted
      tt1_mapping_run(mapping, NULL, NULL, &error) || tt1_mapping_write(mapping, argv[2], &error))
    fprintf(stderr, "%s\n", error.message);
  for (int i = 0; mapping && tt1_mapping_note(mapping, i); i++)
    printf("assumed: %s\n", tt1_mapping_note(mapping, i));
  for (int i = 0; mapping && tt1_mapping_warning(mapping, i); i++)
    printf("warning: %s\n", tt1_mapping_warning(mapping, i));
  tt1_mapping_free(mapping);
  tt1_study_free(study);
  return error.status != TT1_OK;
}
