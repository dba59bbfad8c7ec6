import { Type, type Static } from './type.ts'
import { defineRequest } from './define.ts'
import { EmptyObject, strict, Time } from './values.ts'

/** Computers that follow the hub: who they are, how they are added, and handing the hub over. */

const Node = Type.String({
  pattern: '^[A-Za-z0-9_-]{43}$',
  description: 'the id of a computer: base64url SHA-256 of its public key',
})
const Kind = Type.Union([Type.Literal('standby'), Type.Literal('vote')], {
  description: '`vote`: it has the deciding vote and none of the data',
})
const ComputerName = Type.String({ minLength: 1, maxLength: 60 })

const StandbyComputer = Type.Object(
  {
    node: Node,
    name: ComputerName,
    kind: Kind,
    words: Type.Array(Type.String(), { description: 'its fingerprint' }),
    grantedAt: Time,
    connectedAt: Type.Optional(Time),
    lastSeenAt: Type.Optional(Time),
    state: Type.Union(
      [Type.Literal('away'), Type.Literal('copying'), Type.Literal('following'), Type.Literal('inStep')],
      { description: '`inStep`: it has everything; acknowledgements wait for it' },
    ),
    behind: Type.Optional(Type.Integer({ description: 'changes that it does not have yet' })),
    addresses: Type.Array(Type.String()),
    isReachable: Type.Optional(Type.Boolean({ description: 'the hub could connect to it' })),
    power: Type.Optional(Type.String()),
    free: Type.Optional(Type.Integer({ description: 'free bytes on its disk' })),
    problem: Type.Optional(Type.String({ description: 'why it does not follow, or has no copy yet' })),
    compared: Type.Optional(
      Type.Object(
        {
          at: Time,
          differing: Type.Array(Type.String(), { description: 'tables with other rows than the hub’s' }),
        },
        { ...strict, description: 'the last comparison of all its tables with the hub’s' },
      ),
    ),
  },
  { ...strict, $id: 'StandbyComputer' },
)
export type StandbyComputer = Static<typeof StandbyComputer>

const StandbyRequest = Type.Object(
  {
    node: Node,
    name: ComputerName,
    kind: Kind,
    address: Type.String({ description: 'where it asked from' }),
    words: Type.Array(Type.String(), { description: 'its fingerprint, which it shows too' }),
    at: Time,
  },
  { ...strict, $id: 'StandbyRequest' },
)
export type StandbyRequest = Static<typeof StandbyRequest>

const Folder = Type.String({ pattern: '^diverged-[0-9]{1,9}$', description: 'its name on that computer' })

const SetAside = Type.Object(
  {
    node: Node,
    name: ComputerName,
    folder: Folder,
    movedAt: Time,
    messages: Type.Integer({ description: 'messages that can be brought back' }),
    people: Type.Integer({ description: 'their authors' }),
    files: Type.Integer({ description: 'files in them' }),
    unreachable: Type.Integer({
      description:
        'messages that stay there: their author is no member of their chat any more, or it is gone',
    }),
    other: Type.Array(
      Type.Object(
        {
          kind: Type.Union([
            Type.Literal('reactions'),
            Type.Literal('edits'),
            Type.Literal('deletions'),
            Type.Literal('pins'),
            Type.Literal('groups'),
            Type.Literal('people'),
            Type.Literal('settings'),
            Type.Literal('uploads'),
          ]),
          count: Type.Integer(),
        },
        strict,
      ),
      { description: 'other changes that only it has; they stay there' },
    ),
    isRunning: Type.Boolean({ description: 'its messages are being brought back' }),
    brought: Type.Optional(Type.Integer({ description: 'messages that the last run has brought back' })),
    refused: Type.Optional(Type.Integer({ description: 'messages that it could not' })),
    problem: Type.Optional(Type.String()),
  },
  {
    ...strict,
    $id: 'SetAside',
    description: 'what a computer wrote as a hub, and no other hub has; never texts',
  },
)
export type SetAside = Static<typeof SetAside>

export const ContinuityStatus = Type.Object(
  {
    computers: Type.Array(StandbyComputer),
    requests: Type.Array(StandbyRequest, {
      description: 'computers that gave a code and wait for the owner',
    }),
    safety: Type.Union(
      [Type.Literal('alone'), Type.Literal('waiting'), Type.Literal('together'), Type.Literal('none')],
      {
        description:
          '`waiting`: nobody can write, since the standby is away and the hub does not have the deciding vote',
      },
    ),
    aloneSince: Type.Optional(Time),
    backupAt: Type.Optional(
      Type.Integer({ description: 'what was acknowledged before is in a verified backup on another disk' }),
    ),
    tie: Type.String({
      description:
        'who goes on if hub and standby lose each other: `hub`, `standby`, or the node of the third computer',
    }),
    sync: Type.Union([Type.Literal('on'), Type.Literal('off')], {
      description: '`off`: the owner wants the hub not to wait for its standby, which follows a moment later',
    }),
    isHandingOver: Type.Boolean(),
    setAside: Type.Array(SetAside),
  },
  { ...strict, $id: 'ContinuityStatus' },
)
export type ContinuityStatus = Static<typeof ContinuityStatus>

export const continuityStatus = defineRequest({
  name: 'continuity.status',
  method: 'GET',
  path: '/api/admin/continuity',
  access: 'hub admin',
  summary: 'The standby computers of this hub, and computers that wait to become one.',
  input: EmptyObject,
  output: ContinuityStatus,
})

export const continuityCode = defineRequest({
  name: 'continuity.code',
  method: 'POST',
  path: '/api/admin/continuity/codes',
  access: 'hub owner',
  requiresReauthentication: true,
  status: 201,
  summary:
    'Creates a code for one standby computer, or for the third computer of a hub that has a standby: valid once, for ten minutes, and for five attempts. It replaces the code before.',
  input: Type.Object({ kind: Kind }, strict),
  output: Type.Object(
    {
      code: Type.String(),
      link: Type.String({ description: 'for the other computer' }),
      expiresAt: Time,
    },
    strict,
  ),
})

export const continuityJoin = defineRequest({
  name: 'continuity.join',
  method: 'POST',
  path: '/api/continuity/join',
  access: 'anyone',
  summary:
    'A computer asks to become a standby, with a code of the owner, who then approves it. `sig`: by its key, over `hubbub-join-1`, the hub id and the code, each on a line.',
  input: Type.Object(
    {
      code: Type.String({ minLength: 1, maxLength: 40 }),
      node: Node,
      key: Type.String({ maxLength: 400, description: 'its public key: SPKI in DER, base64url' }),
      name: ComputerName,
      kind: Kind,
      sig: Type.String({ maxLength: 200 }),
    },
    strict,
  ),
  output: Type.Object({ words: Type.Array(Type.String()) }, strict),
})

const OneComputer = Type.Object({ node: Node }, strict)

export const continuityApprove = defineRequest({
  name: 'continuity.approve',
  method: 'POST',
  path: '/api/admin/continuity/requests/:node/approve',
  access: 'hub owner',
  requiresReauthentication: true,
  summary:
    'Lets a computer follow this hub. A standby gets everything of it, private messages and the key of the hub too, and that cannot be undone for certain.',
  input: OneComputer,
  output: ContinuityStatus,
})

export const continuityDecline = defineRequest({
  name: 'continuity.decline',
  method: 'POST',
  path: '/api/admin/continuity/requests/:node/decline',
  access: 'hub owner',
  summary: 'Refuses a computer that asked to follow this hub.',
  input: OneComputer,
  output: ContinuityStatus,
})

export const continuityRemove = defineRequest({
  name: 'continuity.remove',
  method: 'DELETE',
  path: '/api/admin/continuity/computers/:node',
  access: 'hub owner',
  requiresReauthentication: true,
  summary:
    'Stops a computer from following this hub. It keeps what it has. A computer that has the deciding vote cannot be removed; a standby can once the vote was given to the hub.',
  input: OneComputer,
  output: ContinuityStatus,
})

export const continuityHandover = defineRequest({
  name: 'continuity.handover',
  method: 'POST',
  path: '/api/admin/continuity/handover',
  access: 'hub owner',
  requiresReauthentication: true,
  summary:
    'Gives the hub to the standby that is in step. The result says which computer is the hub now; sockets get `bye` with the code `moved`.',
  input: EmptyObject,
  output: Type.Object({ node: Node }, strict),
})

export const continuityGoOn = defineRequest({
  name: 'continuity.goOn',
  method: 'POST',
  path: '/api/admin/continuity/go-on',
  access: 'hub owner',
  // all sockets end before its result
  transport: 'http',
  summary:
    'Ends the waiting of a hub (`safety: waiting`): it goes on alone, in a new epoch. If the standby has become the hub meanwhile, there are two until they meet. It takes the password itself, since nothing can be written before.',
  input: Type.Object({ current: Type.String({ minLength: 1, maxLength: 1024 }) }, strict),
  output: ContinuityStatus,
})

const OneSetAside = Type.Object({ node: Node, folder: Folder }, strict)

export const continuityReclaim = defineRequest({
  name: 'continuity.reclaim',
  method: 'POST',
  path: '/api/admin/continuity/computers/:node/set-aside/:folder/reclaim',
  access: 'hub owner',
  requiresReauthentication: true,
  summary:
    'Starts to bring back the messages that only this folder has: each once, as its author sent it, at the end of its chat. `continuity.status` says how far it is.',
  input: OneSetAside,
  output: ContinuityStatus,
})

export const continuityDiscard = defineRequest({
  name: 'continuity.discard',
  method: 'DELETE',
  path: '/api/admin/continuity/computers/:node/set-aside/:folder',
  access: 'hub owner',
  requiresReauthentication: true,
  summary: 'Deletes what a computer has set aside, for good.',
  input: OneSetAside,
  output: ContinuityStatus,
})

export const continuityVote = defineRequest({
  name: 'continuity.vote',
  method: 'PUT',
  path: '/api/admin/continuity/vote',
  access: 'hub owner',
  requiresReauthentication: true,
  summary:
    'Says who goes on if hub and standby lose each other: `hub`, `standby`, or the node of a third computer. Only while a standby is in step.',
  input: Type.Object({ tie: Type.String({ minLength: 1, maxLength: 64 }) }, strict),
  output: ContinuityStatus,
})

export const continuitySync = defineRequest({
  name: 'continuity.sync',
  method: 'PUT',
  path: '/api/admin/continuity/sync',
  access: 'hub owner',
  requiresReauthentication: true,
  summary:
    'Says if the hub waits for its standby before it acknowledges. With `off` it does not: messages of the last moment may be lost if its computer fails, and the standby does not go on by itself. Refused while the standby has the deciding vote, or while a third computer has it and is away.',
  input: Type.Object({ sync: Type.Union([Type.Literal('on'), Type.Literal('off')]) }, strict),
  output: ContinuityStatus,
})
