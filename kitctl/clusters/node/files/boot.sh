#!/bin/bash
# Pid 1 of a node: builds the node's own root, moves into it, and keeps containerd, the kubelet and kube-proxy running.
# The host's files are reachable read-only under /usr alone; whatever the node writes lies in its state folder or in a tmpfs
# that dies with it.
# Arguments: state folder, node name.
set -eu
state=$1 name=$2
root=$state/root

# /proc is still the host's here, so this is the pid that the host knows us by.
read -r host_pid _ </proc/self/stat
echo "$host_pid" >"$state/pid.new"
mv "$state/pid.new" "$state/pid"

echo "$name" >/proc/sys/kernel/hostname
mkdir -p "$root"
mount -t tmpfs -o mode=755,size=64m kitctl "$root"
cd "$root"
mkdir -p dev etc kit opt proc root run sys tmp usr var .host

mount --rbind /usr usr
mount -o remount,bind,ro usr
for dir in /bin /sbin /lib /lib32 /lib64 /libx32; do
    if [ -L "$dir" ]; then
        cp -P "$dir" ".$dir"
    elif [ -d "$dir" ]; then
        mkdir ".$dir"
        mount --rbind "$dir" ".$dir"
    fi
done
if [ -d /opt/cni/bin ]; then
    mkdir -p opt/cni/bin
    mount --bind /opt/cni/bin opt/cni/bin
fi
for file in alternatives ca-certificates group ld.so.cache ld.so.conf ld.so.conf.d localtime nsswitch.conf passwd pki \
    protocols services ssl; do
    if [ -e "/etc/$file" ]; then
        cp -a "/etc/$file" etc/
    fi
done
cp -a "$state"/etc/. etc/
mkdir -p etc/kubernetes
mount --bind "$state/kubernetes" etc/kubernetes
mount --bind "$state/var" var
mount --bind "$state/kit" kit
mount -o remount,bind,ro kit
mount --bind "$state/tmp" tmp
mount -t tmpfs -o mode=755,size=256m run run
mount --rbind /dev dev
mount -t proc proc proc
mount -t sysfs sysfs sys
mount --rbind /sys/fs/cgroup sys/fs/cgroup

# The kubelet insists on five kernel settings that belong to the whole machine. It finds them set here, and the host's stay.
mask() {
    if [ -e "proc/sys/$1" ]; then
        mkdir -p run/sysctl
        echo "$2" >"run/sysctl/${1//\//.}"
        mount --bind "run/sysctl/${1//\//.}" "proc/sys/$1"
    fi
}
mask vm/overcommit_memory 1
mask vm/panic_on_oom 0
mask kernel/panic 10
mask kernel/panic_on_oops 1
mask kernel/keys/root_maxkeys 1000000
mask kernel/keys/root_maxbytes 25000000

pivot_root . .host
cd /
umount -l /.host
rmdir /.host
# Volumes that a container mounts must be seen by the kubelet, as systemd does it on any machine.
mount --make-rshared /
mkdir -p /run/lock
echo 1 >/proc/sys/net/ipv4/ip_forward
ip link set lo up

export PATH=/kit/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root
# shellcheck source=/dev/null
. /kit/environment
exec /bin/bash /kit/supervise.sh
