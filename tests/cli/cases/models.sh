torcht1 models >list || fail "models"
for name in molli ir2 ir3 irse sasha2 sasha3 t2 t2offset t2prep2 t2prep3 t2star t2staroffset \
  msasha3 msasha4 vfa mp2rage mollirest fair t1rho; do
  grep -q "^$name " list || fail "$name is not listed"
  torcht1 models show $name >shown.model || fail "show $name"
  cmp shown.model "$(dirname "$case")/../../../models/$name.model" || fail "show $name: another text"
  torcht1 models show $name --explain >explained || fail "explain $name"
  [ -s explained ] || fail "explain $name is empty"
  for language in c opencl cuda; do
    [ "$(torcht1 models show $name --emit $language | wc -c)" -gt 200 ] || fail "emit $name $language"
  done
  torcht1 cite $name >cited || fail "cite $name"
done
torcht1 cite molli | grep -q doi:10.1002/mrm.20110 || fail "cite molli"
printf 'model x\ntitle "x"\nknown TI s "time" recovery\nfind A 1 "a" in [0, inf)\nsignal A * exp(TI)\n' >x.model
torcht1 models check x.model 2>said && fail "exp of a time was accepted"
head -n 1 said | grep -Eq '^x.model:5:[0-9]+: ' || fail "no place: $(cat said)"
grep -q '\^' said || fail "no caret"
