#!/bin/bash
# Runs after the deb or rpm was removed, and also when a new version has replaced it. rpm runs it after the new
# version's installation, so then it must leave what that one has set up. electron-builder fills in the names.
case "$1" in
remove | purge | 0) ;;
*) exit 0 ;;
esac

if type update-alternatives >/dev/null 2>&1; then
  update-alternatives --remove '${executable}' '/opt/${sanitizedProductName}/${executable}'
fi
# where there are no alternatives, or none could be made, the installation linked it
if [ -L '/usr/bin/${executable}' ] && [ ! -e '/usr/bin/${executable}' ]; then
  rm -f '/usr/bin/${executable}'
fi

profile='/etc/apparmor.d/${executable}'
if [ -f "$profile" ]; then
  # otherwise the kernel keeps it until the next start; not in a chroot, whose kernel is another system's
  if apparmor_status --enabled >/dev/null 2>&1 && ! { [ -x /usr/bin/ischroot ] && /usr/bin/ischroot; }; then
    apparmor_parser --remove "$profile" || true
  fi
  rm -f "$profile"
fi

if hash update-mime-database 2>/dev/null; then
  update-mime-database /usr/share/mime || true
fi
if hash update-desktop-database 2>/dev/null; then
  update-desktop-database /usr/share/applications || true
fi
exit 0
