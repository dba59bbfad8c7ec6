export const actionsText = {
  'actions.label': 'What to do with this message',
  'actions.more': 'More',
  'actions.copyText': 'Copy text',
  'actions.textCopied': 'The text is copied.',
  'actions.copyLink': 'Copy link',
  'actions.linkCopied': 'The link is copied. It leads to this message.',
  'actions.notCopied': 'This could not be copied. Select it and copy it by hand.',
  'actions.gone': 'This message is not here any more.',
} as const
