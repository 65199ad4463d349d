#!/bin/sh
# SPDX-License-Identifier: MIT
# No #include may run against the order of dependence (src/README.md), and
# programs and examples use the public headers only. arrows.sh [ROOT]
set -eu
cd "${1:-$(dirname "$0")/..}"
bad=0

# allowed ROOM OTHER...: files of ROOM may include from ROOM and OTHERs
allowed() {
  room=$1
  pattern=$(echo "$*" | tr ' ' '|')
  found=$(grep -rnE '^[[:space:]]*#[[:space:]]*include[[:space:]]*"[a-z]+/' "src/$room" --include='*.[ch]' --include='*.cc' --include='*.def' 2>/dev/null |
    grep -vE "include[[:space:]]*\"($pattern|models)/" || true)
  [ -z "$found" ] || { echo "src/$room may include only $pattern:"; echo "$found"; bad=1; }
}

allowed base
allowed model base
allowed kernel
allowed device base model kernel
allowed fit base model kernel device
allowed image base
allowed simulate base image
allowed network base image simulate
allowed analysis base fit image
allowed report base image analysis
for room in src/*/; do
  case " base model kernel device fit image simulate network analysis report " in
  *" $(basename "$room") "*) ;;
  *) echo "$room has no place in the order of dependence (tests/arrows.sh)"; bad=1 ;;
  esac
done

found=$(grep -rnE '#[[:space:]]*include[[:space:]]*"([a-z]+/|\.\.)' programs examples --include='*.[ch]' || true)
[ -z "$found" ] || { echo "programs and examples may include only include/:"; echo "$found"; bad=1; }
exit $bad
