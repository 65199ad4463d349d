# --noise, --sigma, --covariance and --sign: what they write, record, print and refuse.
heart s --size 48
fit() { torcht1 fit s/series.nii.gz "$@" || fail "$*"; }
has() { grep -Eq -- "$2" "$1" || fail "$1 lacks '$2'"; }
lacks() { ! grep -Eq -- "$2" "$1" || fail "$1 has '$2'"; }
same() { cmp "$1/$3.nii.gz" "$2/$3.nii.gz" || fail "$3 of $1 and $2 differ"; }
differ() { ! cmp -s "$1/$3.nii.gz" "$2/$3.nii.gz" || fail "$3 of $1 and $2 are the same"; }
estimated() { sed -n 's/.*"sigma_estimated": \([0-9.e-]*\).*/\1/p' "$1/fit.json"; }

fit -o plain >table
has plain/fit.json '"noise": "gaussian"'
has plain/fit.json '"sigma_from": "residuals"'
lacks plain/fit.json 'sigma_estimated'
lacks table '^sigma'
[ ! -e plain/cov_C_C.nii.gz ] || fail "covariances unasked"
fit -o words -q --noise gaussian --sigma residuals
same plain words T1map_sd

# Simulated with C of myocardium over sigma 50: 4.1 (see src/simulate).
fit -o auto --sigma auto >table
has table '^sigma    4\.[0-9]*, estimated from the residuals$'
has auto/fit.json '"sigma": 0,'
sigma=$(estimated auto)
awk -v s="$sigma" 'BEGIN { exit !(s > 3.8 && s < 4.4) }' || fail "sigma is $sigma"
same plain auto T1map; differ plain auto T1map_sd
fit -o given -q --sigma "$sigma"
lacks given/fit.json 'sigma_estimated'
same auto given T1map_sd
fit -o middle -q --sigma middle
has middle/fit.json '"sigma_from": "middle"'
same plain middle T1map; differ plain middle T1map_sd

fit -o rician --noise rician >table
has table '^sigma    4\.'
has rician/fit.json '"noise": "rician"'
[ "$(estimated rician)" = "$sigma" ] || fail "rician estimates another sigma"
differ plain rician T1map
fit -o rician2 -q --noise rician --sigma "$sigma"
same rician rician2 T1map; same rician rician2 T1map_sd
fit -o robust -q --noise robust
has robust/fit.json '"noise": "robust"'
differ plain robust T1map

fit -o cov -q --covariance
has cov/fit.json '"covariance": true'
for pair in C_C k_C k_k T1s_C T1s_k T1s_T1s; do
  [ -s cov/cov_$pair.nii.gz ] || fail "no cov_$pair"
  has cov/fit.json "\"file\": \"cov_$pair.nii.gz\""
done
[ "$(ls cov/cov_* | wc -l)" -eq 6 ] || fail "more than six covariances"
same plain cov T1map; same plain cov T1map_sd
fit -o fixed -q --covariance --fix k=2
[ "$(ls fixed/cov_* | wc -l)" -eq 3 ] || fail "a fixed parameter has covariances"

run() { refused "$1" "$2" torcht1 fit s/series.nii.gz -o out "${@:3}"; }
run 2 "torcht1: --sigma takes residuals, middle, auto or a number, not 'much'" --sigma much
run 2 "torcht1: --sigma takes a number from 1e-30 to 1e+30, not '0'" --sigma 0
run 2 "torcht1: --sigma takes a number from *, not '-3'" --sigma -3
run 2 "torcht1: --sigma takes a number from *, not '3x'" --sigma 3x
run 2 "torcht1: --sigma takes residuals, middle, auto or a number, not ''" --sigma ''
run 2 "torcht1: --noise takes one of gaussian, rician, robust, not 'rice'" --noise rice
run 2 "torcht1: --sign takes one of auto, magnitude, signed, phase, not 'both'" --sign both
run 1 "torcht1: adam minimises squares only; robust noise takes varpro or lm" --noise robust --solver adam
run 1 "torcht1: --sign phase: no phase images come with the series" --sign phase
run 1 "torcht1: the noise cannot be estimated: 3 samples less 3 parameters*" --sigma auto --images 1,3,5
for noise in '--noise robust' '--sigma auto' '--sigma middle' '--sigma 4' '--covariance'; do
  run 2 "torcht1: --solver network knows no noise: leave out --noise, --sigma and --covariance" \
    --solver network --weights no.npz $noise
done
heart signed --size 32 --signed
refused 1 "torcht1: rician noise is that of magnitudes, and the samples are signed" \
  torcht1 fit signed/series.nii.gz -o out --noise rician --sigma 4
