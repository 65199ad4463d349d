# A folder holds one simulation: the same command may run again, another one would leave half of this.
run() { torcht1 simulate "$@" -q --size 32; }
kept() { # kept FOLDER PATTERN ARGUMENTS...: refused, and nothing changed
  local folder=$1 pattern=$2; shift 2
  rm -rf before && cp -r "$folder" before
  refused 1 "torcht1: $pattern; choose another output folder" torcht1 simulate "$@" -o "$folder" -q --size 32
  diff -r before "$folder" || fail "changed: $*"
}
run heart -o h && cp -r h first && run heart -o h && diff -r first h || fail "the same again"
kept h "h/simulation.json is that of another simulation" heart --snr 10
kept h "h/simulation.json is that of another simulation" vials
kept h "h/simulation.json is that of another simulation" heart --slices 2
kept h "h holds another simulation" cohort --subjects 1
kept h "h holds another simulation" heart --format bids
run heart -o h --format both 2>said.txt || grep -q 'without DCMTK' said.txt || fail "another format"
run cohort -o c --subjects 1 && run cohort -o c --subjects 2 && cp -r c first.c && run cohort -o c --subjects 2 && diff -r first.c c || fail "a cohort may grow"
kept c "c/participants.tsv tells of other subjects than are to be simulated" cohort --subjects 1
kept c "c/participants.tsv tells of other subjects than are to be simulated" cohort --subjects 2 --seed 2
kept c "c/*simulation.json is that of another simulation" cohort --subjects 2 --snr 10
kept c "c holds another dataset" cohort --subjects 2 --format nifti
kept c "c holds another dataset" heart
run cohort -o n --subjects 1 --format nifti || fail "nifti"
kept n "n holds another dataset" cohort --subjects 1
mkdir mine && echo '{"Name": "mine", "BIDSVersion": "1.9.0"}' >mine/dataset_description.json
kept mine "mine holds another dataset" heart --format bids
