#!/bin/sh
# Installs what the tests need beside Go, if it is missing: a C compiler, which the
# race detector needs, and the programs of a PostgreSQL server.
set -eu

missing=
if ! echo '#include <stdlib.h>' | $(go env CC) -fsyntax-only -x c - 2>/dev/null; then
	missing="gcc libc6-dev"
fi
if ! command -v initdb >/dev/null && ! ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1; then
	missing="$missing postgresql"
fi
[ -n "$missing" ] || exit 0

if ! command -v apt-get >/dev/null; then
	echo "The tests need: $missing. Install them and run this again; on Debian it happens by itself." >&2
	exit 1
fi
sudo=
[ "$(id -u)" = 0 ] || sudo=sudo
echo "Installing for the tests:" $missing
# A new machine may be at its first upgrade, so wait for the lock.
apt_get="$sudo env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300"
$apt_get update
# shellcheck disable=SC2086 # the names are separate words
$apt_get install -y --no-install-recommends $missing
