"""Stand-ins of minikube, kind and docker on PATH: each notes its arguments, and answers as the real one does.

What they print has the form of the real programs' output (minikube 1.37, kind 0.30, Docker 28).
"""

from __future__ import annotations

import json
import os
from pathlib import Path

MINIKUBE = """
folder="$MINIKUBE_HOME/.minikube/profiles"
name=minikube; last=
for word in "$@"; do [ "$last" = --profile ] && name=$word; last=$word; done
case "$1 $2" in
  "version --short") echo "v1.37.0" ;;
  "start "*)
    if [ -n "$FAIL" ]; then
      echo 'X Exiting due to DRV_AS_ROOT: The "docker" driver should not be used with root privileges.' >&2
      exit 64
    fi
    mkdir -p "$folder/$name"; echo '{}' >"$folder/$name/config.json"; echo yes >"$here/running" ;;
  "status "*)
    state=Stopped; [ -e "$here/running" ] && state=Running
    printf '{"Name":"%s","Host":"%s","Kubelet":"%s","APIServer":"%s","Kubeconfig":"Configured","Worker":false}' \\
      "$name" "$state" "$state" "$state"
    [ "$state" = Running ] || exit 7 ;;
  "node list") cat "$here/nodes" ;;
  "ip "*) echo 192.168.49.2 ;;
  "image load") [ -n "$REFUSE" ] || echo "$IMAGE" >"$here/image" ;;
  "image ls") cat "$here/image" 2>/dev/null || echo '[]' ;;
  "ssh "*) cat "$here/image-$3" ;;
  "delete "*) rm -rf "$folder/$name" "$here/running" ;;
esac
"""

KIND = """
case "$1 $2" in
  "get clusters") cat "$here/clusters" 2>/dev/null || echo "No kind clusters found." >&2 ;;
  "get nodes") cat "$here/nodes" ;;
  "create cluster")
    cat >"$here/config"
    echo "$4" >>"$here/clusters"
    echo yes >"$here/running"
    echo yes >"$here/made" ;;
  "delete cluster") rm -f "$here/clusters" "$here/running" "$here/made" ;;
  "load image-archive") [ -n "$REFUSE" ] || echo "$IMAGE" >"$here/image" ;;
esac
"""

DOCKER = """
case "$1 $2" in
  "version "*) [ -z "$NO_DAEMON" ] || { echo "Cannot connect to the Docker daemon" >&2; exit 1; } ;;
  "inspect "*)
    [ -e "$here/clusters" ] || exit 1
    printf '/var /lib/modules '
    [ ! -e "$here/made" ] || echo /var/lib/made-by-kitctl ;;
  "exec "*)
    case "$3" in
      kubectl) [ -e "$here/running" ] ;;
      crictl) cat "$here/image-$2" 2>/dev/null || cat "$here/image" 2>/dev/null || echo '{"images": []}' ;;
    esac ;;
  "start "*) echo yes >"$here/running" ;;
  "port "*) [ "$3" = 30809/tcp ] && echo 127.0.0.1:8080 ;;
esac
"""


class Programs:
    """A folder that stands first on PATH.

    Attributes:
        folder: Programs, and the state that they share.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def add(self, name: str, text: str) -> None:
        """Put a program there; `$here` is the folder."""
        record = 'python3 -c "import json,sys; print(json.dumps(sys.argv[1:]))" "$(basename "$0")" "$@" >>"$here/calls"'
        file = self.folder / name
        file.write_text(f'#!/bin/bash\nhere="{self.folder}"\n{record}\n{text}', encoding="utf-8")
        file.chmod(0o755)

    def calls(self, *begin: str) -> list[list[str]]:
        """Return the command lines so far that begin with these words."""
        file = self.folder / "calls"
        lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
        return [call for call in map(json.loads, lines) if call[: len(begin)] == list(begin)]

    def write(self, name: str, text: str) -> None:
        """Write a part of the state."""
        (self.folder / name).write_text(text, encoding="utf-8")

    @property
    def path(self) -> str:
        """PATH with the folder first."""
        return f"{self.folder}{os.pathsep}{os.environ['PATH']}"
