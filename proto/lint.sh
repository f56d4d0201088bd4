#!/bin/sh
# Lints the contracts with buf (STANDARD and COMMENTS).
# $1: the jar that holds the google/api protos. Says so in one line when it cannot run.
set -eu
cd "$(dirname "$0")"
if ! command -v npx >/dev/null 2>&1; then
  echo "proto lint skipped: npm not found"
  exit 0
fi
space=$(mktemp -d)
trap 'rm -rf "$space"' EXIT
cp -r src/main/proto "$space/m"
mkdir "$space/g"
(cd "$space/g" && jar=$1 && { unzip -q "$jar" 'google/*.proto' || jar xf "$jar"; })
cat > "$space/buf.yaml" <<'B'
version: v2
modules:
  - path: m
  - path: g
lint:
  use: [STANDARD, COMMENTS]
  ignore: [g]
B
buf="npx --yes -p @bufbuild/buf@1.75.0 buf"
if ! timeout 120 $buf --version >/dev/null 2>&1; then
  echo "proto lint skipped: buf cannot be fetched from npm's registry"
  exit 0
fi
cd "$space"
$buf lint
echo "proto lint passed"
