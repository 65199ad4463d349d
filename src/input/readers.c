/* SPDX-License-Identifier: MIT
 * The table of readers, in the order in which they are asked. */
#include "input/reader.h"

static const tt1__reader *const readers[] = {
    &tt1__bids_reader,  /* datasets, and parts of them */
    &tt1__set_reader,   /* files told apart by an index in their names, and folders of such */
    &tt1__dicom_reader, /* all other folders, archives, and what begins or is named so */
    &tt1__nifti_reader, /* all other files */
};

const tt1__reader *tt1__reader_of(const tt1__source_path *path)
{
  int i = 0;
  while (!readers[i]->is_it_yours(path))
    i++;
  return readers[i];
}
