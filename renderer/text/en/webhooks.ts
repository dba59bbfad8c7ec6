export const webhooksText = {
  'webhooks.open': 'Webhooks',
  'webhooks.title': 'Webhooks in {name}',
  'webhooks.lead':
    'A webhook is an address that lets a program post into this group as a bot. Anyone who has the address can post.',
  'webhooks.name': 'Bot name',
  'webhooks.nameExample': 'Deploys',
  'webhooks.needName': 'Give the bot a name.',
  'webhooks.make': 'Create webhook',
  'webhooks.making': 'Creating…',
  'webhooks.once': 'Copy it now. You won’t see it again.',
  'webhooks.url': 'New webhook address',
  'webhooks.copy': 'Copy address',
  'webhooks.none': 'No webhooks yet.',
  'webhooks.byName': 'Created by {name}',
  'webhooks.revoke': 'Revoke',
  'webhooks.revokeOne': 'Revoke {name}',
  'webhooks.revokeTitle': 'Revoke “{name}”?',
  'webhooks.revokeText':
    'Its address stops working at once, and its bot leaves the group. Its messages stay.',
  'webhooks.revoked': '“{name}” was revoked.',
} as const
