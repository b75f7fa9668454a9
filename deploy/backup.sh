#!/usr/bin/env bash
# Copies the database, and the model versions where they lie in a folder, into a new folder:
#
#   NOPHOTO_DATABASE_URL=postgresql://… NOPHOTO_VERSIONS=/srv/nophoto-versions deploy/backup.sh /backups/2026-01-31
#
# Everything may run meanwhile. It takes pg_dump, of the server's release or a newer one.
set -euo pipefail
umask 077
folder=${1:?name a folder that does not exist yet}
. "$(dirname "$0")/database-url.sh"
versions=${NOPHOTO_VERSIONS:-}

mkdir "$folder"
# The database first: a version is in its folder before the database names it, so that the folder that
# is copied afterwards holds every version that the copied database names.
pg_dump --format=custom --no-owner --no-privileges --file="$folder/nophoto.dump.part" "$url"
if [ -n "$versions" ] && [ -d "$versions" ]; then
    tar --create --file="$folder/versions.tar.part" --directory="$versions" .
    mv "$folder/versions.tar.part" "$folder/versions.tar"
fi
mv "$folder/nophoto.dump.part" "$folder/nophoto.dump"
date --utc +%FT%TZ > "$folder/finished"
