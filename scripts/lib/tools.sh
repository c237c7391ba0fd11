# Functions of get-tools that build programs. Sourced, never run.
# shellcheck shell=bash

cache=${KITCTL_CACHE:-${HOME:?}/.cache/kitctl}
go_minimum=1.24
kubernetes_programs=(kubeadm kubectl kubelet kube-apiserver kube-controller-manager kube-scheduler kube-proxy)
declare -A version

say() {
    printf '%s\n' "$*" >&2
}

# die CODE MESSAGE CAUSE FIX: the same shape as every error of kitctl.
die() {
    say "error: $2"
    [[ -z $3 ]] || say "cause: $3"
    [[ -z $4 ]] || say "fix:   $4"
    exit "$1"
}

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

# get_all MODULES GROUP NAME...: builds what is missing, and says nothing where nothing is.
get_all() {
    local modules=$1 group=$2 start=$SECONDS built=0 name have
    shift 2
    for name in $(printf '%s\n' "$@" | awk '!seen[$0]++'); do
        [[ -n $(missing "$name") ]] || continue
        if [[ $group == chart ]] && have=$(on_path "$name"); then
            say "$name: $have on PATH is used"
            continue
        fi
        get "$name" "$modules"
        built=1
    done
    if ((built)); then
        say "all tools are in $cache/tools after $((SECONDS - start)) s"
    fi
}

# get NAME MODULES: builds one tool from MODULES/<name>, alone.
get() {
    local name=$1 modules=$2 start=$SECONDS lock
    local -a left
    need_go
    mkdir -p "$cache/tools"
    exec {lock}>"$cache/tools/.lock"
    if ! flock --nonblock "$lock"; then
        say "$name: another get-tools is at work, waiting for it"
        flock "$lock"
    fi
    mapfile -t left < <(missing "$name")
    if ((${#left[@]})); then
        need_space
        say "$name ${version[$name]}: building ${left[*]}"
        build "$name" "$modules" "${left[@]}"
        say "$name ${version[$name]}: built in $((SECONDS - start)) s"
    fi
    exec {lock}>&-
}

# build NAME MODULES PROGRAM...: into a scratch folder first, so that a killed build leaves no half program behind.
build() {
    local name=$1 module=$2/$1 scratch target log program
    local -a compiled=()
    shift 2
    [[ $name != kubectl ]] || module=${module%/*}/kubernetes
    target=$(folder "$name")
    mkdir -p "$target"
    rm -rf "$cache"/tools/.build.* # of a build that was killed: the lock is ours
    scratch=$(mktemp -d "$cache/tools/.build.XXXXXX")
    # shellcheck disable=SC2064  # the folder of now
    trap "rm -rf '$scratch'" EXIT
    log=$scratch/log
    for program in "$@"; do
        if [[ $program == pause ]]; then
            build_pause "$module" "$scratch/pause" >"$log" 2>&1 || failed "$program" "$log"
        else
            compiled+=("$program")
        fi
    done
    if ((${#compiled[@]})); then
        build_go "$name" "$module" "$scratch" "${compiled[@]}" >"$log" 2>&1 || failed "${compiled[*]}" "$log"
    fi
    for program in "$@"; do
        mv "$scratch/$program" "$target/$program"
    done
    rm -rf "$scratch"
    trap - EXIT
}

# build_go NAME MODULE FOLDER PROGRAM...: one call of go for all, since linking is most of a warm build.
build_go() (
    name=$1 module=$2 folder=$3 number=${version[$1]}
    shift 3
    flags=(-s -w)
    core=${number#v}
    case $name in
        kubernetes | kubectl)
            for where in component-base/version client-go/pkg/version; do
                flags+=(-X "k8s.io/$where.gitVersion=$number" -X "k8s.io/$where.gitTreeState=clean")
                flags+=(-X "k8s.io/$where.gitMajor=${core%%.*}" -X "k8s.io/$where.gitMinor=$(cut -d. -f2 <<<"$core")")
            done
            output=$folder/
            mapfile -t wanted < <(packages "$module/go.mod" | grep -E "/($(tr ' ' '|' <<<"$*"))\$")
            ;;
        *)
            [[ $name != helm ]] || mapfile -t -O "${#flags[@]}" flags < <(helm_flags "$module" "$number")
            [[ $name != local-path-provisioner ]] || flags+=(-X "main.VERSION=$number")
            [[ $name != kube* ]] || flags+=(-X "main.version=$number")
            output=$folder/$name # etcd's package is called server
            mapfile -t wanted < <(packages "$module/go.mod")
            ;;
    esac
    cd "$module" || return
    CGO_ENABLED=0 GOWORK=off GOFLAGS=-mod=readonly go build -trimpath -ldflags "${flags[*]}" -o "$output" "${wanted[@]}"
)

# helm_flags MODULE NUMBER: Helm's own facts. Without a cluster it speaks for the Kubernetes of its client library;
# built without these flags it claims to be 1.20, and `helm template` refuses every chart that wants a newer one.
helm_flags() {
    local minor where
    minor=$(cd "$1" && GOWORK=off go list -m -f '{{.Version}}' k8s.io/client-go | cut -d. -f2)
    printf '%s\n' -X "helm.sh/helm/v3/internal/version.version=$2"
    for where in chartutil lint/rules; do
        printf '%s\n' -X "helm.sh/helm/v3/pkg/$where.k8sVersionMajor=1" -X "helm.sh/helm/v3/pkg/$where.k8sVersionMinor=$minor"
    done
}

# build_pause MODULE OUTPUT: the program that holds a pod's namespaces open, straight from the Kubernetes module.
build_pause() {
    local source
    source=$(cd "$1" && GOWORK=off go list -m -f '{{.Dir}}' k8s.io/kubernetes)/build/pause/linux/pause.c
    gcc -Os -Wall -static -DVERSION="${version[kubernetes]}" -o "$2" "$source"
}

# packages GO_MOD: the packages named by its `tool` lines.
packages() {
    awk '/^tool \(/ { inside = 1; next } /^\)/ { inside = 0 } inside { print $1 } /^tool [^(]/ { print $2 }' "$1"
}

# failed PROGRAM LOG
failed() {
    local cause fix="Run the same command again with the log in sight: GOFLAGS=-v scripts/get-tools"
    cause=$(tail -n 12 "$2")
    case $cause in
        *'no space left'*) fix="Free some disk: go clean -cache, or set KITCTL_CACHE and GOCACHE to a larger one" ;;
        *'dial tcp'* | *'no such host'* | *timeout* | *'connection refused'* | *'Forbidden'* | *'lookup '*)
            fix="The Go module proxy does not answer: check GOPROXY ($(go env GOPROXY)), HTTPS_PROXY and the network"
            ;;
        *'toolchain not available'* | *'requires go >='*) fix="Install a newer Go (https://go.dev/dl), or set GOTOOLCHAIN=auto" ;;
        *gcc*'not found'*) fix="apt-get install -y gcc libc6-dev" ;;
    esac
    die 1 "$1 could not be built" "$cause" "$fix"
}

need_go() {
    command -v go >/dev/null || die 3 "Go is needed to build the tools, and it is not on PATH" "" \
        "Install Go $go_minimum or newer (https://go.dev/dl) and put it on PATH"
    local have
    have=$(go env GOVERSION)
    at_least "${have#go}" "$go_minimum" || die 3 "Go ${have#go} is too old" "The tools need $go_minimum or newer" \
        "Install a newer Go (https://go.dev/dl)"
}

# Kubernetes alone takes 4 GB of Go's caches while it is built.
need_space() {
    local free
    free=$(df --output=avail -k "$cache" | tail -n 1)
    ((free > 2 * 1024 * 1024)) || die 3 "Too little disk to build the tools" \
        "$cache has $((free / 1024)) MiB free, 2048 are needed, and Go's build cache needs 4 GiB more" \
        "Free some, or set KITCTL_CACHE and GOCACHE to folders on a larger disk"
}
