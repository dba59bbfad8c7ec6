import { html } from 'lit'
import type { File } from '../../shared/contract/files.ts'
import { bytesText } from '../text/bytes.ts'
import { t } from '../text/t.ts'
import '../ui/hb-icon.ts'
import { fileName } from './file-name.ts'
import { fileIconOf } from './file-display.ts'

/** A file to download, with its name and size. */
export function fileCard(file: File, address: string): unknown {
  return html`<a class="card" href=${address} download=${file.name}>
    <hb-icon name=${fileIconOf(file.name)} .size=${22}></hb-icon>
    <span class="visually-hidden">${t('files.downloadShort')}</span>
    <span class="what"
      >${fileName(file.name)}<span class="visually-hidden">, </span
      ><span class="size">${bytesText(file.size)}</span></span
    >
    <hb-icon class="get" name="download" .size=${18}></hb-icon>
  </a>`
}
