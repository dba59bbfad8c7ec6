// What is shown of a message somewhere else: above its answer, while it is answered, and when it is passed on.
import { css, html, nothing } from 'lit'
import type { Quote } from '../../shared/contract/messages.ts'
import { filesSummary } from '../files/file-display.ts'
import type { FilesView } from '../files/message-files.ts'

type QuotePreview = Pick<Quote, 'text' | 'files' | 'picture'>

/** Its own words, or what its files are; nothing of one that is deleted. */
export function quoteLabel({ text, files }: QuotePreview): string {
  return text || filesSummary(files)
}

export function quoteThumbnail({ picture }: QuotePreview, address: FilesView['address']): unknown {
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
