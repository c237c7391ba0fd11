# Functions of get-tools that build programs from their Go modules. Sourced after tools.sh, never run.
# shellcheck shell=bash
# shellcheck disable=SC2154  # cache and version come from tools.sh

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
            if [[ -f $module/main.go ]]; then # a main of the kit's own, with less in it than upstream's
                wanted=(.)
            else
                mapfile -t wanted < <(packages "$module/go.mod")
            fi
            ;;
    esac
    cd "$module" || return
    # auto: a module may want a newer Go than the machine's; the module proxy has it too.
    CGO_ENABLED=0 GOWORK=off GOTOOLCHAIN=auto GOFLAGS=-mod=readonly go build -trimpath -ldflags "${flags[*]}" -o "$output" "${wanted[@]}"
)

# helm_flags MODULE NUMBER: Helm's own facts. Without a cluster it speaks for the Kubernetes of its client library;
# built without these flags it claims to be 1.20, and `helm template` refuses every chart that wants a newer one.
helm_flags() {
    local minor where
    minor=$(cd "$1" && GOWORK=off GOTOOLCHAIN=auto go list -m -f '{{.Version}}' k8s.io/client-go | cut -d. -f2)
    printf '%s\n' -X "helm.sh/helm/v3/internal/version.version=$2"
    for where in chartutil lint/rules; do
        printf '%s\n' -X "helm.sh/helm/v3/pkg/$where.k8sVersionMajor=1" -X "helm.sh/helm/v3/pkg/$where.k8sVersionMinor=$minor"
    done
}

# build_pause MODULE OUTPUT: the program that holds a pod's namespaces open, straight from the Kubernetes module.
build_pause() {
    local source
    # Downloaded first: `go list -m` names no folder on a machine that never had the module.
    source=$(cd "$1" && export GOWORK=off GOTOOLCHAIN=auto && go mod download k8s.io/kubernetes &&
        go list -m -f '{{.Dir}}' k8s.io/kubernetes) || return
    gcc -Os -Wall -static -DVERSION="${version[kubernetes]}" -o "$2" "$source/build/pause/linux/pause.c"
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
