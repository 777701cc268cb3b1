#!/usr/bin/env bash
# Builds backends that no registry has as a program, from Debian's Go packages: a Prometheus with its OTLP receiver, an
# OpenTelemetry Collector, and the translator of names that Prometheus uses.
#
#   .ci/go-backends.sh [DIR]      default DIR: ~/.cache/ccxray-go-backends
#
# Prints one line each, for `eval`: PROMETHEUS_OTLP_BIN, OTELCOL_BIN and PROMETHEUS_NAMES_BIN. With them the tests run more;
# they do not need them. A second run finds what the first one left. Loads 150 MB and takes some minutes and 3 GB of disk
# while it runs. Exits 2 on wrong usage, and 3 with the reason in one line on stderr if one of them cannot be built.
#
# Debian builds its own Prometheus without the receiver. The upstream source, as Debian has it, contains the receiver. Left out
# here are the parts that need the libraries of cloud providers, and the web interface.
set -euo pipefail
# shellcheck source=debian.sh
source "$(dirname "$0")/debian.sh"

GO=1.27
here="$(cd "$(dirname "$0")/go" && pwd)"

[ $# -le 1 ] || { echo "usage: $0 [DIR]" >&2; exit 2; }
dir="${1:-${XDG_CACHE_HOME:-$HOME/.cache}/ccxray-go-backends}"
mkdir -p "$dir"
dir="$(cd "$dir" && pwd)"

finish() {
  printf '%s\n' "PROMETHEUS_OTLP_BIN=$dir/prometheus" "OTELCOL_BIN=$dir/otelcol" "PROMETHEUS_NAMES_BIN=$dir/prometheus-names"
  exit 0
}
unavailable() {
  echo "no backends from Go sources: $*" >&2
  exit 3
}
[ -x "$dir/prometheus" ] && [ -x "$dir/otelcol" ] && [ -x "$dir/prometheus-names" ] && finish

work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
find_mirror || unavailable "$reason"
use_suite "$work/apt" sid "$(dpkg --print-architecture)" deb deb-src
mapfile -t packages <"$here/packages.txt"
(
  cd "$work"
  own_apt "$work/apt" update
  own_apt "$work/apt" download "golang-$GO-go" "golang-$GO-src" "${packages[@]}"
  # Only the upstream source is needed. The mirror may lack Debian's part of it.
  own_apt "$work/apt" source --download-only prometheus || true
) >/dev/null 2>&1 || unavailable "the mirror $mirror does not have all packages of .ci/go/packages.txt"
ls "$work"/prometheus_*.orig.tar.xz >/dev/null 2>&1 || unavailable "the mirror $mirror has no source of Prometheus"

for package in "$work"/*.deb; do
  dpkg-deb --fsys-tarfile "$package" | tar -x -C "$work" --wildcards './usr/share/gocode/src/*' './usr/lib/go-*' './usr/share/go-*' 2>/dev/null || true
done
rm -f "$work"/*.deb
src="$work/usr/share/gocode/src"
mkdir -p "$src/github.com/prometheus/prometheus"
tar -xf "$work"/prometheus_*.orig.tar.xz -C "$src/github.com/prometheus/prometheus" --strip-components=1

export GOROOT="$work/usr/lib/go-$GO" GOPATH="$work/usr/share/gocode" GOCACHE="$work/gocache" GO111MODULE=off GOFLAGS=
go="$GOROOT/bin/go"

# write FILE: a Go file below the sources, from standard input.
write() { mkdir -p "$(dirname "$src/$1")" && cat >"$src/$1"; }

leave_out() {
  local prometheus=github.com/prometheus/prometheus
  rm -f "$src/$prometheus/plugins/plugins.go" "$src/$prometheus/web/ui/assets_embed.go"
  write $prometheus/web/ui/ui.go <<'GO'
package ui

import "net/http"

var Assets http.FileSystem = http.Dir("/nonexistent")
GO
  write $prometheus/discovery/metrics_k8s_client.go <<'GO'
package discovery

import "github.com/prometheus/client_golang/prometheus"

func RegisterK8sClientMetricsWithPrometheus(prometheus.Registerer) error { return nil }
GO
  write $prometheus/storage/remote/azuread/azuread.go <<'GO'
package azuread

import (
	"errors"
	"net/http"
)

type AzureADConfig struct{}

func (*AzureADConfig) Validate() error { return errors.New("left out") }

func NewAzureADRoundTripper(*AzureADConfig, http.RoundTripper) (http.RoundTripper, error) {
	return nil, errors.New("left out")
}
GO
  write $prometheus/storage/remote/googleiam/googleiam.go <<'GO'
package googleiam

import (
	"errors"
	"net/http"
)

type Config struct{}

func NewRoundTripper(*Config, http.RoundTripper) (http.RoundTripper, error) {
	return nil, errors.New("left out")
}
GO
  write github.com/open-telemetry/opentelemetry-collector-contrib/processor/deltatocumulativeprocessor/left_out.go <<'GO'
package deltatocumulativeprocessor

import "go.opentelemetry.io/collector/processor"

func NewFactory() processor.Factory { panic("left out") }
GO
  write k8s.io/klog/left_out.go <<'GO'
package klog

import "io"

func SetOutputBySeverity(string, io.Writer) {}
GO
  write k8s.io/klog/v2/left_out.go <<'GO'
package klog

import "log/slog"

func SetSlogLogger(*slog.Logger) {}
func InfoDepth(int, ...any)      {}
func WarningDepth(int, ...any)   {}
func ErrorDepth(int, ...any)     {}
func FatalDepth(int, ...any)     {}
GO
}

# The libraries in Debian are newer than those that this Prometheus was written for.
adapt() {
  local translator="$src/github.com/prometheus/prometheus/storage/remote/otlptranslator/prometheusremotewrite"
  write go.opentelemetry.io/collector/semconv/v1.6.1/names.go <<'GO'
package semconv

const (
	AttributeServiceName       = "service.name"
	AttributeServiceInstanceID = "service.instance.id"
	AttributeServiceNamespace  = "service.namespace"
)
GO
  sed -i 's/otlptranslator\.NormalizeLabel(/normalizeLabel(/' "$translator/helper.go"
  cat >>"$translator/helper.go" <<'GO'

func normalizeLabel(label string) string {
	namer := otlptranslator.LabelNamer{UnderscoreLabelSanitization: true}
	name, err := namer.Build(label)
	if err != nil {
		panic(err)
	}
	return name
}
GO
  sed -i 's/promName := namer\.Build(/promName, _ := namer.Build(/' "$translator/metrics_to_prw.go"
  grep -rl github.com/alecthomas/kingpin/v2 --include='*.go' "$src/github.com/prometheus/prometheus" |
    xargs sed -i 's#github.com/alecthomas/kingpin/v2#gopkg.in/alecthomas/kingpin.v2#'
}

# build PROGRAM FOLDER [PACKAGE], unless an earlier run has built it
build() {
  [ ! -x "$dir/$1" ] || return 0
  (cd "$2" && "$go" build -o "$work/$1" "${3:-.}") >"$work/build.log" 2>&1 || { tail -n 20 "$work/build.log" >&2; unavailable "$1 does not build"; }
  mv "$work/$1" "$dir/.$1.$$"
  mv "$dir/.$1.$$" "$dir/$1"
}

leave_out
adapt
build prometheus-names "$here/names"
build otelcol "$here/collector"
build prometheus "$src/github.com/prometheus/prometheus" ./cmd/prometheus
finish
