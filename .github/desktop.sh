#!/usr/bin/env bash
# The steps that desktop.yml and release.yml share, on every runner: `bash .github/desktop.sh prepare|suite|check`.
set -euo pipefail
cd "$(dirname "$0")/.."

# Linux runners have no screen, and no session bus for the key store and notifications.
on_screen() {
  if [ "$RUNNER_OS" = Linux ]; then
    dbus-run-session -- xvfb-run -a -s '-screen 0 1280x800x24' "$@"
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
    sudo apt-get install -y -qq xvfb dbus-x11 gnome-keyring dunst rpm imagemagick desktop-file-utils shared-mime-info
    # Ubuntu 24.04 allows what the sandbox needs only to programs with a profile, which a folder of files has not
    sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0
  fi
  ;;
suite)
  # with the table of what was promised and what was kept
  on_screen npm run conformance
  ;;
check)
  # the table, whatever follows
  trap 'npm run conformance -- --report' EXIT
  node scripts/check-package.ts out
  if [ "$RUNNER_OS" = macOS ]; then
    for app in out/mac*/Hubbub.app; do codesign --verify --deep --strict --verbose=2 "$app"; done
  fi
  if [ "$RUNNER_OS" = Windows ]; then
    node scripts/check-installer.ts out
  fi
  if [ "$RUNNER_OS" = Linux ]; then
    # installed and removed in a copy of the root, which needs its owner
    sudo "$(command -v node)" scripts/check-linux-packages.ts out
  fi
  on_screen node scripts/first-start.ts out
  ;;
*)
  echo "usage: $0 prepare|suite|check" >&2
  exit 2
  ;;
esac
