import { randomUUID } from 'node:crypto'
import { existsSync, readFileSync, truncateSync } from 'node:fs'
import path from 'node:path'
import { handlers } from '../../server/handlers.ts'
import type { Operation } from '../../server/operation.ts'

/*
 * Faults that the campaign must find. They are put in from outside: the hub itself has no switch for them.
 */

export const simulateFaults = [
  'lost-commit',
  'forgotten-cid',
  'unstored-mark',
  'forgotten-check',
  'unstored-edit',
  'missing-entry',
  'unstored-file',
  'incomplete-search',
] as const
export type SimulateFault = (typeof simulateFaults)[number]

interface FaultyHandler {
  access: unknown
  run: (op: Operation, input: Record<string, unknown>, found: Record<string, unknown>) => Promise<unknown>
}

/** Changes handlers of this process. Returns what puts the real ones back. */
export function putInFault(fault: SimulateFault): () => void {
  switch (fault) {
    case 'lost-commit':
      return () => undefined
    case 'forgotten-cid':
      return change('messages.send', ({ run }) => ({
        run: async (op, input, found) => {
          const cid = String(input['cid'])
          const known = await op.db.selectFrom('message').select('id').where('cid', '=', cid).execute()
          if (known.length === 0) return run(op, input, found)
          return run(op, { ...input, cid: randomUUID() }, { ...found, sentId: null, sentDigest: null })
        },
      }))
    case 'unstored-mark':
      return change('chats.read', () => ({ run: (_, { no }) => Promise.resolve({ readNo: no }) }))
    case 'unstored-edit':
      return change('messages.edit', ({ run }) => ({
        run: async (op, input, found) => {
          const messageId = String(input['messageId'])
          const messages = op.db.selectFrom('message').where('id', '=', messageId)
          const before = await messages.select('text').executeTakeFirstOrThrow()
          const result = await run(op, input, found)
          await op.db.updateTable('message').set(before).where('id', '=', messageId).execute()
          return result
        },
      }))
    case 'missing-entry':
      return change('me.update', ({ run }) => ({
        run: (op, input, found) => run({ ...op, append: () => Promise.resolve(0) }, input, found),
      }))
    case 'unstored-file':
      return change('messages.send', ({ run }) => ({
        run: (op, { attachments: _, ...input }, found) => run(op, input, found),
      }))
    case 'incomplete-search':
      return change('search.messages', ({ run }) => ({
        run: async (op, input, found) => {
          const result = (await run(op, input, found)) as { hits: unknown[] }
          return { ...result, hits: result.hits.slice(1) }
        },
      }))
    case 'forgotten-check':
      return change('messages.list', () => ({ access: () => Promise.resolve({}) }))
  }
}

function change(name: string, faulty: (real: FaultyHandler) => Partial<FaultyHandler>): () => void {
  const table = handlers as unknown as Record<string, FaultyHandler>
  const real = table[name]
  if (!real) throw new Error(`there is no handler ${name}`)
  table[name] = { ...real, ...faulty(real) }
  return () => {
    table[name] = real
  }
}

const lostCommits = 3
const walHeaderBytes = 32
const frameHeaderBytes = 24

/** Takes the last transactions out of the write-ahead log, as a power cut does without `synchronous=FULL`. */
export function loseLastCommits(dataDir: string): void {
  const file = path.join(dataDir, 'hub.db-wal')
  if (!existsSync(file)) return
  const log = readFileSync(file)
  if (log.length < walHeaderBytes) return
  const frameBytes = frameHeaderBytes + log.readUInt32BE(8)
  const ends: number[] = [walHeaderBytes]
  for (let at = walHeaderBytes; at + frameBytes <= log.length; at += frameBytes) {
    // a frame that ends a transaction has the size of the database
    if (log.readUInt32BE(at + 4) > 0) ends.push(at + frameBytes)
  }
  truncateSync(file, ends.at(-1 - lostCommits) ?? walHeaderBytes)
}
