torcht1 --version
for command in fit models devices info simulate cite help; do
  torcht1 $command --version
done
