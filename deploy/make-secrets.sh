#!/bin/sh
# Writes new passwords into ./secrets (or the folder that is named), once; nothing is overwritten.
set -eu
folder=${1:-secrets}
if [ -e "$folder" ]; then
    echo "$folder is there already; nothing was changed" >&2
    exit 1
fi
password() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }
# The folder keeps others out; the files themselves are read by the containers' own users.
umask 077
mkdir -p "$folder"
umask 022
postgres=$(password)
valkey=$(password)
printf '%s' "$postgres" > "$folder/postgres_password"
printf 'postgresql://nophoto:%s@database/nophoto' "$postgres" > "$folder/nophoto_database_url"
printf 'redis://nophoto:%s@valkey:6379/0' "$valkey" > "$folder/nophoto_broker_url"
# The queues' keys and no administration, as SECURITY.md explains; nobody else gets in.
printf 'user default off\nuser nophoto on >%s ~* &* +@all -@admin -@dangerous +info\n' "$valkey" \
    > "$folder/valkey_acl"
printf 'whsec_%s' "$(head -c 24 /dev/urandom | base64)" > "$folder/nophoto_webhook_secret"
password > "$folder/grafana_password"
echo "wrote $(ls "$folder" | wc -l) secrets into $folder"
