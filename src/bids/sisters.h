/* SPDX-License-Identifier: MIT
 * Files of one folder that make a series, whatever their names: one image each, with sidecars that agree in
 * all settings but one. What converters make of an inversion recovery or of echoes. */
#ifndef TT1_BIDS_SISTERS_H
#define TT1_BIDS_SISTERS_H

#include "image/image.h"

/** Whether folder `path` itself holds NIfTI files. */
int tt1__sisters_may_be_in(const char *path);
/**
 * Read the only series in folder `path`, or the one that file `path` is an image of: all its files, by
 * what differs. A file without sisters, or of several images, is read alone.
 * TT1_BAD_FILE names two where there are several.
 */
tt1_status tt1__sisters_read(tt1_image **out, const char *path, int is_folder, tt1_error *err);
#endif
