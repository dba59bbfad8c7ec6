import { createRequire } from 'node:module'
import path from 'node:path'
import { expect, it } from 'vitest'
import { checkFirstStart } from '../../scripts/first-start.ts'
import { newDataDir } from '../support/data-dir.ts'
import { packWithStub } from '../support/packed-app.ts'
import { appRoot } from './stand-in/launch.ts'

const { extractAll } = createRequire(import.meta.url)('@electron/asar') as {
  extractAll: (archive: string, to: string) => void
}

/** The check itself, with the stand-in in place of what was packed. */
const standIn = (folder: string) => ({
  file: process.execPath,
  args: [path.join(import.meta.dirname, 'stand-in', 'run.ts'), folder],
  checksSandbox: false,
})

async function reportOf(program: Parameters<typeof checkFirstStart>[0]): Promise<string[]> {
  const lines: string[] = []
  await checkFirstStart(program, (line) => lines.push(line))
  return lines
}

it('finds that an app starts with its hub, decodes a picture, sends a message and ends', async () => {
  expect(await reportOf(standIn(appRoot))).toEqual([
    expect.stringMatching(/^the hub inside reached its port after \d/),
    'a message with a decoded picture was sent',
    'it ended in order',
  ])
})

it('starts the packed tree: nothing that it needs was left out', async () => {
  const { packed } = await packWithStub()
  const folder = path.join(newDataDir(), 'packed')
  extractAll(path.join(packed.resources, 'app.asar'), folder)
  expect(await reportOf(standIn(folder))).toHaveLength(3)
})

it('reports an app that does not start', async () => {
  const program = { file: process.execPath, args: ['--eval', 'process.exit(3)', '--'], checksSandbox: false }
  const failure = reportOf(program)
  await expect(failure).rejects.toThrow('the first start failed')
  await expect(failure).rejects.toMatchObject({ cause: { message: 'the app ended by itself (3)' } })
})
