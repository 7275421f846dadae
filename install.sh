#!/bin/sh
# Installs the vapi command without root, from this checkout or from a packed release.
# What it does is in `usage` below; install.ps1 is its twin for Windows.
set -eu

usage() {
  cat <<'TEXT'
Usage: sh install.sh [--prefix DIR]                             install this checkout
       sh install.sh --url URL --sha256 HEX [--prefix DIR]      install a packed release (npm pack)
       sh install.sh --uninstall [--prefix DIR]                 remove what was installed

  --prefix DIR   where to (default ~/.local): DIR/bin/vapi and DIR/lib/vapi-toolchain
  --url URL      a packed release: https, http or file
  --sha256 HEX   its SHA-256; nothing is touched unless it is right
  --uninstall    removes what this script installed under DIR, and nothing else

Needs Node 20.19 or newer, with npm. A failed or interrupted installation leaves the one before as it was.
TEXT
}

fail() {
  printf 'error: %s\n' "$1" >&2
  [ $# -lt 2 ] || printf 'hint: %s\n' "$2" >&2
  exit "${3:-1}"
}

prefix=${HOME:-}/.local
url=
sha256=
action=install
while [ $# -gt 0 ]; do
  case $1 in
    --prefix | --url | --sha256)
      if [ $# -lt 2 ] || [ -z "$2" ]; then fail "$1 needs a value" 'sh install.sh --help' 2; fi
      case $1 in
        --prefix) prefix=$2 ;;
        --url) url=$2 ;;
        --sha256) sha256=$2 ;;
      esac
      shift 2
      ;;
    --prefix=* | --url=* | --sha256=*)
      word=$1
      shift
      set -- "${word%%=*}" "${word#*=}" "$@"
      ;;
    --uninstall) action=uninstall && shift ;;
    -h | --help) usage && exit 0 ;;
    *) fail "unknown argument $1" 'sh install.sh --help' 2 ;;
  esac
done
[ "$prefix" != /.local ] || fail 'HOME is not set' 'give --prefix DIR' 2
case $prefix in
  /*) ;;
  *) prefix=$(pwd)/$prefix ;;
esac
prefix=${prefix%/}

library=$prefix/lib/vapi-toolchain
launcher=$prefix/bin/vapi
# Marks the library folder as ours, and keeps the folders that were made for it, one a line.
marker=$library/.installed

# The launcher is ours if it is a link into our library.
launcher_is_ours() {
  [ -L "$launcher" ] && case $(readlink "$launcher") in "$library"/*) true ;; *) false ;; esac
}

# Removes the library, and those folders that were made for it while nobody else has put something there.
remove_library() {
  made=$(cat "$marker")
  rm -rf "$library"
  printf '%s\n' "$made" | while IFS= read -r folder; do
    if [ -n "$folder" ]; then rmdir "$folder" 2>/dev/null || true; fi
  done
}

uninstall() {
  [ -f "$marker" ] || fail "nothing of this script is installed under $prefix" 'give the --prefix that it was installed with' 5
  if launcher_is_ours; then rm -f "$launcher"; fi
  remove_library
  printf 'removed vapi from %s\n' "$prefix"
}

check_node() {
  command -v node >/dev/null 2>&1 || fail 'Node is not installed' 'install Node 20.19 or newer: https://nodejs.org'
  version=$(node --version 2>/dev/null) || version=
  number=${version#v}
  major=${number%%.*}
  rest=${number#*.}
  minor=${rest%%.*}
  case $major.$minor in
    *[!0-9.]* | .* | *.) fail "node --version says \"$version\"" 'install Node 20.19 or newer: https://nodejs.org' ;;
  esac
  if [ "$major" -lt 20 ] || { [ "$major" -eq 20 ] && [ "$minor" -lt 19 ]; }; then
    fail "vapi needs Node 20.19 or newer; this is $version" 'install a newer one: https://nodejs.org'
  fi
  command -v npm >/dev/null 2>&1 || fail 'npm is not installed' 'it comes with Node: https://nodejs.org'
}

download() {
  if command -v curl >/dev/null 2>&1; then
    curl -fsSL -o "$2" "$1"
  elif command -v wget >/dev/null 2>&1; then
    wget -q -O "$2" "$1"
  else
    fail 'neither curl nor wget is installed' 'install one of them, or run this script in a checkout'
  fi
}

# By Node, which is there in any case: not every system has a program for it.
sha256_of() {
  node -e 'process.stdout.write(require("crypto").createHash("sha256").update(require("fs").readFileSync(process.argv[1])).digest("hex"))' "$1"
}

work=
stage=
# Whatever was begun and not finished goes.
clean() {
  status=$?
  trap - EXIT
  if [ -n "$stage" ]; then
    # Kept where the launcher points to it already.
    case $(readlink "$launcher" 2>/dev/null) in
      "$stage"/*) ;;
      *) rm -rf "$stage" "$prefix/bin/.vapi.$$" ;;
    esac
  fi
  if [ -n "$work" ]; then rm -rf "$work"; fi
  # Nothing was there before and nothing was installed.
  if [ "$status" -ne 0 ] && [ -f "$marker" ] && ! launcher_is_ours; then remove_library; fi
  exit "$status"
}

# The release, as one file: $work/release.tgz.
fetch_release() {
  printf '%s' "$sha256" | grep -Eqx '[0-9A-Fa-f]{64}' ||
    fail 'a release from a URL needs --sha256 with 64 hexadecimal digits' 'the page that gives the URL gives it too' 2
  printf 'downloading %s\n' "$url"
  download "$url" "$work/release.tgz" || fail "$url could not be downloaded"
  found=$(sha256_of "$work/release.tgz")
  wanted=$(printf '%s' "$sha256" | tr 'A-F' 'a-f')
  [ "$found" = "$wanted" ] || fail "the SHA-256 of $url is $found, not $wanted" 'nothing was installed; get the release again from a source that you trust'
}

pack_checkout() {
  checkout=$(cd "$(dirname "$0")" 2>/dev/null && pwd) || checkout=
  if [ ! -f "$checkout/install.sh" ] || ! grep -q '"name": "vapi-toolchain"' "$checkout/package.json" 2>/dev/null; then
    fail 'this script is not in a checkout of vapi' 'give --url URL --sha256 HEX to install a release' 2
  fi
  printf 'building %s\n' "$checkout"
  (
    cd "$checkout" &&
      npm ci --no-audit --no-fund --no-update-notifier --loglevel=error >/dev/null &&
      npm run --silent build &&
      npm pack --silent --no-update-notifier --pack-destination "$work" >/dev/null
  ) || fail 'the checkout could not be built'
  set -- "$work"/vapi-toolchain-*.tgz
  [ -f "$1" ] || fail 'npm pack left no release'
  mv "$1" "$work/release.tgz"
}

# The folders that are missing for a folder, itself first, one a line.
missing_folders() {
  folder=$1
  while [ ! -d "$folder" ]; do
    printf '%s\n' "$folder"
    folder=$(dirname "$folder")
  done
}

make_folders() {
  made=$(missing_folders "$library" && missing_folders "$prefix/bin")
  mkdir -p "$library" "$prefix/bin" || fail "$library cannot be made" 'choose another folder with --prefix'
  if [ ! -f "$marker" ]; then printf '%s\n' "$made" >"$marker" || fail "$library cannot be written to" 'choose another folder with --prefix'; fi
}

install() {
  check_node
  if [ -z "$url" ] && [ -n "$sha256" ]; then fail '--sha256 is for --url' 'sh install.sh --help' 2; fi
  if { [ -e "$launcher" ] || [ -L "$launcher" ]; } && ! launcher_is_ours; then
    fail "$launcher is there already and is not of this script" 'move it away, or choose another folder with --prefix'
  fi
  if [ -e "$library" ] && [ ! -f "$marker" ]; then
    fail "$library is there already and is not of this script" 'move it away, or choose another folder with --prefix'
  fi
  trap clean EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  trap 'exit 129' HUP
  work=$(mktemp -d)
  if [ -n "$url" ]; then fetch_release; else pack_checkout; fi

  make_folders
  stage=$(mktemp -d "$library/.stage.XXXXXX") || fail "$library cannot be written to" 'choose another folder with --prefix'
  printf '{ "private": true }\n' >"$stage/package.json"
  printf 'installing into %s\n' "$prefix"
  npm install --prefix "$stage" --omit=dev --ignore-scripts --no-audit --no-fund --no-package-lock --no-update-notifier \
    --loglevel=error "$work/release.tgz" >/dev/null || fail 'its dependencies could not be installed'
  program=node_modules/vapi-toolchain/bin/vapi.js
  version=$(node "$stage/$program" --version) || fail 'the installed program does not start'
  chmod 755 "$stage" "$stage/$program"

  # From here on nothing takes long: the new release beside the old one, then the launcher by one rename.
  before=
  if launcher_is_ours; then
    before=$(readlink "$launcher")
    before=${before#"$library"/}
    before=${before%%/*}
  fi
  release=$version-$(date +%Y%m%d%H%M%S)-$$
  mv "$stage" "$library/$release"
  stage=$library/$release
  node -e 'const fs = require("fs"); fs.symlinkSync(process.argv[1], process.argv[2]); fs.renameSync(process.argv[2], process.argv[3])' \
    "$stage/$program" "$prefix/bin/.vapi.$$" "$launcher"
  stage=

  # The release before stays: a program that runs may still load parts of it.
  find "$library" -maxdepth 1 -name '.stage.*' -mtime +0 -exec rm -rf {} + 2>/dev/null || true
  for old in "$library"/[0-9]*; do
    case ${old##*/} in
      "$release" | "$before") ;;
      *) rm -rf "$old" ;;
    esac
  done
  printf 'vapi %s is installed: %s\n' "$version" "$launcher"
  case :$PATH: in
    *":$prefix/bin:"*) ;;
    *)
      printf '\n%s is not in PATH. Add this line to the start file of your shell:\n' "$prefix/bin"
      # shellcheck disable=SC2016 # $PATH is for the shell that reads the line
      case ${SHELL:-} in
        */fish) printf '  fish_add_path "%s"\n' "$prefix/bin" ;;
        *) printf '  export PATH="%s:$PATH"\n' "$prefix/bin" ;;
      esac
      ;;
  esac
}

if [ "$action" = uninstall ]; then uninstall; else install; fi
