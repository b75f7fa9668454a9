# Read by backup.sh and restore.sh: the URL of the database in $url, and its password in PGPASSWORD, since
# everybody on the host may read what stands on a command line.
url=${NOPHOTO_DATABASE_URL:?set it to the URL of PostgreSQL}
url=${url/+psycopg/}
if [[ $url =~ ^([a-z]+://[^:/@]*):([^@/]*)@(.*)$ ]]; then
    url=${BASH_REMATCH[1]}@${BASH_REMATCH[3]}
    if [ -n "${BASH_REMATCH[2]}" ]; then
        printf -v PGPASSWORD '%b' "${BASH_REMATCH[2]//%/\\x}"
        export PGPASSWORD
    fi
fi
