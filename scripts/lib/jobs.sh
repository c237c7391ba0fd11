# Functions of get-tools that run its parts beside each other and show how far they are. Sourced, never run.
# shellcheck shell=bash
# shellcheck disable=SC2154  # work and effort come from get-tools and build.sh

declare -A job=()  # process number → what runs there
seconds_a_line=20  # without a terminal

# start NAME COMMAND...: runs a function in the background, in a process group of its own so that it can be ended whole.
start() {
    local name=$1
    shift
    set -m
    "$@" </dev/null &
    job[$!]=$name
    set +m
}

# stop_jobs: ends what still runs, with every process that it started, and waits until they are gone: what is written late
# would stay in the folder that is removed next. Packages are installed to the end, since a killed dpkg needs a repair.
stop_jobs() {
    local number try
    for number in "${!job[@]}"; do
        [[ ${job[$number]} != packages ]] || unset "job[$number]"
    done
    for number in "${!job[@]}"; do
        kill -TERM -- "-$number" 2>/dev/null || true
    done
    for number in "${!job[@]}"; do
        for ((try = 0; try < 50; try++)); do
            kill -0 -- "-$number" 2>/dev/null || continue 2
            sleep 0.1
        done
        kill -KILL -- "-$number" 2>/dev/null || true
    done
    wait
    job=()
}

# watch_jobs NAME...: waits until all of these have ended, showing the progress. The first failure ends the script with
# its exit code; the job has printed the error by then.
watch_jobs() {
    local number running status=0 next=$((SECONDS + seconds_a_line))
    while any_of "$@"; do
        sleep 0.5
        running=" $(jobs -rp | tr '\n' ' ') "
        for number in "${!job[@]}"; do
            [[ $running != *" $number "* ]] || continue
            wait "$number" || status=$?
            unset "job[$number]"
            ((status == 0)) || { wipe && exit "$status"; }
        done
        if [[ -t 2 ]]; then
            printf '\r\033[K%s' "$(progress)" >&2
        elif ((SECONDS >= next)); then
            next=$((SECONDS + seconds_a_line))
            say "$(progress)"
        fi
    done
    wipe
}

# run_meanwhile COMMAND...: waits for the packages, since the command may need them, and passes its lines on.
run_meanwhile() {
    exec {lock}>&- # what the command leaves running must not keep other builds waiting
    until [[ -e $work/packages ]]; do sleep 0.5; done
    "$@" 2>&1 >/dev/null | while IFS= read -r line; do say "$line"; done
    return "${PIPESTATUS[0]}"
}

# any_of NAME...: whether a job of one of these names runs.
any_of() {
    local name
    for name in "$@"; do
        [[ " ${job[*]} " != *" $name "* ]] || return 0
    done
    return 1
}

# wipe: removes the line of progress from a terminal.
wipe() {
    [[ ! -t 2 ]] || printf '\r\033[K' >&2
}

# progress: prints what is being built and how much of it is compiled. A package that Go's cache holds from an earlier
# build is never compiled, so the count may end below the whole.
progress() {
    local name total count passed
    passed=$(printf '%d min %02d s' $((SECONDS / 60)) $((SECONDS % 60)))
    if ! read -r name total 2>/dev/null <"$work/now"; then
        printf 'waiting for %s, %s' "${job[*]}" "$passed"
        return
    fi
    count=$(grep -cE '^[^ ]+$' "$work/$name.log" 2>/dev/null) || count=0
    ((count <= total)) || count=$total
    if ((total == 0)); then
        printf '%s: downloading its modules, %s' "$name" "$passed"
    elif ((count == total)); then
        printf '%s: linking, %s' "$name" "$passed"
    else
        printf '%s: %d of %d packages, %s' "$name" "$count" "$total" "$passed"
    fi
}

# estimate NAME...: says how long the builds take where Go's cache is empty, from CPU seconds that were measured (see
# docs/performance.md): machines of today are between 1.5 times as fast and 1.5 times as slow as that one.
estimate() {
    local name sum=0 cores low high
    for name in "$@"; do
        sum=$((sum + ${effort[$name]}))
    done
    cores=$(grep -c '^processor' /proc/cpuinfo 2>/dev/null) || cores=1
    # Links and downloads do not use every core, however many there are.
    ((cores <= 8)) || cores=8
    low=$((sum * 2 / 3 / cores)) high=$((sum * 3 / 2 / cores))
    if ((high < 60)); then
        say "Building $*: less than a minute"
    else
        say "Building $*: about $(((low + 59) / 60)) to $(((high + 59) / 60)) minutes on ${cores} cores, less where Go's cache has parts of it"
    fi
}
