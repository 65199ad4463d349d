#!/bin/sh
# SPDX-License-Identifier: MIT
# The shared library exports tt1_ symbols and nothing else. symbols.sh LIBRARY
set -eu
command -v nm >/dev/null || { echo "skipped: nm is absent"; exit 77; }
names=$(nm -D --defined-only "$1" | awk '{print $3}' | sed 's/@.*//')
wrong=$(echo "$names" | grep -vE '^tt1_[a-z]' || true)
[ -z "$wrong" ] || { echo "exported, but not public:"; echo "$wrong"; exit 1; }
echo "$names" | grep -q '^tt1_plan_run$' || { echo "tt1_plan_run is not exported"; exit 1; }
