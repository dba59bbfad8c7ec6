import { clipboard, Menu, type MenuItemConstructorOptions, type WebContents } from 'electron'
import { words } from '../text.ts'

interface Asked {
  isEditable: boolean
  selectionText: string
  linkURL: string
  misspelledWord: string
  dictionarySuggestions: string[]
  editFlags: { canCut: boolean; canCopy: boolean; canPaste: boolean; canSelectAll: boolean }
}

/** Right click: what can be done with the text or link there, and better spellings. */
export function addContextMenu(contents: WebContents): void {
  contents.on('context-menu', (_event, asked) => {
    const items = itemsFor(asked, contents)
    if (items.length > 0) Menu.buildFromTemplate(items).popup()
  })
}

function itemsFor(asked: Asked, contents: WebContents): MenuItemConstructorOptions[] {
  const { editFlags, linkURL } = asked
  if (asked.isEditable) {
    return [
      ...spelling(asked, contents),
      { role: 'cut', enabled: editFlags.canCut },
      { role: 'copy', enabled: editFlags.canCopy },
      { role: 'paste', enabled: editFlags.canPaste },
      { role: 'pasteAndMatchStyle', enabled: editFlags.canPaste },
      { role: 'selectAll', enabled: editFlags.canSelectAll },
    ]
  }
  return [
    ...(asked.selectionText.trim() === '' ? [] : [{ role: 'copy' } as const]),
    ...(/^(https?|mailto):/.test(linkURL)
      ? [{ label: words.copyLink, click: () => void clipboard.writeText(linkURL) }]
      : []),
  ]
}

function spelling(asked: Asked, contents: WebContents): MenuItemConstructorOptions[] {
  if (asked.misspelledWord === '') return []
  return [
    ...asked.dictionarySuggestions.slice(0, 5).map((label) => ({
      label,
      click: () => contents.replaceMisspelling(label),
    })),
    {
      label: words.addToDictionary,
      click: () => contents.session.addWordToSpellCheckerDictionary(asked.misspelledWord),
    },
    { type: 'separator' as const },
  ]
}
