import { createWriteStream } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import { app, dialog, type BrowserWindow } from 'electron'
import type { HubId } from '../../shared/desktop.ts'
import { sanitizeFileName } from '../../shared/text/file-names.ts'
import type { Hubs } from '../hubs/hubs.ts'
import { labels } from '../text.ts'
import type { UnfinishedWork } from '../unfinished-work.ts'
import { markAsDownloaded } from './origin-mark.ts'
import { refusedDownload, saveProblem } from './save-problem.ts'

let lastFolder: string | undefined

/**
 * Streams a file from the hub to the disk, so that a film does not pass through the page. Returns false if the user
 * cancelled.
 */
export async function saveAs(
  hubs: Hubs,
  { id, from, name }: { id: HubId; from: string; name: string },
  { window, work }: { window: BrowserWindow | undefined; work: UnfinishedWork },
): Promise<boolean> {
  const options = {
    title: labels.saveFile,
    defaultPath: path.join(lastFolder ?? app.getPath('downloads'), sanitizeFileName(name)),
  }
  const { canceled, filePath } = await (window
    ? dialog.showSaveDialog(window, options)
    : dialog.showSaveDialog(options))
  if (canceled || !filePath) return false
  lastFolder = path.dirname(filePath)
  try {
    await work.run('save', (signal) => download(hubs, { id, from, to: filePath, signal }))
  } catch (error) {
    throw saveProblem(error)
  }
  return true
}

async function download(
  hubs: Hubs,
  { id, from, to, signal }: { id: HubId; from: string; to: string; signal: AbortSignal },
): Promise<void> {
  const token = hubs.token(id)
  const response = await hubs.get(id).request({
    method: 'GET',
    path: from,
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
  })
  if (response.statusCode !== 200) {
    response.destroy()
    throw refusedDownload(response.statusCode)
  }
  const unfinished = `${to}.part`
  try {
    await pipeline(response, createWriteStream(unfinished), { signal })
    await markAsDownloaded(unfinished)
    await rename(unfinished, to)
  } catch (error) {
    await rm(unfinished, { force: true })
    throw error
  }
}
