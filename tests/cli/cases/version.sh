torcht1 --version
for command in fit compare models devices info simulate cite help; do
  torcht1 $command --version
done
