export const railText = {
  'rail.label': 'Hubs',
  'rail.up': 'Move up',
  'rail.down': 'Move down',
  'rail.menu': 'Actions for {name}',
  'rail.removeHosted':
    'The hub and its messages stay on this computer. A running hub keeps running. To come back, you need its address or an invite.',
  'rail.hub': '{name}, {state}',
  'rail.hubUnread': {
    one: '{name}, {state}, one unread message',
    other: '{name}, {state}, {count} unread messages',
  },
  'rail.online': 'connected',
  'rail.connecting': 'connecting',
  'rail.offline': 'not reachable',
  'rail.signed-out': 'not logged in',
  'rail.refused': 'not trusted',
  'rail.changed': 'different hub',

  'notice.text': '{title}: {body}',
  'notice.open': 'Open',
  'notice.linkTitle': 'Open a message at {hub}?',
  'notice.linkText': 'You opened a link to this message from outside Hubbub.',
  'notice.unknownHub': 'This link leads to a hub that isn’t in your list.',
  'notice.alreadyIn': 'You’re a member of {hub} already.',
  'notice.unknownLink': 'Hubbub can’t open this link. Copy the whole link, or ask for a new one.',

  'changed.title': 'A different hub is using the address of {name}',
  'changed.text':
    'The hub at the address of {name} has a different identity from the one you joined. Hubbub stopped here and sent nothing: no password and no messages.',
  'changed.harmless':
    'There is often a harmless reason: someone set the hub up again, or another computer now has its address. But a hub that pretends to be yours looks the same.',
  'changed.known': 'The hub you joined',
  'changed.presented': 'The hub at its address now',
  'changed.unknown': 'It did not identify itself.',
  'changed.what':
    'Ask the owner of the hub, in person or by phone. If it was set up again, remove it here and join again with a new invite. Hubbub keeps looking for your hub.',
  'changed.remove': 'Remove {name}',
  'changed.removeTitle': 'Remove {name}?',
  'changed.removeText':
    'Its messages stay on the hub. Unsent messages are lost. To come back, you need its address or an invite.',
  'refused.title': 'The connection to {name} is not safe',
} as const
