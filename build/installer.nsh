; The app registers itself for hubbub: links at its first start. The uninstaller removes what would lead nowhere.
!macro customUnInstall
  ${ifNot} ${isUpdated}
    DeleteRegKey HKCU "Software\Classes\hubbub"
  ${endIf}
!macroend
