export const computerText = {
  'settings.computer': 'This computer',

  'computer.notifyOf': 'Notify me about',
  'computer.notify.mentions': 'Direct messages and mentions',
  'computer.notifyHint.mentions':
    'Also in threads you follow. Each chat can have its own setting in its menu.',
  'computer.notify.all': 'Every message',
  'computer.notifyHint.all': 'In groups too, but not in muted chats.',
  'computer.notify.none': 'Nothing',
  'computer.notifyHint.none': 'Unread messages are still marked in the window.',
  'computer.showsText': 'Show sender and text',
  'computer.showsTextHint': 'If off, notifications only say that there is something new.',
  'computer.sounds': 'Play a sound',
  'computer.soundsHint': 'If off, notifications are silent.',
  'computer.quiet': 'Do not disturb',
  'computer.quiet.hour': 'For an hour',
  'computer.quiet.morning': 'Until tomorrow morning',
  'computer.quietUntil': 'Do not disturb until {time}.',
  'computer.quietEnd': 'Turn off',
  'computer.test': 'Show a test notification',
  'computer.testShown': 'Sent. If you see nothing, check the system’s notification settings.',
  'computer.testRefused':
    'The system doesn’t show notifications from this app. Allow them in its settings. On a Mac, the app must be signed. Until then, this window shows them.',

  'computer.app': 'The app',
  'computer.closeToTray': 'Keep running in the tray when the window closes',
  'computer.closeToTrayHint': 'You keep getting messages, and a hub on this computer keeps running.',
  'computer.startWithComputer': 'Start with the computer',
  'computer.startWithComputerHint': 'In the background, without a window.',
  'computer.spellCheck': 'Check spelling',
  'computer.spellCheckHint': 'Uses the system’s dictionaries and languages. Nothing is downloaded.',
  'computer.keepUnprotected': 'Stay logged in even though this system can’t protect logins',
  'computer.keepUnprotectedHint':
    'Anyone who can read your files could use your logins. If off, you log in again after each start.',

  'computer.updates': 'Updates',
  'computer.checkUpdates': 'Check for a new version once a day',
  'computer.checkUpdatesHint':
    'Uses the project’s release page on the internet. Your hubs may offer a new version without it. Nothing is installed until you agree.',
  'computer.version': 'Hubbub {version} on Electron {electron}',
  'computer.failed': 'Could not change this. Try again.',
  'computer.asideNews': {
    one: '{count} message is stored only on another computer of this hub.',
    other: '{count} messages are stored only on another computer of this hub.',
  },
  'computer.asideShow': 'Show',
} as const
