# Functions of get-tools: which programs are wanted, which are missing, what building them needs; build.sh builds them.
# Sourced after say.sh, never run.
# shellcheck shell=bash

cache=${KITCTL_CACHE:-${HOME:?}/.cache/kitctl}
go_minimum=1.24
kubernetes_programs=(kubeadm kubectl kubelet kube-apiserver kube-controller-manager kube-scheduler kube-proxy)
declare -A version
# shellcheck disable=SC2034  # jobs.sh estimates with it
# CPU seconds of each build with empty caches, after those before it in this list (docs/performance.md).
declare -A effort=([etcd]=130 [kubernetes]=880 [coredns]=30 [local-path-provisioner]=10 [helm]=180
    [kubectl]=300 [helm-unittest]=90 [kubeconform]=20 [kube-score]=60 [cosign]=400 [syft]=500)

# read_versions FILE: fills version[name] from the [tools] tables, and version[helm-minimum], version[kubectl-minimum].
read_versions() {
    local key value
    while read -r key value; do
        version[$key]=$value
    done < <(
        awk '
            /^\[/ { table = $0; gsub(/[][]/, "", table); sub(/^tools\./, "tool.", table) }
            /^version *=/ && table ~ /^tool\./ { split($0, part, "\""); print substr(table, 6), part[2] }
            /^minimum *=/ && table == "helm" { split($0, part, "\""); print "helm-minimum", part[2] }
            /^minimum *=/ && table == "kubernetes" { split($0, part, "\""); print "kubectl-minimum", part[2] }
        ' "$1"
    )
    version[kubectl]=${version[kubernetes]}
}

# at_least HAVE WANT: compares dotted versions.
at_least() {
    [[ $(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1) == "$2" ]]
}

# on_path NAME: prints the version of a helm or kubectl on PATH that is new enough.
on_path() {
    local have=
    command -v "$1" >/dev/null || return 1
    case $1 in
        helm) have=$(helm version --short 2>/dev/null) ;;
        kubectl) have=$(kubectl version --client 2>/dev/null | head -n 1) ;;
        *) return 1 ;;
    esac
    have=$(grep -oE '[0-9]+\.[0-9]+(\.[0-9]+)?' <<<"$have" | head -n 1)
    [[ -n $have ]] && at_least "$have" "${version[$1-minimum]}" && printf '%s' "$have"
}

# programs NAME: the binaries that a tool consists of.
programs() {
    case $1 in
        kubernetes) printf '%s\n' "${kubernetes_programs[@]}" pause ;;
        *) printf '%s\n' "$1" ;;
    esac
}

# folder NAME: where a tool's binaries live.
folder() {
    case $1 in
        kubectl) printf '%s' "$cache/tools/kubernetes/${version[kubernetes]}" ;;
        *) printf '%s' "$cache/tools/$1/${version[$1]}" ;;
    esac
}

# missing NAME: the binaries of a tool that are not built yet.
missing() {
    local program
    for program in $(programs "$1"); do
        [[ -x $(folder "$1")/$program ]] || printf '%s\n' "$program"
    done
}

# to_build GROUP NAME...: prints the tools that have a program missing, each once.
to_build() {
    local group=$1 name have
    shift
    for name in $(printf '%s\n' "$@" | awk '!seen[$0]++'); do
        [[ -n $(missing "$name") ]] || continue
        [[ $name != kubectl || " $* " != *" kubernetes "* ]] || continue # it comes with the others
        if [[ $group == chart ]] && have=$(on_path "$name"); then
            say "$name: $have on PATH is used"
            continue
        fi
        printf '%s\n' "$name"
    done
}

# lock_tools: only one get-tools at a time builds. The lock is held until this process and its builds have ended.
lock_tools() {
    mkdir -p "$cache/tools"
    exec {lock}>"$cache/tools/.lock"
    flock --nonblock "$lock" && return
    say "Waiting for another get-tools that is building"
    flock "$lock"
}

need_go() {
    command -v go >/dev/null || die 3 "Go is needed to build the tools, and it is not on PATH" "" \
        "Install Go $go_minimum or newer (https://go.dev/dl) and put it on PATH" go-missing
    local have
    have=$(go env GOVERSION)
    at_least "${have#go}" "$go_minimum" || die 3 "Go ${have#go} is too old" "The tools need $go_minimum or newer" \
        "Install a newer Go (https://go.dev/dl)" go-too-old
}

# Kubernetes alone takes 4 GB of Go's caches while it is built.
need_space() {
    local free
    free=$(df --output=avail -k "$cache" | tail -n 1)
    ((free > 2 * 1024 * 1024)) || die 3 "Too little disk to build the tools" \
        "$cache has $((free / 1024)) MiB free, 2048 are needed, and Go's build cache needs 4 GiB more" \
        "Free some space, or set KITCTL_CACHE and GOCACHE to folders on a larger disk" disk-too-small
}
