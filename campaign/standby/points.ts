// In a process of the campaign, before its program (preload.ts): stops or kills the process at a point that has a name, and
// leads its connections to the other computer through a proxy. The program itself knows nothing of either.
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import net from 'node:net'
import { CopyIntake } from '../../server/continuity/copy-intake.ts'
import { RowApplier } from '../../server/continuity/apply.ts'
import type { RowFrame } from '../../server/continuity/frame.ts'
import { Journal } from '../../server/continuity/journal.ts'
import { Replica } from '../../server/continuity/replica.ts'
import { RowLog } from '../../server/continuity/row-log.ts'
import type { LoggedBatch } from '../../server/db/sqlite/batch-log.ts'
import type { Order } from './orders.ts'

/** Ports of this computer that a connection does not reach directly: `7001:9001,7002:9002`. */
const routes = new Map(
  (process.env['HUBBUB_CHAOS_ROUTES'] ?? '')
    .split(',')
    .filter((route) => route !== '')
    .map((route) => route.split(':').map(Number) as [number, number]),
)
const isForgetful = process.env['HUBBUB_CHAOS_FAULT'] === 'no-wait'

let order: Order | undefined = JSON.parse(process.env['HUBBUB_CHAOS_ORDER'] ?? 'null') ?? undefined

/** The clock of this process is wrong by so much. */
let clockOffsetMs = 0
const now = Date.now.bind(Date)
Date.now = () => now() + clockOffsetMs

process.on('message', (given: Order | { clockOffsetMs: number }) => {
  if ('clockOffsetMs' in given) clockOffsetMs = given.clockOffsetMs
  else order = given
  process.send?.('armed')
})
process.channel?.unref()
// no computer outlives the campaign
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'))

/** The program has come to this point. */
function pass(point: string): void {
  if (order?.point !== point) return
  order = { ...order, after: order.after - 1 }
  if (order.after > 0) return
  const { signal } = order
  order = undefined
  process.kill(process.pid, signal)
}

// ---- the batch of a hub

const sealBatch = RowLog.prototype.sealBatch
RowLog.prototype.sealBatch = function sealAndPass(this: RowLog): LoggedBatch | undefined {
  const batch = sealBatch.call(this)
  if (!batch) return undefined
  return {
    ship: () => {
      pass('before-ship')
      const shipped = batch.ship()
      // the fault `no-wait`: the hub commits and acknowledges what the standby does not have yet
      if (isForgetful) return void shipped?.catch(() => undefined)
      return shipped?.then(() => pass('before-commit'))
    },
    committed: () => {
      batch.committed()
      pass('before-release')
    },
    dropped: () => batch.dropped(),
  }
}

// ---- the frames of a standby

const append = Journal.prototype.append
Journal.prototype.append = function appendAndPass(this: Journal, frame: RowFrame): void {
  pass('before-journal')
  append.call(this, frame)
  pass('after-journal')
}

const apply = RowApplier.prototype.apply
RowApplier.prototype.apply = function applyAndPass(this: RowApplier, ...args): void {
  apply.apply(this, args)
  pass('during-apply')
}

const applyAll = Replica.prototype.applyAll
Replica.prototype.applyAll = async function applyAllAndPass(this: Replica) {
  pass('before-take-over')
  const end = await applyAll.call(this)
  pass('after-apply-all')
  return end
}

const receive = CopyIntake.prototype.receive
CopyIntake.prototype.receive = function receiveAndPass(this: CopyIntake, copy) {
  return receive.call(this, copy, () => pass('during-copy'))
}

const install = CopyIntake.prototype.install
CopyIntake.prototype.install = function installAndPass(this: CopyIntake): void {
  pass('before-install')
  install.call(this)
  pass('after-install')
}

// ---- what a computer remembers about its role

interface SavedState {
  role: string
  alone: boolean
}

/** Names the change of the state file that a rename makes. */
function nameChange(from: string, to: string): string {
  const after = JSON.parse(fs.readFileSync(from, 'utf8')) as SavedState
  const before = fs.existsSync(to) ? (JSON.parse(fs.readFileSync(to, 'utf8')) as SavedState) : undefined
  if (before?.role !== after.role) return { sealed: 'seal', hub: 'term' }[after.role] ?? 'step-down'
  if (after.role === 'hub' && before.alone !== after.alone) return after.alone ? 'alone' : 'together'
  return 'state'
}

const renameSync = fs.renameSync
function renameAndPass(from: string, to: string): void {
  if (to.endsWith('vote.json')) {
    pass('before-vote')
    renameSync(from, to)
    return pass('after-vote')
  }
  if (!to.endsWith('state.json')) return renameSync(from, to)
  const change = nameChange(from, to)
  pass(`before-${change}`)
  renameSync(from, to)
  pass(`after-${change}`)
}
Object.assign(fs, { renameSync: renameAndPass })
syncBuiltinESMExports()

// ---- connections to the other computer

const connect = net.Socket.prototype.connect
type ConnectArguments = Parameters<typeof connect>
net.Socket.prototype.connect = function connectByRoute(this: net.Socket, ...args: unknown[]) {
  // `net` itself passes its normalized arguments as one list
  const given: unknown = Array.isArray(args[0]) ? args[0][0] : args[0]
  if (typeof given === 'object' && given !== null && 'port' in given) {
    const route = routes.get(Number(given.port))
    if (route !== undefined) given.port = route
  }
  return connect.apply(this, args as unknown as ConnectArguments)
}
