; A hub is reachable once the firewall lets its program in. Only an installation for all users may write a rule: it
; allows networks that the user has called private. In an installation for one user, Windows asks at the first hub.
!define firewallRule "Hubbub hub"

!macro customInstall
  ${if} $installMode == "all"
    !insertmacro deleteFirewallRule
    nsExec::Exec '"$SYSDIR\netsh.exe" advfirewall firewall add rule name="${firewallRule}" dir=in action=allow program="$INSTDIR\${APP_EXECUTABLE_FILENAME}" profile=private enable=yes'
    Pop $0
  ${endIf}
!macroend

; an update runs this uninstaller too, and then writes the rule again
!macro customUnInstall
  ${if} $installMode == "all"
    !insertmacro deleteFirewallRule
  ${endIf}
  ; The app registers itself for hubbub: links at its first start. The uninstaller removes what would lead nowhere.
  ${ifNot} ${isUpdated}
    DeleteRegKey HKCU "Software\Classes\hubbub"
  ${endIf}
!macroend

!macro deleteFirewallRule
  nsExec::Exec '"$SYSDIR\netsh.exe" advfirewall firewall delete rule name="${firewallRule}" program="$INSTDIR\${APP_EXECUTABLE_FILENAME}"'
  Pop $0
!macroend
