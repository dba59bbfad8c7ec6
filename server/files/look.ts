import type { Hub } from '../hub.ts'
import type { FileRow } from './queries.ts'
import { typeOfFile } from './type.ts'

/** What a whole file is. */
export type Seen = Pick<
  FileRow,
  'type' | 'width' | 'height' | 'duration' | 'moves' | 'listDigest' | 'screenDigest'
>

/** Looks at a file that has come in: its type, and of a picture its size and smaller copies. */
export async function lookAt(_hub: Hub, file: string, row: FileRow): Promise<Seen> {
  const type = await typeOfFile(file)
  const isMedia = /^(audio|video)\//.test(type)
  return {
    type,
    width: isMedia ? row.width : null,
    height: isMedia ? row.height : null,
    duration: isMedia ? row.duration : null,
    moves: 0,
    listDigest: null,
    screenDigest: null,
  }
}
