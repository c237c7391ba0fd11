// Built by scripts/get-tools; the versions' home is versions.toml.
module kitctl.invalid/tools/kube-score

go 1.23.0

tool github.com/zegl/kube-score/cmd/kube-score

require github.com/zegl/kube-score v1.20.0
