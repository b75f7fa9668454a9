#!/usr/bin/env bash
# Puts back what deploy/backup.sh has copied, into an empty database:
#
#   NOPHOTO_DATABASE_URL=postgresql://… NOPHOTO_VERSIONS=/srv/nophoto-versions deploy/restore.sh /backups/2026-01-31
#
# Stop every process of nophoto first. It takes pg_restore and psql, of the server's release or a newer one.
set -euo pipefail
folder=${1:?name the folder of a backup}
. "$(dirname "$0")/database-url.sh"
versions=${NOPHOTO_VERSIONS:-}

[ -e "$folder/finished" ] || { echo "error: $folder holds no finished backup. Name another folder" >&2; exit 1; }
if [ -n "$(psql --no-psqlrc --tuples-only --no-align --command="SELECT 1 FROM pg_tables WHERE schemaname = 'public' LIMIT 1" "$url")" ]; then
    echo "error: the database holds tables. Name an empty one in NOPHOTO_DATABASE_URL" >&2
    exit 1
fi
if [ -e "$folder/versions.tar" ]; then
    mkdir -p "${versions:?set it to the folder of the model versions}"
    tar --extract --file="$folder/versions.tar" --directory="$versions"
fi
# All of it or nothing.
pg_restore --single-transaction --no-owner --no-privileges --dbname="$url" "$folder/nophoto.dump"
# Outcomes that were told after the backup had higher numbers than the next ones would have, and a receiver
# keeps the highest: the numbers go on far above.
psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --output=/dev/null --command="
    SELECT setval(pg_get_serial_sequence('notices', 'id'), nextval(pg_get_serial_sequence('notices', 'id')) + 1000000000)" "$url"
echo "restored the backup of $(cat "$folder/finished"). Now: nophoto db upgrade, nophoto doctor, then start everything"
