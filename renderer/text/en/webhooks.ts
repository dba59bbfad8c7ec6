export const webhooksText = {
  'webhooks.open': 'Webhooks',
  'webhooks.title': 'Webhooks of {name}',
  'webhooks.lead':
    'An address at which a program posts into this group, as a bot. Whoever has the address can post.',
  'webhooks.name': 'Name of the bot',
  'webhooks.nameExample': 'Deploys',
  'webhooks.needName': 'Give the bot a name.',
  'webhooks.make': 'Make address',
  'webhooks.making': 'Making…',
  'webhooks.once': 'Copy it now: it is shown only this once.',
  'webhooks.url': 'The new address',
  'webhooks.copy': 'Copy address',
  'webhooks.none': 'Nothing posts here yet.',
  'webhooks.byName': 'Made by {name}',
  'webhooks.revoke': 'End',
  'webhooks.revokeOne': 'End {name}',
  'webhooks.revokeTitle': 'End “{name}”?',
  'webhooks.revokeText':
    'Its address stops working at once, and its bot leaves the group. What it posted stays.',
  'webhooks.revoked': '“{name}” was ended.',
} as const
