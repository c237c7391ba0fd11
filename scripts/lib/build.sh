# Functions of get-tools that build programs from their Go modules. Sourced after tools.sh, never run.
# shellcheck shell=bash
# shellcheck disable=SC2154  # cache, version and work come from tools.sh and get-tools

# Go is told here, once, what to work with. auto: a module may need a newer Go than the machine's; the proxy has it too.
go_settings() {
    export CGO_ENABLED=0 GOWORK=off GOTOOLCHAIN=auto GOFLAGS=-mod=readonly
}

# download_all MODULES NAME...: fetches the modules of all tools ahead of their builds, many at a time: Go by itself
# takes as many at once as there are cores, and these wait for a network. A failure is left to the build to report.
download_all() {
    local modules=$1 name
    shift
    go_settings
    for name in "$@"; do
        (cd "$(module "$modules" "$name")" && GOMAXPROCS=16 go mod download) >/dev/null 2>&1 || true
    done
}

# build_all MODULES NAME...: one after the other. One build by itself keeps every core busy, and two at once would
# compile the packages that they share twice.
build_all() {
    local modules=$1 name start
    local -a left
    shift
    for name in "$@"; do
        start=$SECONDS
        mapfile -t left < <(missing "$name")
        build "$name" "$(module "$modules" "$name")" "${left[@]}"
        rm -f "$work/now"
        say "$name ${version[$name]}: built in $((SECONDS - start)) s"
    done
}

# module MODULES NAME: the folder with the go.mod of a tool.
module() {
    printf '%s/%s' "$1" "${2/#kubectl/kubernetes}"
}

# build NAME MODULE PROGRAM...: into a scratch folder first, so that a killed build leaves no half program behind.
build() {
    local name=$1 module=$2 target program log=$work/$1.log
    local -a compiled=()
    shift 2
    target=$(folder "$name")
    mkdir -p "$target" "$work/$name"
    for program in "$@"; do
        [[ $program == pause ]] || compiled+=("$program")
    done
    if ((${#compiled[@]})); then
        build_go "$name" "$module" "$work/$name" "${compiled[@]}" >"$log" 2>&1 || failed "${compiled[*]}" "$log"
    fi
    if ((${#compiled[@]} < $#)); then
        until [[ -e $work/packages ]]; do sleep 0.5; done # gcc may be among those that are being installed
        build_pause "$module" "$work/$name/pause" >"$log" 2>&1 || failed pause "$log"
    fi
    for program in "$@"; do
        mv "$work/$name/$program" "$target/$program"
    done
}

# build_go NAME MODULE FOLDER PROGRAM...: one call of go for all programs of a tool.
build_go() (
    name=$1 module=$2 folder=$3 number=${version[$1]}
    shift 3
    flags=(-s -w)
    core=${number#v}
    output=$folder/$name
    case $name in
        kubernetes | kubectl)
            for where in component-base/version client-go/pkg/version; do
                flags+=(-X "k8s.io/$where.gitVersion=$number" -X "k8s.io/$where.gitTreeState=clean")
                flags+=(-X "k8s.io/$where.gitMajor=${core%%.*}" -X "k8s.io/$where.gitMinor=$(cut -d. -f2 <<<"$core")")
            done
            ;;
        helm) mapfile -t -O "${#flags[@]}" flags < <(helm_flags "$module" "$number") ;;
        local-path-provisioner) flags+=(-X "main.VERSION=$number") ;;
        kube*) flags+=(-X "main.version=$number") ;;
    esac
    if [[ -f $module/main.go && $name != kubectl ]]; then # a main of the kit's own
        package=.
    else
        package=$(packages "$module/go.mod")
    fi
    cd "$module" || return
    go_settings
    count_packages "$name" "$package"
    go build -v -buildvcs=false -ldflags "${flags[*]}" -o "$output" "$package" || return
    if [[ $name == kubernetes ]]; then # one binary under all its names
        for program in "$@"; do
            ln "$output" "$folder/$program" || return
        done
    fi
)

# count_packages NAME PACKAGE: notes for the progress how many packages no earlier build of this run has compiled.
count_packages() {
    local list=$work/$1.packages
    printf '%s 0\n' "$1" >"$work/now"
    go list -deps -f '{{.ImportPath}} {{with .Module}}{{with .Replace}}{{.Version}}{{else}}{{.Version}}{{end}}{{end}}' "$2" |
        sort >"$list" || return 0 # whatever is wrong, the build says it better
    printf '%s %d\n' "$1" "$(comm -23 "$list" "$work/seen" | grep -c .)" >"$work/now"
    sort -mu "$list" "$work/seen" >"$list.all"
    mv "$list.all" "$work/seen"
}

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
    local cause kept=$cache/tools/last-failed-build.log fix
    fix="The whole output is in $kept"
    cp "$2" "$kept" || fix="Run it again: scripts/get-tools"
    # Names of packages that were compiled meanwhile stand between the lines of an error; they hold no blank.
    cause=$(grep ' ' "$2" | tail -n 12) || cause=$(tail -n 12 "$2")
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
