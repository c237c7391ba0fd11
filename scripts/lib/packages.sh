# Functions of get-tools that look after Debian packages. Sourced, never run.
# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034  # work comes from get-tools, which uses the lists of packages

# What each is for: containerd, runc and the network plugins run pods; iptables and conntrack serve kube-proxy;
# ethtool and socat the kubelet; slirp4netns lets pods reach the outside; busybox-static makes the folders of volumes;
# mmdebstrap and buildah make images; gcc and libc6-dev build `pause`.
node_packages=(containerd runc containernetworking-plugins iptables conntrack ethtool socat slirp4netns busybox-static
    mmdebstrap buildah iproute2 util-linux gcc libc6-dev)
# The tests against Airflow's own code start a PostgreSQL with TLS, and PgBouncer; the PostgreSQL of PyPI's packages has none. They start
# brokers, too.
# An LDAP server, and what python-ldap is compiled with, are for the log-in by LDAP.
test_packages=(postgresql pgbouncer openssl redis-server rabbitmq-server slapd ldap-utils gcc libc6-dev libldap-dev libsasl2-dev)
# Beyond the core of the e2e tests, a browser opens the UI through a proxy, which stands for an ingress controller; Debian's HAProxy
# listens nowhere by itself.
e2e_packages=(chromium)
createcluster_conf=/etc/postgresql-common/createcluster.conf
policy=/usr/sbin/policy-rc.d

absent=()

# need_node_packages: fills `absent`; ends with 3, and the command to run, where they cannot be installed from here.
need_node_packages() {
    local program
    if ! command -v dpkg-query >/dev/null; then
        for program in containerd runc iptables conntrack ip nsenter gcc buildah; do
            command -v "$program" >/dev/null || absent+=("$program")
        done
        ((${#absent[@]} == 0)) || die 3 "Programs of the built-in node are missing: ${absent[*]}" "This system is not based on Debian" \
            "Install them with the package manager of this system, or use minikube or kind: make up CONTEXT=minikube" node-tools-missing
        return 0
    fi
    find_absent "${node_packages[@]}"
    ((${#absent[@]} == 0 || EUID == 0)) || die 3 "Debian packages are missing: ${absent[*]}" "The built-in node needs them, and root" \
        "sudo $(install_command)
or, with an existing cluster: make up CONTEXT=NAME" packages-missing
}

# need_test_packages PACKAGE…: the same for the tests. On other systems the tests themselves say what they do not find.
need_test_packages() {
    command -v dpkg-query >/dev/null || return 0
    find_absent "$@"
    ((${#absent[@]} == 0 || EUID == 0)) || die 3 "Debian packages are missing: ${absent[*]}" \
        "The tests start a PostgreSQL, brokers, a browser and a proxy" "sudo $(install_command)" packages-missing
    # Only its programs are wanted: without this, Debian makes a server of the machine's own and starts it.
    if [[ " ${absent[*]} " == *" postgresql "* && ! -e $createcluster_conf ]]; then
        mkdir -p "$(dirname "$createcluster_conf")"
        printf 'create_main_cluster = false\n' >"$createcluster_conf"
    fi
}

# find_absent PACKAGE…: fills `absent` with those that are not installed.
find_absent() {
    mapfile -t absent < <(
        comm -23 <(printf '%s\n' "$@" | sort) \
            <(dpkg-query -W -f '${Package} ${db:Status-Status}\n' "$@" 2>/dev/null |
                awk '$2 == "installed" { print $1 }' | sort)
    )
}

install_command() {
    printf 'apt-get install -y --no-install-recommends %s' "${absent[*]}"
}

# without_services COMMAND…: runs it while Debian's packages start no service. The kit starts what it needs by itself, and a
# containerd, PgBouncer or HAProxy of the machine's own would only run beside it. A policy that the machine has stays.
without_services() (
    local mark="of airflow-kit's get-tools"
    # A run that was killed may have left its own policy.
    if [[ ! -e $policy ]] || grep -q "$mark" "$policy"; then
        trap 'rm -f "$policy"' EXIT
        printf '#!/bin/sh\n# %s: no package starts a service\nexit 101\n' "$mark" >"$policy"
        chmod 755 "$policy"
    fi
    "$@"
)

# install_packages: installs those of `absent`, and tells the jobs that wait for them.
install_packages() {
    local start=$SECONDS log=$work/packages.log install
    install=$(install_command)
    ((${#absent[@]})) || { : >"$work/packages" && return; }
    say "Debian packages: installing ${absent[*]}"
    export DEBIAN_FRONTEND=noninteractive
    if ! compgen -G '/var/lib/apt/lists/*_Packages*' >/dev/null; then
        apt-get update -q >"$log" 2>&1 || die 1 "apt-get update failed" "$(tail -n 5 "$log")" "Check /etc/apt and the network" packages-failed
    fi
    # shellcheck disable=SC2086  # a command line
    if ! without_services $install >"$log" 2>&1; then
        # Lists that are older than the mirror name files that are gone. A source of somebody else's may fail in this:
        # whether ours was read shows in the second try, whose error comes with what was said here.
        apt-get update -q >>"$log" 2>&1 || true
        # shellcheck disable=SC2086
        without_services $install >>"$log" 2>&1 ||
            die 1 "apt-get could not install ${absent[*]}" "$(tail -n 20 "$log")" "$install" packages-failed
    fi
    : >"$work/packages"
    say "Debian packages: installed in $((SECONDS - start)) s"
}
