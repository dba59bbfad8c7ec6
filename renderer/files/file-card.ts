import { html } from 'lit'
import type { File } from '../../shared/contract/files.ts'
import { bytesText } from '../admin/bytes.ts'
import { t } from '../text/t.ts'
import '../ui/hb-icon.ts'
import { iconOf } from './file-words.ts'

/** A file to be saved: what it is called, and how large it is. */
export function fileCard(file: File, address: string): unknown {
  return html`<a
    class="card"
    href=${address}
    download=${file.name}
    aria-label=${`${t('files.download', { name: file.name })}, ${bytesText(file.size)}`}
  >
    <hb-icon name=${iconOf(file.name)} .size=${22}></hb-icon>
    <span class="what"
      ><bdi class="file-name">${file.name}</bdi><span class="size">${bytesText(file.size)}</span></span
    >
    <hb-icon class="get" name="download" .size=${18}></hb-icon>
  </a>`
}
