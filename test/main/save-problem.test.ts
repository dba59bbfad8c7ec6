import { expect, test } from 'vitest'
import { ShellError } from '../../main/shell-error.ts'
import { refusedDownload, saveProblem } from '../../main/ui/save-problem.ts'

const failure = (code: string) => Object.assign(new Error(code), { code })

test('a user learns why a file was not saved', () => {
  expect(saveProblem(failure('ENOSPC'))).toMatchObject({
    code: 'conflict',
    message: expect.stringContaining('The disk is full'),
  })
  expect(saveProblem(failure('EACCES'))).toMatchObject({
    code: 'conflict',
    message: expect.stringContaining('may not write'),
  })
  for (const code of [
    'ECONNRESET',
    'ECONNREFUSED',
    'EHOSTUNREACH',
    'ETIMEDOUT',
    'ERR_STREAM_PREMATURE_CLOSE',
  ])
    expect(saveProblem(failure(code))).toMatchObject({ code: 'unreachable' })
  const known = new ShellError('changed', 'A different hub answers.')
  const unknown = failure('ERR_INVALID_ARG_TYPE')
  expect([saveProblem(known), saveProblem(unknown)]).toEqual([known, unknown])
})

test('a file that the hub does not send now is not called gone', () => {
  for (const status of [404, 410]) expect(refusedDownload(status).message).toContain('no longer on the hub')
  for (const status of [429, 500, 503])
    expect(refusedDownload(status).message).toContain('Try again in a moment')
  expect(refusedDownload(401).message).toContain('Log in')
})
