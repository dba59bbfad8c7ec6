/** Texts the shell itself shows: in menus, the tray and notifications. The page has its own in renderer/text/. */
export const labels = {
  app: 'Hubbub',
  about: 'About Hubbub',
  addHub: 'Add a hub…',
  hosting: 'Host a hub on this computer…',
  newChat: 'New chat…',
  quickSwitch: 'Go to a chat…',
  find: 'Search all chats…',
  settings: 'Settings…',
  shortcuts: 'Keyboard shortcuts',
  nextHub: 'Next hub',
  previousHub: 'Previous hub',
  file: 'File',
  go: 'Go',
  window: 'Window',
  help: 'Help',
  showLogs: 'Show log files',
  showCrashes: 'Show crash reports',
  checkUpdates: 'Check for updates…',
  open: 'Open Hubbub',
  quit: 'Quit Hubbub',
  disturb: 'Do not disturb',
  disturbHour: 'For an hour',
  disturbMorning: 'Until tomorrow morning',
  disturbOff: 'Turn off',
  unread: (count: number) => (count === 1 ? '1 unread message' : `${count} unread messages`),
  nothingUnread: 'Nothing unread',
  hostRunning: (people: number) =>
    people === 0
      ? 'Hub is running'
      : people === 1
        ? 'Hub is running, 1 other person connected'
        : `Hub is running, ${people} other people connected`,
  hostStopped: 'No hub on this computer',
  openChat: 'Open',
  testTitle: 'Notifications from Hubbub look like this',
  testBody: 'Click one to open the message.',
  newMessages: (messages: number, chats: number) =>
    `${messages} new messages in ${chats} ${chats === 1 ? 'chat' : 'chats'}`,
  newHere: (messages: number) => (messages === 1 ? 'A new message' : `${messages} new messages`),
  threadIn: (chat: string) => `Thread in ${chat}`,
  sentFile: 'Sent a file',
  copyright: '© The Hubbub authors. MIT licence.',
  leavePage: 'Leave this page?',
  leavePageDetail:
    'It shows something that you cannot see again, such as your recovery key. Save it before you leave.',
  leave: 'Leave',
  stay: 'Stay',
  pageHangs: 'The window does not respond',
  pageCrashes: 'The window keeps crashing',
  pageReloadDetail: 'Reloading brings it back. Unsent messages are kept and will be sent.',
  reload: 'Reload',
  wait: 'Wait',
  saveFile: 'Save file',
  noSandbox: 'Hubbub has no sandbox on this system',
  noSandboxDetail:
    'This system does not let an AppImage use a sandbox, which keeps a fault of the page away from your files. Install the .deb or .rpm package instead: it brings the permission.',
  runWithoutSandbox: 'Run without it',
  addToDictionary: 'Add to dictionary',
  copyLink: 'Copy link',
  updateThere: (version: string) => `Hubbub ${version} is available`,
  updateDetail: 'Hubbub downloads and installs it, then restarts. Your drafts are saved.',
  updateFromHub: (version: string, hub: string) =>
    `A new version is ready: ${version}, from your hub “${hub}”`,
  updateFromHubDetail:
    'Hubbub has checked the signature of its makers. It fetches the new version from the hub, installs it and restarts. Your drafts are saved.',
  updateNow: 'Install now',
  later: 'Later',
  isNewest: 'You have the newest version of Hubbub.',
  releasesUnreachable: 'Could not check for updates. Check your internet connection, and try again.',
  updateFailed:
    'The update could not be installed. Download the new version from the place where you got this one.',
} as const
