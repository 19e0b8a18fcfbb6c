#!/usr/bin/env bash
# Writes the comment of a pull request, or updates the one that an earlier run wrote.
set -euo pipefail
[ -s "${COMMENT:-}" ] || exit 0
anchor=$(head -n 1 "$COMMENT")
known=$(gh api --paginate "repos/$REPOSITORY/issues/$NUMBER/comments" \
    --jq ".[] | select(.body | startswith(\"$anchor\")) | .id" | head -n 1)
if [ -n "$known" ]; then
    gh api --silent --method PATCH "repos/$REPOSITORY/issues/comments/$known" --field body=@"$COMMENT"
else
    gh api --silent --method POST "repos/$REPOSITORY/issues/$NUMBER/comments" --field body=@"$COMMENT"
fi
