export const computerText = {
  'settings.computer': 'This computer',

  'computer.notifications': 'Notifications',
  'computer.notifyOf': 'Notify me of',
  'computer.notify.mentions': 'Direct messages and mentions',
  'computer.notifyHint.mentions':
    'What is meant for you, also in threads you follow. A chat can have a choice of its own: see its menu.',
  'computer.notify.all': 'Every message',
  'computer.notifyHint.all': 'Also in groups, but not in chats that are muted.',
  'computer.notify.none': 'Nothing',
  'computer.notifyHint.none': 'The numbers at the icon and in the list still tell what is new.',
  'computer.showsText': 'Show who writes and what',
  'computer.showsTextHint': 'Off: notifications only say that there is something new.',
  'computer.sounds': 'Play the sound of the system',
  'computer.soundsHint': 'Off: notifications come silently.',
  'computer.quiet': 'Do not disturb',
  'computer.quiet.hour': 'For an hour',
  'computer.quiet.morning': 'Until tomorrow morning',
  'computer.quietUntil': 'You are not disturbed until {time}.',
  'computer.quietEnd': 'Notify me again',
  'computer.test': 'Show a test notification',
  'computer.testShown': 'The system took it. If you see nothing, look into its settings for notifications.',
  'computer.testRefused':
    'The system does not show notifications of this app. Allow them in its settings; on a Mac the app must be signed. Until then this window shows them.',

  'computer.app': 'The app',
  'computer.closeToTray': 'Closing the window leaves Hubbub in the tray',
  'computer.closeToTrayHint': 'Messages keep coming, and a hub on this computer keeps running.',
  'computer.startWithComputer': 'Start with the computer',
  'computer.startWithComputerHint': 'In the background, without a window.',
  'computer.spellCheck': 'Check spelling',
  'computer.spellCheckHint':
    'On Windows and Linux the dictionaries are fetched from the internet once, from a server of Google.',
  'computer.keepUnprotected': 'Stay logged in although this system keeps no secrets',
  'computer.keepUnprotectedHint':
    'Whoever can read the files of your account could then use your logins. Off: you log in anew after each start.',

  'computer.updates': 'Updates',
  'computer.checkUpdates': 'Look for a newer version once a day',
  'computer.checkUpdatesHint':
    'Asks the project’s release page on the internet. Nothing is installed without a click.',
  'computer.version': 'Hubbub {version} on Electron {electron}',
  'computer.failed': 'This could not be changed. Try again.',
} as const
