import { clipboard, Menu, type MenuItemConstructorOptions, type WebContents } from 'electron'
import { labels } from '../text.ts'

interface ContextMenuParams {
  isEditable: boolean
  selectionText: string
  linkURL: string
  misspelledWord: string
  dictionarySuggestions: string[]
  editFlags: { canCut: boolean; canCopy: boolean; canPaste: boolean; canSelectAll: boolean }
}

/** Adds the context menu: actions for the text or link, and spelling suggestions. */
export function addContextMenu(contents: WebContents): void {
  contents.on('context-menu', (_event, params) => {
    const items = menuItems(params, contents)
    if (items.length > 0) Menu.buildFromTemplate(items).popup()
  })
}

function menuItems(params: ContextMenuParams, contents: WebContents): MenuItemConstructorOptions[] {
  const { editFlags, linkURL } = params
  if (params.isEditable) {
    return [
      ...spellingItems(params, contents),
      { role: 'cut', enabled: editFlags.canCut },
      { role: 'copy', enabled: editFlags.canCopy },
      { role: 'paste', enabled: editFlags.canPaste },
      { role: 'pasteAndMatchStyle', enabled: editFlags.canPaste },
      { role: 'selectAll', enabled: editFlags.canSelectAll },
    ]
  }
  return [
    ...(params.selectionText.trim() === '' ? [] : [{ role: 'copy' } as const]),
    ...(/^(https?|mailto):/.test(linkURL)
      ? [{ label: labels.copyLink, click: () => void clipboard.writeText(linkURL) }]
      : []),
  ]
}

function spellingItems(params: ContextMenuParams, contents: WebContents): MenuItemConstructorOptions[] {
  if (params.misspelledWord === '') return []
  return [
    ...params.dictionarySuggestions.slice(0, 5).map((label) => ({
      label,
      click: () => contents.replaceMisspelling(label),
    })),
    {
      label: labels.addToDictionary,
      click: () => contents.session.addWordToSpellCheckerDictionary(params.misspelledWord),
    },
    { type: 'separator' as const },
  ]
}
