import { hostname } from 'node:os'
import { fingerprintWords } from '../../shared/text/fingerprint.ts'
import { standbyLink } from '../../shared/text/standby-link.ts'
import type { ContinuityStatus, StandbyComputer } from '../../shared/contract/standbys.ts'
import { HubError } from '../../shared/errors.ts'
import { addressCounter, chargeIfRefused } from '../accounts/attempt-limiter.ts'
import { requireHubAdmin, requireHubOwner } from '../access/hub.ts'
import { audit } from '../audit/audit.ts'
import { backupsOf } from '../backup/backups.ts'
import type { Viewer } from '../caller.ts'
import type { HubContext } from '../context.ts'
import { loadNodeKey, signedTexts, signText } from '../continuity/node-key.ts'
import type { Db } from '../db/schema.ts'
import { custom, defineHandlers, noAccessCheck } from '../define-handlers.ts'
import { type Operation, runOperation } from '../operation.ts'
import { readHubName } from '../passwords/check-password.ts'
import { continuityOf } from './continuity-of.ts'
import { goOn, requirePasswordWithoutWriting, requireWaiting } from './go-on.ts'
import { ownAddresses } from './hub-peers.ts'
import { resetVote } from './queries.ts'
import { record } from './record.ts'
import { changeVote } from './vote.ts'
import type { Waiting } from './pairing.ts'

const hubOwner = (db: Db, viewer: Viewer): Promise<void> => requireHubOwner(db, viewer.userId)
const hubAdmin = (db: Db, viewer: Viewer): Promise<unknown> => requireHubAdmin(db, viewer)

export const standbyHandlers = defineHandlers({
  'continuity.status': custom({
    access: hubAdmin,
    run: ({ hub }) => {
      continuityOf(hub).peers.setAsides.refreshSoon()
      return readStatus(hub)
    },
  }),
  'continuity.code': custom({
    access: hubOwner,
    run: async ({ hub, viewer }, { kind }) => {
      const made = await createCode(hub, kind)
      await record(hub, { action: 'standby.code-created', by: viewer.userId, detail: { kind } })
      return made
    },
  }),
  'continuity.join': custom({
    access: noAccessCheck,
    run: async ({ hub, caller }, input) => {
      // as a promise: a refusal is charged to the address
      const join = Promise.try(() => continuityOf(hub).pairing.join(input, caller.address))
      await chargeIfRefused(hub, addressCounter('inviteAddress', caller.address), join)
      const { node, words, kind } = await join
      const { address } = caller
      await record(hub, { action: 'standby.requested', target: node, address, detail: { kind } })
      return { words }
    },
  }),
  'continuity.approve': custom({
    access: hubOwner,
    run: async ({ hub, viewer }, { node }) => {
      await approve(hub, viewer.userId, node)
      return readStatus(hub)
    },
  }),
  'continuity.decline': custom({
    access: hubOwner,
    run: async ({ hub, viewer }, { node }) => {
      continuityOf(hub).pairing.take(node)
      await record(hub, { action: 'standby.refused', by: viewer.userId, target: node })
      return readStatus(hub)
    },
  }),
  'continuity.remove': custom({
    access: hubOwner,
    run: async ({ hub, viewer }, { node }) => {
      await remove(hub, viewer, node)
      return readStatus(hub)
    },
  }),
  'continuity.handover': custom({
    access: hubOwner,
    run: async ({ hub, viewer }) => {
      const continuity = continuityOf(hub)
      const to = continuity.nextHub
      // before the seal: nothing can be written behind it
      await record(hub, {
        action: 'hub.handed-over',
        by: viewer.userId,
        ...(to === undefined ? {} : { target: to }),
      })
      return { node: await continuity.handOver() }
    },
  }),
  'continuity.reclaim': custom({
    access: hubOwner,
    run: async ({ hub, viewer }, input) => {
      await continuityOf(hub).peers.setAsides.start(viewer.userId, input)
      return readStatus(hub)
    },
  }),
  'continuity.discard': custom({
    access: hubOwner,
    run: async ({ hub, viewer }, input) => {
      await continuityOf(hub).peers.setAsides.remove(viewer.userId, input)
      return readStatus(hub)
    },
  }),
  'continuity.goOn': custom({
    access: hubOwner,
    run: async ({ hub, viewer }, { current }) => {
      requireWaiting(hub)
      await requirePasswordWithoutWriting(hub, viewer.userId, current)
      await goOn(hub)
      await record(hub, { action: 'hub.went-on', by: viewer.userId })
      return readStatus(hub)
    },
  }),
  'continuity.vote': custom({
    access: hubOwner,
    run: async ({ hub, viewer }, { tie }) => {
      await changeVote(hub, tie, { by: viewer.userId })
      return readStatus(hub)
    },
  }),
  'continuity.sync': custom({
    access: hubOwner,
    run: async ({ hub, viewer }, { sync }) => {
      await changeSync(hub, viewer, sync)
      return readStatus(hub)
    },
  }),
})

/** @throws HubError if a third computer would have nothing to decide */
export async function createCode(
  hub: HubContext,
  kind: 'standby' | 'vote',
): Promise<{ code: string; expiresAt: number; link: string }> {
  const { pairing, peers } = continuityOf(hub)
  if (kind === 'vote' && !peers.hasStandby)
    throw new HubError('conflict', 'Add a standby first. A third computer decides between it and the hub.')
  const hubName = await hub.store.read(readHubName)
  const made = pairing.newCode(kind)
  const { code } = made
  return {
    ...made,
    link: standbyLink({ addresses: ownAddresses(hub), hubId: hub.hubId, code, kind, hubName }),
  }
}

async function approve(hub: HubContext, userId: string, node: string): Promise<void> {
  const continuity = continuityOf(hub)
  const { kind } = requireRequested(hub, node)
  if (continuity.peers.known.some((other) => other.kind === kind && other.node !== node)) {
    throw new HubError(
      'conflict',
      kind === 'standby'
        ? 'This hub has a standby computer already. Remove it first.'
        : 'This hub has a third computer already. Remove it first.',
    )
  }
  const waiting = continuity.pairing.take(node)
  // the same computer again: it may be in step, and a batch may wait for it
  const isFollowed = hub.rowLog.isOn && continuity.node?.hub !== undefined
  await runOperation(hub, { locks: 'hub' }, (op) => insertStandby(op, userId, waiting))
  if (kind === 'standby' && !isFollowed) await continuity.begin()
  await continuity.readKnown()
}

/** Approves a computer from the command line of the hub's computer: its account has all the rights of the owner. */
export async function approveComputer(hub: HubContext, node: string): Promise<ContinuityStatus> {
  const owner = await hub.store.read((db) =>
    db.selectFrom('user').where('role', '=', 'owner').select('id').executeTakeFirst(),
  )
  if (!owner) throw new HubError('conflict', 'This hub has no owner yet. Set it up first.')
  await approve(hub, owner.id, node)
  return readStatus(hub)
}

function requireRequested(hub: HubContext, node: string): { kind: 'standby' | 'vote' } {
  const found = continuityOf(hub)
    .pairing.list()
    .find((request) => request.node === node)
  if (found) return found
  throw new HubError('not_found', 'This computer is no longer waiting. Create a new link.')
}

async function insertStandby(
  op: Operation,
  userId: string,
  { node, name, kind, key }: Waiting,
): Promise<void> {
  const { hub } = op
  if (hub.database !== undefined) {
    throw new HubError(
      'conflict',
      'This hub keeps its messages in a database server, which has standbys of its own.',
    )
  }
  await insertComputer(op, userId, { node, name, kind, key })
  // the hub's own computer follows the computer that it is handed to
  const own = loadNodeKey(hub.dataDir)
  if (kind === 'standby')
    await insertComputer(op, userId, { node: own.id, name: hostname().slice(0, 60), kind, key: own.spki })
  audit(op, { action: 'standby.added', by: userId, target: node, detail: { kind } })
  if (kind === 'standby' && !hub.rowLog.isOn) op.after(hub.rowLog.begin())
}

async function insertComputer(
  { db, hub, now }: Operation,
  userId: string,
  { node, name, kind, key }: Pick<Waiting, 'node' | 'name' | 'kind' | 'key'>,
): Promise<void> {
  const { identity } = continuityOf(hub)
  const grantSig = signText(identity.key, signedTexts.grant(hub.hubId, { node, kind, at: now }))
  const row = { name, kind, key, grantedBy: userId, grantedAt: now, revokedAt: null, grantSig }
  await db
    .insertInto('standby')
    .values({ node, ...row })
    .onConflict((conflict) => conflict.column('node').doUpdateSet(row))
    .execute()
}

async function remove(hub: HubContext, viewer: Viewer, node: string): Promise<void> {
  const continuity = continuityOf(hub)
  const found = continuity.peers.known.find((one) => one.node === node)
  if (!found) throw new HubError('not_found', 'There is no such computer.')
  // a standby could take over by a vote that is not the hub's, though it was removed
  const isVoteOpen = continuity.tie !== 'hub' && continuity.node?.disk.alone !== true
  if (found.kind === 'vote' ? continuity.tie === node : isVoteOpen)
    throw new HubError(
      'conflict',
      'Give the deciding vote to the hub first. Then you can remove this computer.',
    )
  await runOperation(hub, { locks: 'hub' }, async (op) => {
    await op.db.updateTable('standby').set({ revokedAt: op.now }).where('node', '=', node).execute()
    audit(op, { action: 'standby.removed', by: viewer.userId, target: node })
  })
  await continuity.readKnown()
  if (continuity.peers.hasStandby || !hub.rowLog.isOn) return
  await hub.store.writer.write((tx) => {
    tx.after(hub.rowLog.end())
    return Promise.resolve()
  })
  // nobody is left to decide about; in the log, this would need the standby
  await resetVote(hub.store)
  await continuity.restart()
}

async function changeSync(hub: HubContext, viewer: Viewer, sync: 'on' | 'off'): Promise<void> {
  const continuity = continuityOf(hub)
  if (!continuity.peers.hasStandby) throw new HubError('conflict', 'This hub has no standby to wait for.')
  // it goes on alone, so it needs the vote
  if (sync === 'off' && continuity.tie === 'standby')
    throw new HubError(
      'conflict',
      'Give the deciding vote to the hub first: the standby could go on without the last messages.',
    )
  if (sync === 'off' && continuity.tie !== 'hub' && continuity.peers.voter === undefined)
    throw new HubError(
      'conflict',
      'The third computer has the deciding vote and is not connected. Try again when it is.',
    )
  await runOperation(hub, { locks: 'hub' }, async (op) => {
    await op.db.updateTable('hub').set({ sync }).execute()
    audit(op, { action: 'standby.sync-changed', by: viewer.userId, detail: { sync } })
  })
  await continuity.readKnown()
  continuity.handle({ on: 'sync', isOn: sync === 'on' })
}

/** For the page and the command line. */
export async function readStatus(hub: HubContext): Promise<ContinuityStatus> {
  const continuity = continuityOf(hub)
  const rows = await hub.store.read((db) =>
    db
      .selectFrom('standby')
      .where('revokedAt', 'is', null)
      .where('node', '<>', continuity.ownNode)
      .select(['node', 'name', 'kind', 'grantedAt'])
      .orderBy('grantedAt')
      .execute(),
  )
  const { aloneSince } = continuity
  const backupAt = backupsOf(hub).elsewhereAt
  return {
    computers: rows.map((row) => describeComputer(hub, row)),
    requests: continuity.pairing.list(),
    safety: continuity.standing.safety(),
    ...(aloneSince === undefined ? {} : { aloneSince }),
    ...(backupAt === undefined ? {} : { backupAt }),
    tie: continuity.tie,
    sync: continuity.peers.stored.sync,
    isHandingOver: continuity.isHandingOver,
    setAside: continuity.peers.setAsides.describe((node) => continuity.peers.nameOf(node)),
  }
}

function describeComputer(
  hub: HubContext,
  row: { node: string; name: string; kind: 'standby' | 'vote'; grantedAt: number },
): StandbyComputer {
  const continuity = continuityOf(hub)
  const session = continuity.peers.sessionOf(row.node)
  const words = [...fingerprintWords(row.node)]
  const addresses = continuity.peers.addressesOf(row.node)
  const lastSeenAt = continuity.peers.lastSeenOf(row.node)
  const compared = continuity.peers.comparison?.foundOf(row.node)
  const problem = continuity.peers.problemOf(row.node)
  const known = {
    ...row,
    ...{ words, addresses },
    ...(problem === undefined ? {} : { problem }),
    ...(compared === undefined ? {} : { compared }),
  }
  if (!session?.hello) return { ...known, state: 'away', ...(lastSeenAt === undefined ? {} : { lastSeenAt }) }
  const peer = continuity.node?.hub?.peer
  const isPeer = peer?.node === row.node
  const durable = session.durable?.lsn ?? (isPeer ? peer.durable.lsn : 0)
  const behind = Math.max(0, (hub.rowLog.position?.lsn ?? 0) - durable)
  const state = isPeer && peer.inStep ? 'inStep' : isPeer && !peer.mayBeInStep ? 'copying' : 'following'
  const { power, free } = session.condition
  const { isReachable } = session
  return {
    ...known,
    ...{ state, connectedAt: session.connectedAt },
    ...(row.kind === 'standby' && state === 'following' ? { behind } : {}),
    ...(isReachable === undefined ? {} : { isReachable }),
    ...(power === undefined ? {} : { power }),
    ...(free === undefined ? {} : { free }),
  }
}
