#!/bin/sh
# Starts a TypeScript program with the project's own Node, installing it first where it is missing.
# Plain sh, because on a fresh machine there is only an older Node that cannot read TypeScript.
#   sh build/run.sh SCRIPT.ts [ARG ...]
set -eu
cd "$(dirname "$0")/.."
stamp=node_modules/.startd-installed
lock=$(cksum package-lock.json)
if [ ! -x node_modules/.bin/node ] || [ "$(cat "$stamp" 2>/dev/null)" != "$lock" ]; then
  command -v npm >/dev/null 2>&1 || {
    echo "startd needs Node.js 20 or newer with npm to install itself: apt-get install nodejs npm" >&2
    exit 1
  }
  echo "Installing the JavaScript packages and Node $(sed -n 's/.*"node": "\([0-9.]*\)".*/\1/p' package.json | head -n 1) into node_modules (about a minute, once) …"
  npm ci --no-audit --no-fund --loglevel=error
  echo "$lock" > "$stamp"
fi
PATH="$PWD/node_modules/.bin:$PATH" exec node_modules/.bin/node "$@"
