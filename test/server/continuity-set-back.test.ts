import { cpSync, rmSync } from 'node:fs'
import { expect, test } from 'vitest'
import { listSetAside } from '../../server/continuity/diverged.ts'
import type { Computer } from '../../server/run-computer.ts'
import { inStep, startComputer, startPair, urlOf } from '../support/computers.ts'
import { newDataDir } from '../support/data-dir.ts'
import type { TestUser } from '../support/test-user.ts'
import { waitFor } from '../support/wait-for.ts'

/* A hub whose directory was set back to an earlier state of it, by a snapshot or a copy of its files. */

/** Ends the hub without handing it over, as a crash does, and puts an earlier directory in its place. */
async function setBack(computer: Computer, dataDir: string, earlier: string): Promise<void> {
  await computer.hub?.close()
  rmSync(dataDir, { recursive: true })
  cpSync(earlier, dataDir, { recursive: true })
}

/** A pair that is in step, and the directory of the hub as it was before the last message. */
async function startWithEarlier() {
  const { hub, standby, dirs, owner } = await startPair()
  const chat = await owner.createGroup('Team', [])
  await owner.sendMessage(chat.id, 'in the earlier directory')
  await standby.close()
  await waitFor(async () => expect((await owner.request('continuity.status', {})).safety).toBe('alone'))
  await hub.close()
  const earlier = newDataDir()
  cpSync(dirs.hub, earlier, { recursive: true })
  const computers = {
    hub: await startComputer({ dataDir: dirs.hub, port: hub.port }),
    standby: await startComputer({ dataDir: dirs.standby, port: standby.port }),
  }
  await inStep(owner)
  /** Sends a message, and waits until the standby knows that the hub has committed it. */
  const sendToBoth = async (text: string): Promise<void> => {
    await owner.sendMessage(chat.id, text)
    const { rowLog } = computers.hub.hub?.hub ?? {}
    await waitFor(() => expect(computers.standby.standby?.applied).toBe(rowLog?.position?.lsn))
  }
  const texts = async (user: TestUser): Promise<unknown[]> => {
    const { messages } = await user.request('messages.list', { chatId: chat.id })
    return messages.map((message) => 'text' in message && message.text)
  }
  return { ...computers, dirs, owner, chat, earlier, sendToBoth, texts }
}

test('a hub that was set back gives itself to the standby that has more, or follows the hub of now', async () => {
  const { hub, standby, dirs, owner, chat, earlier, sendToBoth, texts } = await startWithEarlier()
  const { epoch } = (await owner.connect()).state ?? {}
  await sendToBoth('on both disks')
  await setBack(hub, dirs.hub, earlier)
  const again = await startComputer({ dataDir: dirs.hub, port: hub.port })
  await waitFor(() => expect(standby.hub).toBeDefined())
  const there = owner.atUrl(urlOf(standby))
  expect(await texts(there)).toEqual(['in the earlier directory', 'on both disks'])
  // no client has to fetch again
  expect((await there.connect()).state?.epoch).toBe(epoch)
  await inStep(there)
  expect(again.standby?.status).toMatchObject({ isInStep: true, isCopying: false })
  // it had only a part of what the other has
  expect([dirs.hub, dirs.standby].flatMap((dir) => listSetAside(dir))).toEqual([])

  // now the earlier directory is of a term that has ended
  await there.sendMessage(chat.id, 'at the other computer')
  await again.close()
  await setBack(again, dirs.hub, earlier)
  const third = await startComputer({ dataDir: dirs.hub, port: hub.port })
  await waitFor(() => expect(third.standby).toBeDefined())
  await inStep(there)
  expect(standby.hub).toBeDefined()
  expect(await texts(there)).toEqual(['in the earlier directory', 'on both disks', 'at the other computer'])
})

/** Before a release, as in continuity-chaos.test.ts. */
if (Number(process.env['HUBBUB_CHAOS_ROUNDS'] ?? 1) > 1) {
  test('a standby that has started again keeps aside what a hub that was set back lacks', async () => {
    const { hub, standby, dirs, owner, earlier, sendToBoth, texts } = await startWithEarlier()
    await sendToBoth('on both disks')
    await standby.close()
    await setBack(hub, dirs.hub, earlier)
    await startComputer({ dataDir: dirs.hub, port: hub.port })
    await startComputer({ dataDir: dirs.standby, port: standby.port })
    await inStep(owner)
    expect(await texts(owner)).toEqual(['in the earlier directory'])
    expect(listSetAside(dirs.standby)).toHaveLength(1)
    await waitFor(async () => {
      const { setAside } = await owner.request('continuity.status', {})
      expect(setAside).toMatchObject([{ messages: 1 }])
    })
  })
}
