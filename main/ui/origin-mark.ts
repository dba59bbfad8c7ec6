import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { promisify } from 'node:util'

/**
 * Marks a saved file as from outside, as browsers do: a program that came in a chat then starts only after a warning of
 * the system. A disk that cannot hold the mark does not cost the file.
 */
export async function markAsDownloaded(
  file: string,
  platform: NodeJS.Platform = process.platform,
  run: (program: string, args: string[]) => Promise<unknown> = promisify(execFile),
): Promise<void> {
  try {
    // zone 3 is the internet; the stream belongs to the file and is copied with it on NTFS
    if (platform === 'win32') await writeFile(`${file}:Zone.Identifier`, '[ZoneTransfer]\r\nZoneId=3\r\n')
    if (platform === 'darwin') {
      // flags, time in hex, program; an attribute on this file only, unlike LSFileQuarantineEnabled
      const at = Math.floor(Date.now() / 1000).toString(16)
      await run('/usr/bin/xattr', ['-w', 'com.apple.quarantine', `0081;${at};Hubbub;`, file])
    }
  } catch {
    // such as FAT, which has neither
  }
}
