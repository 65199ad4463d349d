# A second opinion, of the validator on npm (1.15: by the rules of raw data, so it knows no desc- of
# maps). It is 698 MB, so it is installed only where TORCHT1_TEST_LONG=1 says so.
if command -v bids-validator >/dev/null; then
  validator=$(command -v bids-validator)
elif [ "${TORCHT1_TEST_LONG:-}" = 1 ] && command -v npm >/dev/null; then
  npm install --no-audit --no-fund --prefix "$PWD/npm" bids-validator@1.15.0 >npm.txt 2>&1 ||
    skip "bids-validator cannot be installed: $(tail -n 1 npm.txt)"
  validator=$PWD/npm/node_modules/.bin/bids-validator
else
  skip "bids-validator is absent; TORCHT1_TEST_LONG=1 installs it, where npm can"
fi
"$TORCHT1_RAW_DATASET" ds || fail "raw_dataset"
torcht1 fit ds -o ds/derivatives/torcht1 -q || fail "fit"
torcht1 fit ds/sub-02 -o two-torcht1 -q || fail "fit of one participant"
errors() { "$validator" --json "$1" 2>/dev/null >found.json; tr -d '\n' <found.json | sed 's/"warnings".*//'; }
[[ $(errors ds) != *'"code"'* ]] || fail "raw: $(cat found.json)"
[[ $(errors two-torcht1) != *'"code"'* ]] || fail "maps: $(cat found.json)"
# Where two T1 maps of a participant are told apart by desc-, that is all it finds.
found=$(errors ds/derivatives/torcht1 | grep -o '"relativePath": *"[^"]*"' | grep -v '_desc-\(IRT1\|VFA\)_T1map\.')
[ -z "$found" ] || fail "maps: $found"
