#!/bin/sh
# SPDX-License-Identifier: MIT
# tt1_abi_at() lists every struct of the public headers, and no other. abi.sh ROOT
set -eu
cd "$1"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
sed -n 's/^typedef struct \(tt1_[a-z0-9_]*\) {$/\1/p' include/*.h | sort >"$work/declared"
sed -n 's/^ *\(STRUCT\|VERSIONED\)(\(tt1_[a-z0-9_]*\).*/\2/p' src/abi/abi.c | sort >"$work/listed"
# A struct with a version says so, by the macro of its name.
for header in include/*.h; do
  awk 'name && /^  uint32_t version;/ { print name } { name = /^typedef struct tt1_/ ? $3 : "" }' "$header"
done | sort >"$work/versioned"
sed -n 's/^ *VERSIONED(\(tt1_[a-z0-9_]*\).*/\1/p' src/abi/abi.c | sort >"$work/as_versioned"
diff "$work/declared" "$work/listed" && diff "$work/versioned" "$work/as_versioned"
