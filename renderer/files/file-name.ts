import { css, html } from 'lit'
import { fileExtension } from '../../shared/text/file-names.ts'

const rightToLeft = /[\u0590-\u08FF\uFB1D-\uFDFF\uFE70-\uFEFC]/

/**
 * A file name that is shortened in the middle, so its extension stays visible in any width. A right-to-left name
 * stays in one piece, because its extension would move to the other side. Screen readers get the whole name.
 */
export function fileName(name: string): unknown {
  const ending = rightToLeft.test(name) ? '' : fileExtension(name)
  if (ending === '') return html`<bdi class="file-name"><span>${name}</span></bdi>`
  return html`<bdi class="file-name" data-tip=${name}
    ><span class="visually-hidden">${name}</span
    ><span aria-hidden="true">${name.slice(0, -ending.length)}</span
    ><span aria-hidden="true">${ending}</span></bdi
  >`
}

/** Aligned to the start of the page's lines, in any direction of its letters. */
export const fileNameStyles = css`
  .file-name {
    position: relative;
    display: flex;
    align-self: flex-start;
    inline-size: fit-content;
    max-inline-size: 100%;
    min-inline-size: 0;
    white-space: pre;
  }
  .file-name span {
    overflow: hidden;
    text-overflow: ellipsis;
  }
  .file-name span[aria-hidden] + span {
    flex: none;
  }
`
