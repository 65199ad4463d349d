#!/bin/sh
# SPDX-License-Identifier: MIT
# Install those of the named Debian packages that are missing, and say so.
# A second call finds nothing to do and asks only dpkg.
set -eu

missing=
for package in "$@"; do
  state=$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true)
  [ "$state" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

if ! command -v apt-get >/dev/null; then
  echo "Not a Debian system: please install what corresponds to:$missing" >&2
  exit 1
fi
sudo=
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || {
    echo "Packages are missing and neither root nor sudo is at hand; as root: apt-get install$missing" >&2
    exit 1
  }
  sudo="sudo"
fi
echo "== Installing missing packages:$missing"
export DEBIAN_FRONTEND=noninteractive
$sudo apt-get -qq update
# shellcheck disable=SC2086
$sudo env DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends $missing \
  </dev/null >/dev/null
