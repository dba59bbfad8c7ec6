// What is shown of a message somewhere else: above its answer, while it is answered, and when it is passed on.
import { css, html, nothing } from 'lit'
import type { Quote } from '../../shared/contract/messages.ts'
import { filesInWords } from '../files/file-words.ts'
import type { FilesView } from '../files/message-files.ts'

type Shown = Pick<Quote, 'text' | 'files' | 'picture'>

/** Its own words, or what its files are; nothing of one that is deleted. */
export function wordsIn({ text, files }: Shown): string {
  return text || filesInWords(files)
}

export function thumbOf({ picture }: Shown, address: FilesView['address']): unknown {
  if (picture === undefined) return nothing
  return html`<img class="thumb" src=${address(picture, 'list')} alt="" draggable="false" decoding="async" />`
}

export const quoteStyles = css`
  .thumb {
    flex: none;
    inline-size: 2rem;
    block-size: 2rem;
    border-radius: var(--radius-control);
    background: var(--color-surface-hover);
    object-fit: cover;
  }
`
