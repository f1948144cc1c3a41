# Sourced by ./tizme and ./test: finds or installs what they need, by Debian package name, and says so.
# Nothing is asked; without root and without sudo it names the packages and stops.

say() { printf '\033[1m%s\033[0m\n' "tizme: $*" >&2; }

install_debian() { # package names
  local missing=()
  local package
  for package in "$@"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  local as_root=()
  if [ "$(id -u)" != 0 ]; then
    if command -v sudo >/dev/null && sudo -n true 2>/dev/null; then as_root=(sudo); else
      say "please install these Debian packages, then run again: ${missing[*]}"; return 1
    fi
  fi
  say "installing Debian packages: ${missing[*]}"
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -qq >&2 || true
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2
}

need_build_tools() {
  [ -d "$HOME/.cargo/bin" ] && PATH="$HOME/.cargo/bin:$PATH"
  if ! command -v cargo >/dev/null; then
    say "Rust is missing: install it from https://rustup.rs and run again"; exit 2
  fi
  if ! command -v cc >/dev/null || ! command -v make >/dev/null; then install_debian gcc libc6-dev make || exit 2; fi
}

target_dir() { printf '%s' "${CARGO_TARGET_DIR:-$root/target}"; }

# Compiles in release; shows cargo's progress on a terminal, one line otherwise.
build_release() {
  if [ -t 2 ]; then
    (cd "$root" && cargo build --release --locked -q --config 'term.progress.when="auto"' "$@")
  else
    (cd "$root" && cargo build --release --locked -q "$@") 
  fi
}
