#!/usr/bin/env bash
# The steps that desktop.yml and release.yml share, on every runner: `bash .github/desktop.sh prepare|suite|check`.
set -euo pipefail
cd "$(dirname "$0")/.."

# Linux runners have no screen, and no session bus for the key store and notifications.
on_screen() {
  if [ "$RUNNER_OS" = Linux ]; then
    dbus-run-session -- xvfb-run -a "$@"
  else
    "$@"
  fi
}

case "${1:-}" in
prepare)
  # the real Electron; no other workflow downloads it
  npx install-electron --no
  if [ "$RUNNER_OS" = Linux ]; then
    sudo apt-get update -qq
    sudo apt-get install -y -qq xvfb dbus-x11 gnome-keyring dunst rpm
    # Ubuntu 24.04 allows what the sandbox needs only to programs with a profile, which a folder of files has not
    sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0
  fi
  ;;
suite)
  on_screen npm run test:desktop
  ;;
check)
  node scripts/check-package.ts out
  if [ "$RUNNER_OS" = macOS ]; then
    for app in out/mac*/Hubbub.app; do codesign --verify --deep --strict --verbose=2 "$app"; done
  fi
  on_screen node scripts/first-start.ts out
  ;;
*)
  echo "usage: $0 prepare|suite|check" >&2
  exit 2
  ;;
esac
