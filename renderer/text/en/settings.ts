export const settingsText = {
  'settings.title': 'Settings',
  'settings.open': 'Settings…',
  'settings.close': 'Close settings',
  'settings.profile': 'Profile',
  'settings.appearance': 'Appearance',
  'settings.notifications': 'Notifications',
  'settings.security': 'Security',
  'settings.sessions': 'Sessions',
  'settings.tokens': 'Tokens',

  'browser.title': 'This browser',
  'browser.kept': {
    one: 'Hubbub opens in this browser even if the hub is unreachable, with the newest messages of {count} chat. What you write then is sent when the hub is back.',
    other:
      'Hubbub opens in this browser even if the hub is unreachable, with the newest messages of {count} chats. What you write then is sent when the hub is back.',
  },
  'browser.keptNone':
    'Hubbub opens in this browser even if the hub is unreachable. What you write then is sent when the hub is back.',
  'browser.insecure':
    'Hubbub can’t open in this browser while the hub is unreachable, because this address isn’t encrypted.',
  'browser.untrusted':
    'Hubbub can’t open in this browser while the hub is unreachable, because the browser doesn’t trust the hub’s certificate. The owner can hand out the certificate, or give the hub one that browsers trust.',
  'browser.trust': 'How to trust this hub',
  'browser.install': 'Install Hubbub',
  'browser.installApple':
    'To open Hubbub like an app, press Share in Safari and choose “Add to Home Screen”.',
  'browser.installOther':
    'To open Hubbub like an app, choose “Install” or “Add to home screen” in the menu of this browser, if it has one of them.',
  'browser.unsupported':
    'Hubbub can’t open in this browser while the hub is unreachable, because the browser can’t store the page. It may be a private window.',

  'profile.displayName': 'Your name',
  'profile.displayNameHint': 'Shown next to your messages.',
  'profile.needName': 'Type your name.',
  'profile.bio': 'About you',
  'profile.bioHint': 'Shown on your profile.',
  'profile.bioLeft': { one: '{count} character left.', other: '{count} characters left.' },
  'profile.bioOver': { one: '{count} character too many.', other: '{count} characters too many.' },
  'profile.saved': 'Saved.',
  'profile.choosePicture': 'Choose a picture…',
  'profile.changePicture': 'Change picture…',
  'profile.removePicture': 'Remove',
  'profile.cropTitle': 'Your picture',
  'profile.lastSeen': 'Who can see when you were last active, and your local time?',
  'profile.seenByAll': 'Everyone',
  'profile.seenByAllHint': 'You see theirs too.',
  'profile.seenByNone': 'No one',
  'profile.seenByNoneHint': 'You can’t see theirs either. Others can still see when you’re active.',

  'crop.label': 'Visible part of the picture',
  'crop.zoom': 'Zoom',
  'crop.hint': 'Drag the picture, or use the arrow keys, + and −.',
  'crop.use': 'Use this picture',
  'crop.using': 'Uploading…',
  'crop.unreadable': 'Hubbub can’t show this file as a picture. Choose another, such as a JPEG or PNG.',

  'notifications.offer': 'Get notified about direct messages and mentions?',
  'notifications.turnOn': 'Turn on notifications',
  'notifications.turnOff': 'Turn off notifications',
  'notifications.notNow': 'Not now',
  'notifications.whileOpen':
    'Notifications appear while Hubbub is open in a tab, even in the background. Saved on this device only.',
  'notifications.denied':
    'Your browser doesn’t let this page show notifications. Press the icon next to the address, allow notifications, and come back. The Hubbub app can show them too.',
  'notifications.insecure':
    'Browsers allow notifications only on pages whose encryption they trust. Open the encrypted address and trust its certificate, or use the Hubbub app.',
  'notifications.unsupported':
    'This browser can’t show notifications from an open page. Use a browser on a computer, or the Hubbub app.',
  'notifications.newMessages': { one: '{count} new message', other: '{count} new messages' },
  'notifications.inChats': { one: 'in {count} chat', other: 'in {count} chats' },
  'notifications.newHere': { one: 'A new message', other: '{count} new messages' },
  'notifications.threadIn': 'Thread in {chat}',
  'notifications.sentFile': 'Sent a file',
  'notifications.added': 'You were added',
  'notifications.arrived': '{name} joined your team',
  'notifications.somethingNew': 'Something new',
  'notifications.mark': 'Mark unread messages in the window',
  'notifications.count': 'Number and dot',
  'notifications.countHint': 'The number in the title, and a dot on the icon.',
  'notifications.dot': 'Dot only',
  'notifications.dotHint': 'On the icon, without a number.',
  'notifications.none': 'No mark',
  'notifications.noneHint': 'The chat list still shows what is new.',
  'notifications.markNote': 'Muted chats aren’t counted. Saved on this device only.',
} as const
