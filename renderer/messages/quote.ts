// The excerpt of a message elsewhere: above a reply, above the composer, and when it is forwarded.
import { css, html, nothing } from 'lit'
import type { Quote } from '../../shared/contract/messages.ts'
import { plainPreview, type MentionText } from '../../shared/text/plain-text.ts'
import { filesSummary } from '../files/file-display.ts'
import type { FilesView } from '../files/message-files.ts'
import { keepFailedPicture } from '../ui/failed-pictures.ts'

type QuotePreview = Pick<Quote, 'text' | 'files' | 'picture'>

/** The text of the message without marks, or a summary of its files; empty for a deleted message. */
export function quoteLabel({ text, files }: QuotePreview, mentionText: MentionText): string {
  return plainPreview(text, mentionText) || filesSummary(files)
}

export function quoteThumbnail({ picture }: QuotePreview, address: FilesView['address']): unknown {
  if (picture === undefined) return nothing
  return html`<img
    class="thumb"
    src=${address(picture, 'list')}
    alt=""
    draggable="false"
    decoding="async"
    @error=${keepFailedPicture}
  />`
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
