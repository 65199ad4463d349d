# Every figure of a comparison is that of NumPy and SciPy.
python=$(python_with numpy scipy) || skip "no python3 with numpy and scipy"
"$python" "${case%.sh}.py" "$TORCHT1" >said.txt 2>&1 || fail "$(cat said.txt)"
