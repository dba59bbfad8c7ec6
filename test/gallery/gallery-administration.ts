// What the hub of the gallery responds to administration: each kind of row, and the states that need the owner.
import type { Input, Output, RequestName } from '../../shared/contract.ts'
import type { User } from '../../shared/contract/users.ts'

const minuteMs = 60_000
const dayMs = 24 * 60 * minuteMs
const gib = 1024 ** 3

/** Compiles only with a response of the contract. */
export type Respond = <N extends RequestName>(
  name: N,
  respond: (input: Input<N>) => Output<N> & object,
) => void

interface Team {
  now: number
  me: string
  ann: string
  bob: string
  zoe: string
  user: (id: string) => User
}

const words = ['harbour', 'lemon', 'otter', 'quiet', 'river', 'saddle', 'tulip', 'winter']

export function addAdministration(respond: Respond, team: Team): void {
  addPeople(respond, team)
  addGroups(respond, team)
  addHub(respond, team)
  addBackups(respond, team)
  addStandbys(respond, team)
}

function addPeople(respond: Respond, { now, me, ann, bob, zoe, user }: Team): void {
  respond('admin.users.list', () => ({
    users: [ann, bob, 'u-chidi'].map((id) => ({ user: user(id), presence: 'active' as const, sessions: 1 })),
    more: false,
    total: 3,
  }))
  respond('admin.requests.list', () => ({
    requests: [{ user: user('u-max'), at: now - minuteMs, address: '192.168.1.20' }],
  }))
  respond('admin.invites.list', () => ({
    invites: (['open', 'used', 'expired', 'revoked'] as const).map((state) => ({
      ...{ id: `i-${state}`, role: 'member' as const, state, uses: 5, used: 2, createdBy: user(ann) },
      ...{ createdAt: now - dayMs, expiresAt: now + dayMs, users: [user(bob)] },
    })),
    more: false,
  }))
  respond('admin.invites.create', () => ({
    invite: '0123456789abcdef',
    url: 'https://hub.example/join#0123456789abcdef',
    appLink: 'hubbub://join?a=hub.example&i=0123456789abcdef',
    reach: { others: false, command: 'npm run hub -- --lan' },
  }))
  respond('admin.bots.list', () => ({ bots: [user(zoe)] }))
  respond('admin.audit', () => ({
    rows: [
      {
        ...{ id: 2, at: now, action: 'user.deactivated', by: me, target: bob },
        ...{ byName: 'Kim Novak', targetName: 'Bo' },
      },
      { id: 1, at: now - dayMs, action: 'hub.set-up', by: me, byName: 'Kim Novak' },
    ],
    more: false,
    actions: ['hub.set-up', 'user.deactivated'],
  }))
}

function addGroups(respond: Respond, _team: Team): void {
  respond('admin.groups.list', () => ({
    groups: [
      {
        ...{ id: 'g-kitchen', name: 'Kitchen', visibility: 'public', memberCount: 3 },
        ...{ topic: 'Bread', messages: 312 },
      },
      { id: 'g-cellar', name: 'Cellar', visibility: 'private', memberCount: 2 },
    ],
    more: false,
    total: 2,
  }))
}

function addHub(respond: Respond, { now, bob }: Team): void {
  respond('admin.settings', () => ({
    ...{ hubName: 'Test hub', registration: 'invite', recoveryByQuestion: true, groupMembers: 1000 },
    ...{ fileBytes: 100 * 1024 ** 2, userBytes: 10 * gib, retentionDays: null, teamGroup: null },
  }))
  respond('admin.storage', () => ({
    ...{ database: 48_000_000, journal: 1_200_000, messages: 48_213, users: 12, chats: 31 },
    files: { count: 812, bytes: 3 * gib },
    backups: { count: 3, bytes: 9 * gib },
    disk: { free: 4 * gib, total: 256 * gib },
  }))
  respond('admin.health', () => ({
    ...{ version: '0.1.0', startedAt: now - 3 * dayMs, now, connections: 5 },
    disk: { state: 'attention', free: 4 * gib },
    backup: {
      ...{ state: 'attention', at: now - 9 * dayMs, isScheduled: true, lost: 1 },
      places: [{ path: '/media/usb/hubbub', state: 'away', at: now - 9 * dayMs }],
      rehearsal: { at: now - 9 * dayMs, isGood: true },
    },
    audit: { state: 'bad', brokenAt: 17 },
    clock: { state: 'attention', stepMs: 26 * 60 * minuteMs },
    textBudget: { state: 'attention', reached: [{ userId: bob, name: 'Bo Lindqvist', at: now }] },
    database: { state: 'good' },
    files: { state: 'attention', missing: 2, unknown: 0 },
    activity: {
      ...{ state: 'good', loopMs: 12, commitMs: 8, slow: 1, pointMs: 10 * minuteMs },
      points: Array.from({ length: 12 }, (_, at) => ({
        ...{ at: now - (12 - at) * 10 * minuteMs, connections: 3 + (at % 4), slow: 0, waiting: 0 },
        ...{ operations: 40 * ((at % 5) + 1), deliveries: 300, loopMs: 4 + at, commitMs: 5 },
        memory: 96_000_000 + at * 500_000,
      })),
    },
  }))
}

function addBackups(respond: Respond, { now }: Team): void {
  const [usb, disk] = ['/media/usb/hubbub', '/srv/backups']
  respond('admin.backups', () => ({
    ...{ isOn: true, isFixed: false, time: '03:00', keep: { days: 7, weeks: 4, months: 6 } },
    nextAt: now + dayMs / 2,
    places: [
      { path: usb, state: 'away', at: now - 9 * dayMs, isSameDisk: false },
      { path: disk, state: 'good', at: now - dayMs / 2, isSameDisk: true, free: 4 * gib },
    ],
    points: [
      {
        ...{ id: 'p-2', path: disk, madeAt: now - dayMs / 2, messages: 48_213, files: 812, bytes: 3 * gib },
        ...{ lost: 1, verifiedAt: now - dayMs / 2 },
      },
      {
        ...{ id: 'p-1', path: usb, madeAt: now - 9 * dayMs, messages: 47_002, files: 790, bytes: 3 * gib },
        ...{ lost: 0, verifiedAt: now - 9 * dayMs, problem: 'The file database.sqlite is damaged.' },
      },
    ],
    rehearsal: { at: now - 2 * dayMs, messages: 48_101, ms: 640 },
  }))
}

function addStandbys(respond: Respond, { now }: Team): void {
  const [office, cellar, boat] = ['O', 'C', 'B'].map((letter) => letter.repeat(43)) as [
    string,
    string,
    string,
  ]
  respond('continuity.status', () => ({
    computers: [
      {
        ...{ node: office, name: 'Office', kind: 'standby', words, grantedAt: now - 9 * dayMs },
        ...{ connectedAt: now - dayMs, state: 'inStep', addresses: ['192.168.1.30:7788'] },
        ...{
          isReachable: true,
          power: 'mains',
          free: 80 * gib,
          compared: { at: now - dayMs, differing: [] },
        },
      },
      {
        ...{ node: cellar, name: 'Cellar', kind: 'vote', words, grantedAt: now - 9 * dayMs, state: 'away' },
        ...{ lastSeenAt: now - dayMs, addresses: ['192.168.1.31:7788'] },
      },
    ],
    requests: [
      { node: boat, name: 'Boat', kind: 'standby', address: '192.168.1.32', words, at: now - minuteMs },
    ],
    ...{ safety: 'together', tie: cellar, sync: 'on', isWaiting: false, isHandingOver: false },
    setAside: [
      {
        ...{
          node: office,
          name: 'Office',
          folder: 'diverged-1',
          movedAt: now - dayMs,
          messages: 4,
          people: 2,
        },
        ...{ files: 1, unreachable: 1, other: [{ kind: 'reactions', count: 3 }], isRunning: false },
      },
    ],
  }))
}
