# What the scripts share: prerequisites, and one step after the other. To be sourced, not run.
# shellcheck shell=bash
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export PATH="$PATH:$HOME/.cargo/bin"

stop() {
  printf '\n%s\n' "$*" >&2
  exit 1
}

# Says what is done next, does it, and ends the script if it fails.
step() {
  local name=$1 began=$SECONDS code
  shift
  printf '\n== %s\n' "$name"
  # As the condition of an `if` it would go on after a failure inside.
  set +e
  (set -e; "$@") </dev/null
  code=$?
  set -e
  if ((code)); then
    printf '\nFAILED: %s (exit code %s)\n' "$name" "$code" >&2
    exit "$code"
  fi
  printf '\n-- %s: %s\n' "$name" "$(took "$began")"
}

# How long it is since that moment of $SECONDS.
took() {
  local seconds=$((SECONDS - $1))
  if ((seconds < 60)); then printf '%s s' "$seconds"; else printf '%s min %s s' $((seconds / 60)) $((seconds % 60)); fi
}

# Whether the first version is at least the second.
at_least() {
  [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]
}

need_rust() {
  local wanted found
  wanted=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
  if ! rustc --version >/dev/null 2>&1 || ! command -v cargo >/dev/null; then
    stop "Rust is missing. Install Rust $wanted or newer from https://rustup.rs and run this again."
  fi
  found=$(rustc --version | cut -d ' ' -f 2)
  at_least "${found%%-*}" "$wanted" ||
    stop "Rust $found is too old. Gerai needs Rust $wanted or newer: run 'rustup update stable', or install it from https://rustup.rs."
}

need_rust_tools() {
  if cargo fmt --version >/dev/null 2>&1 && cargo clippy --version >/dev/null 2>&1; then return; fi
  command -v rustup >/dev/null || stop "rustfmt or clippy is missing. Install both and run this again."
  rustup component add rustfmt clippy
}

need_node() {
  local wanted=20.19 found
  if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
    stop "Node.js is missing. Install Node.js $wanted or newer from https://nodejs.org and run this again."
  fi
  found=$(node --version)
  at_least "${found#v}" "$wanted" ||
    stop "Node.js ${found#v} is too old. Gerai needs Node.js $wanted or newer: install it from https://nodejs.org."
}

# Debian keeps the server's own programs out of the path.
has_initdb() {
  command -v initdb || compgen -G '/usr/lib/postgresql/*/bin/initdb'
}

# Everything that comes from the system: how to see that it is there, its package on Debian and Ubuntu, what it is.
# shellcheck disable=SC2034
BUILDING='
cc --version|build-essential|a C compiler
pkg-config --version|pkg-config|pkg-config
test -e /etc/ssl/certs/ca-certificates.crt -o -e /etc/ssl/cert.pem -o -e /etc/pki/tls/certs/ca-bundle.crt|ca-certificates|ca-certificates
pkg-config --exists webkit2gtk-4.1|libwebkit2gtk-4.1-dev|WebKitGTK 4.1 with its development files
'
# shellcheck disable=SC2034
SHOWING='
command -v Xvfb|xvfb|Xvfb
command -v WebKitWebDriver|webkit2gtk-driver|WebKitWebDriver
command -v dbus-run-session|dbus|dbus-run-session and dbus-daemon
command -v gnome-keyring-daemon|gnome-keyring|gnome-keyring-daemon
'
# shellcheck disable=SC2034
TESTING='
python3 -c "import ensurepip"|python3-venv|Python 3 with venv
env kill -l|procps|kill
command -v systemd-analyze|systemd|systemd-analyze
command -v openssl|openssl|openssl
command -v pdftoppm|poppler-utils|pdftoppm
command -v zbarimg|zbar-tools|zbarimg
test -x /usr/sbin/cupsd|cups-daemon|CUPS
command -v lpstat|cups-client|the commands of CUPS
has_initdb|postgresql|PostgreSQL with its server
'

# Installs what is missing on Debian and Ubuntu, and says what to install elsewhere.
need_system() {
  local see package name packages=() names=()
  while IFS='|' read -r see package name; do
    if [ -z "$see" ] || eval "$see" >/dev/null 2>&1; then continue; fi
    packages+=("$package") names+=("$name")
  done <<<"$*"
  if ((${#packages[@]} == 0)); then return; fi

  if ! command -v apt-get >/dev/null; then
    stop "Missing here: $(listed "${names[@]}"). Install them with your package manager and run this again; on Debian and Ubuntu the packages are called ${packages[*]}."
  fi
  local root=()
  if ((EUID)); then
    command -v sudo >/dev/null ||
      stop "Missing here: ${packages[*]}. Run 'apt-get install ${packages[*]}' as root, then this again."
    root=(sudo)
    # Without a terminal nobody can type a password.
    if ! : 2>/dev/null </dev/tty; then root+=(-n); fi
  fi
  printf 'Installing %s\n' "${packages[*]}"
  "${root[@]}" apt-get update -qq || true
  "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}" ||
    stop "These could not be installed: ${packages[*]}. Install them by hand and run this again."
}

listed() {
  local all
  all=$(printf '%s; ' "$@")
  printf '%s' "${all%; }"
}

# So many GB, less what is built already. A compiler or a test that runs out of room tells of it in riddles.
need_room() {
  local where=${CARGO_TARGET_DIR:-target} needed built free
  mkdir -p "$where/debug"
  built=$(du -sk "$where/debug" | awk '{ print int($1 / 1000000) }')
  free=$(df -Pk "$where" | awk 'NR == 2 { print int($4 / 1000000) }')
  needed=$(($1 - built > 2 ? $1 - built : 2))
  ((free >= needed)) ||
    stop "Building takes $needed GB, and only $free GB are free for $where. Make room, or set CARGO_TARGET_DIR to a folder on another disk, and run this again."
}

# The window's own packages, exactly as in package-lock.json.
need_ui_packages() {
  if [ -z "${CI:-}" ] && [ ui/node_modules/.package-lock.json -nt ui/package-lock.json ]; then return; fi
  npm ci --prefix ui --no-audit --no-fund
}

build_ui() {
  npm run --silent build --prefix ui
}
