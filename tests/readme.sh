#!/bin/sh
# SPDX-License-Identifier: MIT
# The table of models in README.md says what `torcht1 models` says. readme.sh TORCHT1
set -eu
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$1" models | sed -E 's/^([^ ]+) +(.*)$/| `\1` | \2 |/' | sort >"$work/program"
grep -E '^\| `' README.md | sort >"$work/readme"
diff "$work/program" "$work/readme" || { echo "README.md: the table of models is stale"; exit 1; }
