refused 2 "torcht1: unknown command 'fti'; did you mean 'fit'?" torcht1 fti
refused 2 "torcht1: unknown option '--modle'; did you mean '--model'?" torcht1 fit --modle molli
refused 2 "torcht1: unknown option '-z'" torcht1 fit -z
refused 2 "torcht1: option '--quiet' takes no value" torcht1 fit --quiet=1
refused 2 "torcht1: option '--model' needs a value" torcht1 fit --model
refused 2 "torcht1: INPUT is missing" torcht1 fit -o out
refused 2 "torcht1: -o FOLDER is missing" torcht1 fit x.nii
refused 1 "torcht1: a cannot be read: No such file or directory" torcht1 fit a b -o out
refused 2 "torcht1: --solver takes one of auto, varpro, lm, adam, nelder-mead, network, not 'newton'" torcht1 fit a -o out --solver newton
refused 2 "torcht1: --threads takes a whole number from 1 to *, not '0'" torcht1 fit a -o out --threads 0
refused 2 "torcht1: --known takes NAME=VALUES*" torcht1 fit a -o out --known TI
refused 2 "torcht1: only 'heart', 'vials', 'nist' and 'cohort' can be simulated, not 'liver'" torcht1 simulate liver -o out
refused 2 "torcht1: 'models shwo' is unknown*" torcht1 models shwo molli
refused 1 "torcht1: unknown model 'moli'; did you mean 'molli'?" torcht1 models show moli
refused 1 "torcht1: unknown model 'moli'; did you mean 'molli'?" torcht1 cite moli
refused 2 "torcht1: unknown option '--out'; did you mean '--output'?" torcht1 fit --out x
refused 2 "torcht1: unknown command 'foo'*" torcht1 foo
grep -q 'did you mean' stderr.txt && fail "nothing is like foo"
true
