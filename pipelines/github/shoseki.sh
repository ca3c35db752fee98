#!/usr/bin/env bash
# The steps of action.yml beside this file. What they take comes by the environment, so
# that no input is ever a piece of a script.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
built="${RUNNER_TEMP:-/tmp}/shoseki-build"

# Workflow commands: what follows `::error::` is one line.
say() { printf '::%s title=shoseki::%s\n' "$1" "$2"; }

# One name for exactly these sources.
revision() {
  local sum
  sum=$(cd "$root" && find Cargo.toml Cargo.lock rust-toolchain.toml src collectors rules mappings history \
    -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum | cut -c1-32)
  printf 'revision=%s\n' "$sum" >>"$GITHUB_OUTPUT"
}

build() {
  cd "$root"
  cargo install --locked --path src/cli --root "$built"
}

# Codes 0, 3, 4 and 5 are results; with any other there is no run to show.
scan() {
  local tool="${SHOSEKI:-$built/bin/shoseki}" code=0 line
  local run="$SHOSEKI_FOLDER/run" reports="$SHOSEKI_FOLDER/reports"
  local clouds=() arguments=()
  read -ra clouds <<<"$SHOSEKI_CLOUDS"
  while IFS= read -r line; do
    [[ -z $line ]] || arguments+=("$line")
  done <<<"$SHOSEKI_ARGUMENTS"
  mkdir -p "$reports"
  "$tool" scan ${clouds[@]+"${clouds[@]}"} ${arguments[@]+"${arguments[@]}"} \
    --out "$run" --fail-on "$SHOSEKI_FAIL_ON" --lang "$SHOSEKI_LANG" || code=$?
  case $code in
    0 | 3 | 4 | 5) ;;
    6) say error "Sign-in failed: nothing was read (exit code 6)." && exit 6 ;;
    *) say error "The scan came to no result (exit code $code)." && exit "$code" ;;
  esac
  printf 'exit-code=%s\n' "$code" >>"$GITHUB_OUTPUT"
  report() { "$tool" report "$run" --lang "$SHOSEKI_LANG" --format "$@"; }
  report sarif-github --out "$reports/shoseki.sarif"
  report junit --out "$reports/junit.xml"
  report markdown --out "$reports/summary.md"
  cat "$reports/summary.md" >>"$GITHUB_STEP_SUMMARY"
  report annotations
}

conclude() {
  local found="A rule of severity $SHOSEKI_FAIL_ON or above is contradicted"
  local unseen="something could not be read, and no verdict was given on it"
  case $SHOSEKI_CODE in
    0) ;;
    3) say error "$found (exit code 3)." && exit 3 ;;
    4)
      [[ $SHOSEKI_FAIL_ON_INCOMPLETE != true ]] || { say error "Incomplete: $unseen (exit code 4)." && exit 4; }
      say warning "Incomplete: $unseen (exit code 4)."
      ;;
    5) say error "$found, and $unseen (exit code 5)." && exit 5 ;;
    *) say error "There is no result." && exit 1 ;;
  esac
}

"${1:?revision, build, scan or conclude}"
