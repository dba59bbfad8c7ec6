import path from 'node:path'
import { expect, it } from 'vitest'
import { checkFirstStart } from '../../scripts/first-start.ts'
import { appRoot } from './stand-in/launch.ts'

/** The check itself, with the stand-in in place of what was packed. */
const standIn = (...args: string[]) => ({
  file: process.execPath,
  args: [path.join(import.meta.dirname, 'stand-in', 'run.ts'), appRoot, ...args],
  checksSandbox: false,
})

it('finds that an app starts with its hub, decodes a picture, sends a message and ends', async () => {
  expect(await checkFirstStart(standIn())).toEqual([
    expect.stringMatching(/^the hub inside reached its port after \d/),
    'a message with a decoded picture was sent',
    'it ended in order',
  ])
})

it('reports an app that does not start', async () => {
  const program = { file: process.execPath, args: ['--eval', 'process.exit(3)', '--'], checksSandbox: false }
  const failure = checkFirstStart(program)
  await expect(failure).rejects.toThrow('the first start failed')
  await expect(failure).rejects.toMatchObject({ cause: { message: 'the app ended by itself (3)' } })
})
