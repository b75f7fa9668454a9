# Read by bash before the commands of a page: what a reader has done before, and other terminals.
set -euo pipefail

# The environment is made and the tests run: neither is done again for each page.
pip() { :; }
make() { :; }
python3() { :; }
mkdir -p .venv/bin && touch .venv/bin/activate

declare -A terminals

end_terminals() {
    for process in "${terminals[@]}"; do kill "$process" && wait "$process" || true; done
}
trap end_terminals EXIT

# What runs until Ctrl-C gets a terminal of its own; a second of its kind takes the first's place.
nophoto() {
    case $1 in
        up | worker) in_terminal "$1" worker "$@" ;;
        beat | notify) in_terminal "$1" "$1" "$@" ;;
        console) in_terminal console console "$@" --port "$CONSOLE_PORT" ;;
        api) in_terminal api api "$@" --port "$API_PORT" ;;
        users) command nophoto "$@" --password-stdin <<<"correct horse battery staple" ;;
        *) command nophoto "$@" ;;
    esac
}

in_terminal() {
    local terminal=$1 part=$2
    shift 2
    if [[ -v terminals[$terminal] ]]; then
        kill "${terminals[$terminal]}" && wait "${terminals[$terminal]}" || true
    fi
    command nophoto "$@" >>"$terminal.log" 2>&1 &
    terminals[$terminal]=$!
    until command nophoto health live "$part" >/dev/null 2>&1; do
        kill -0 "${terminals[$terminal]}" || { cat "$terminal.log"; exit 1; }
        sleep 1 # each question takes half a second of the processor that it waits for
    done
}

until_all_is_judged() {
    while command nophoto status --json | grep -qE '"(queued|claimed)"'; do sleep 1; done
}
