#!/usr/bin/env bash
# Compares two revisions for a GitHub workflow: a summary, annotations, outputs, and the text of a comment.
set -uo pipefail
work=${RUNNER_TEMP:-$(mktemp -d)}
for commit in "$BASE" "$HEAD"; do
    git rev-parse --verify --quiet "$commit^{commit}" > /dev/null || git fetch --quiet --depth=1 origin "$commit" || true
done
# A shallow clone may not have the commit where the two parted: then the two are compared as they are.
range="$BASE...$HEAD"
git merge-base "$BASE" "$HEAD" > /dev/null 2>&1 || range="$BASE..$HEAD"
read -r -a paths <<< "$PATHS"

bakelift diff -git "$range" -format json -out "$work/diff.json" "${paths[@]}"
status=$?
if [ ! -f "$work/diff.json" ]; then
    echo "::error title=bakelift diff::the revisions could not be compared; fetch more history (fetch-depth: 0)"
    exit 2
fi
bakelift diff -git "$range" -format markdown -out "$work/diff.md" "${paths[@]}" 2> /dev/null
cat "$work/diff.md" >> "$GITHUB_STEP_SUMMARY"
[ "$ANNOTATE" != true ] || bakelift diff -git "$range" -format github "${paths[@]}" 2> /dev/null
[ -z "$SARIF" ] || bakelift diff -git "$range" -format sarif -out "$SARIF" "${paths[@]}" 2> /dev/null
python - "$work/diff.json" "$FAIL_ON" >> "$GITHUB_OUTPUT" << 'PYTHON'
import json, sys

levels = ["high", "medium", "low", "info"]
counts = json.load(open(sys.argv[1]))["counts"]
found = next((level for level in levels if counts[level]), "none")
print(f"changes={counts['total']}")
print(f"severity={found}")
limit = sys.argv[2]
print(f"failing={'true' if limit in levels and found in levels[:levels.index(limit) + 1] else 'false'}")
PYTHON
echo "comment=$work/diff.md" >> "$GITHUB_OUTPUT"
[ "$status" -ne 2 ] || exit 2
! grep -q '^failing=true' "$GITHUB_OUTPUT"
