#!/bin/sh
# Runs every fuzz target for a while: scripts/fuzz.sh 30s
set -eu
time=$1

grep -rEo --include='*_test.go' '^func Fuzz[A-Za-z0-9_]+' ./cmd ./internal | sort | while IFS=: read -r file func; do
	target=${func#func }
	folder=$(dirname "$file")
	echo "== $target in $folder, $time"
	# The loop's input is the list of targets, so nothing else may read it.
	go test -run '^$' -fuzz "^$target\$" -fuzztime "$time" "$folder" </dev/null
done
