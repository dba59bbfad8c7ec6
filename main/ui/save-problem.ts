import { ShellError } from '../shell-error.ts'

/** By the code of the system. */
const diskProblems: Readonly<Record<string, string>> = {
  ENOSPC: 'The disk is full. Free up space there, or save the file to another disk.',
  EDQUOT: 'Your space on this disk is used up. Free up space there, or save the file to another disk.',
  EFBIG: 'This disk cannot hold a file of this size. Save it to another disk.',
  EACCES: 'You may not write to this folder. Choose another one.',
  EPERM: 'You may not write to this folder. Choose another one.',
  EROFS: 'Nothing can be written to this disk. Choose another one.',
  ENOENT: 'This folder does not exist any more. Choose another one.',
  ENOTDIR: 'This folder does not exist any more. Choose another one.',
  EBUSY: 'Another program uses the file. Close it there, or choose another name.',
}

/** Returns why a file was not saved, in words for the user, or the error itself if they do not help. */
export function saveProblem(error: unknown): unknown {
  if (error instanceof ShellError) return error
  const { code = '' } = error as { code?: string }
  const problem = diskProblems[code]
  if (problem !== undefined) return new ShellError('conflict', problem, { cause: error })
  return /^E(?:CONN|HOST|NET|TIMEDOUT|PIPE)|^ERR_STREAM_PREMATURE_CLOSE$/.test(code)
    ? new ShellError(
        'unreachable',
        'The connection to the hub was lost before the file was saved. Try again.',
        {
          cause: error,
        },
      )
    : error
}

/** Returns why the hub did not send a file. */
export function refusedDownload(status: number | undefined): ShellError {
  if (status === 401)
    return new ShellError('not_found', 'You are not logged in to this hub. Log in, then save the file.')
  if (status === 403 || status === 404 || status === 410)
    return new ShellError('not_found', 'The file is no longer on the hub.')
  return new ShellError('unreachable', 'The hub cannot send the file now. Try again in a moment.')
}
