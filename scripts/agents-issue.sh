#!/usr/bin/env bash
# Files what a run of the real agents has found, with the GitHub command line and its GH_TOKEN:
#
#   bash scripts/agents-issue.sh FILE
#
# An issue that is open already gets a comment. An empty or missing FILE files nothing.
set -euo pipefail

file="${1:?the file with the text of the issue}"
title='The newest agents differ from what is verified'

if [ ! -s "$file" ]; then
  echo "nothing differs"
  exit 0
fi
number="$(gh issue list --state open --search "in:title \"$title\"" --json number --jq '.[0].number')"
if [ -n "$number" ]; then
  gh issue comment "$number" --body-file "$file"
else
  gh issue create --title "$title" --body-file "$file"
fi
