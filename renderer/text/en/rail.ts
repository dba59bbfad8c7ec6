export const railText = {
  'rail.label': 'Hubs',
  'rail.add': 'Add a hub',
  'rail.up': 'Move up',
  'rail.down': 'Move down',
  'rail.remove': 'Remove {name}…',
  'rail.menu': 'What can be done with {name}',
  'rail.removeHosted':
    'The hub itself stays on this computer, with all its messages, and goes on if it is running. To come back you need its address or an invite.',
  'rail.hub': '{name}, {state}',
  'rail.hubUnread': {
    one: '{name}, {state}, one unread message',
    other: '{name}, {state}, {count} unread messages',
  },
  'rail.key': '{name} ({key})',
  'rail.online': 'connected',
  'rail.connecting': 'connecting',
  'rail.offline': 'not reachable',
  'rail.signed-out': 'not logged in',
  'rail.refused': 'not trusted',
  'rail.changed': 'another hub answers',

  'notice.text': '{title}: {body}',
  'notice.open': 'Open',
  'notice.linkTitle': 'Open a message at {hub}?',
  'notice.linkText': 'A link outside of Hubbub leads there.',
  'notice.unknownHub': 'This link leads to a hub that is not in your list.',

  'changed.title': 'Another hub answers in place of {name}',
  'changed.text':
    'What answers at the address of {name} has another identity than the hub you joined. Hubbub has stopped here: nothing was sent, not your password, not your messages.',
  'changed.harmless':
    'Often there is a plain reason: the hub was set up anew, or its address now belongs to another computer. Somebody in your network who pretends to be your hub looks the same.',
  'changed.known': 'The hub you joined',
  'changed.presented': 'What answers now',
  'changed.unknown': 'It did not show who it is.',
  'changed.what':
    'Ask whoever runs the hub, in person or by phone. If it was set up anew, remove it here and join again by a new invite. Your hub is looked for again and again meanwhile.',
  'changed.remove': 'Remove {name}',
  'changed.removeText':
    'Its messages stay on the hub. What you have not sent yet is lost. To come back you need its address or an invite.',
  'refused.title': 'The connection to {name} is not safe',
} as const
