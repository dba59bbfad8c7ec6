// Suggestions while a name, a group, an emoji or a command is being typed. Pure: takes the text of the field, returns
// a list.
import { wordBefore } from '../../shared/text/scripts.ts'
import { isInCode } from './markdown-editing.ts'

export interface AutocompleteItem {
  readonly id: string
  /** The text that replaces the typed query. */
  readonly insert: string
  readonly title: string
  readonly note: string
  /** A picture of the suggestion: an emoji, or the user or group for an avatar. */
  readonly emoji?: string
  readonly avatar?: {
    id: string
    joined?: number | undefined
    kind: 'user' | 'group'
    name: string
    picture: string
  }
}

export type AutocompleteKind = 'user' | 'group' | 'emoji' | 'command'

export interface AutocompleteQuery {
  readonly kind: AutocompleteKind
  readonly term: string
  /** Offset of the sign before the query. */
  readonly from: number
}

const triggers: { kind: AutocompleteKind; pattern: RegExp }[] = [
  { kind: 'command', pattern: /^\/([a-z]*)$/ },
  {
    kind: 'user',
    pattern: new RegExp(
      String.raw`(?<!(?:[@＠\\]|${wordBefore}[.\-']?)_?)[@＠]([\p{L}\p{M}\p{N}._\-'’]{0,32})$`,
      'u',
    ),
  },
  {
    kind: 'group',
    pattern: new RegExp(
      String.raw`(?<![_&/#＃\\]|${wordBefore})[#＃]([\p{L}\p{M}\p{N}._\-&'’+]{0,40})$`,
      'u',
    ),
  },
  {
    kind: 'emoji',
    pattern: new RegExp(String.raw`(?<![:\/\\=&#%@$|<>^]|${wordBefore}):([\p{L}\p{N}_+-]{2,32})$`, 'u'),
  },
]

/** Returns the query at the caret, or undefined. */
export function autocompleteQueryAt(text: string, caret: number): AutocompleteQuery | undefined {
  const before = text.slice(Math.max(0, caret - 64), caret)
  if (caret > 64 && /^\//.test(before) && !text.startsWith(before)) return undefined
  for (const { kind, pattern } of triggers) {
    if (kind === 'command' && caret > 64) continue
    const match = pattern.exec(before)
    if (!match) continue
    if (isInAddress(before, kind) || isInCode(text, caret)) return undefined
    const query = match[1] as string
    return { kind, term: query, from: caret - query.length - 1 }
  }
  return undefined
}

/** An address or a path stays as typed: Enter must not put a suggestion into it. */
function isInAddress(before: string, kind: AutocompleteKind): boolean {
  if (kind === 'command') return false
  const word = /\S*$/.exec(before)?.[0] ?? ''
  return /:\/\/|^www\./i.test(word) || (kind === 'emoji' && /[/\\]/.test(word))
}
