/* SPDX-License-Identifier: MIT
 * --like; see fit_like.c. */
#ifndef TT1_FIT_LIKE_H
#define TT1_FIT_LIKE_H

#include "tt1_json.h"

struct fit_request;

/** The names that --like takes; NULL past the last. */
const char *like_name(int index);
/** Set what --like asks for; complain and leave where other options contradict it. */
void like_apply(struct fit_request *request);
/** What the paper does not say and what was chosen, if --like was given. */
void like_put(tt1_json *out, const struct fit_request *request);
void like_print(const struct fit_request *request);
#endif
