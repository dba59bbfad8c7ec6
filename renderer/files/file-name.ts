import { css, html } from 'lit'
import { fileExtension } from '../../shared/text/file-names.ts'

const rightToLeft = /[\u0590-\u08FF\uFB1D-\uFDFF\uFE70-\uFEFC]/

/**
 * A name that keeps its ending in sight, however little room there is: what a file is should not be what is cut off. One that
 * is read from right to left stays in one piece, since its ending would come to stand at the other side. Who listens gets it whole.
 */
export function fileName(name: string): unknown {
  const ending = rightToLeft.test(name) ? '' : fileExtension(name)
  if (ending === '') return html`<bdi class="file-name"><span>${name}</span></bdi>`
  return html`<bdi class="file-name" title=${name}
    ><span class="visually-hidden">${name}</span
    ><span aria-hidden="true">${name.slice(0, -ending.length)}</span
    ><span aria-hidden="true">${ending}</span></bdi
  >`
}

/** It stands where the page begins its lines, whatever the direction of its letters. */
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
