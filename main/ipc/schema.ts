// Every request of the page, with the schema of its arguments. The shell rejects everything that is not listed here.
import { Type, type TSchema } from 'typebox'
import type { HubbubDesktop } from '../../shared/desktop.ts'

const strict = { additionalProperties: false } as const
const HubId = Type.String({ pattern: '^[A-Za-z0-9_-]{43}$' })
const Address = Type.String({ minLength: 1, maxLength: 300 })
const Text = (maxLength: number) => Type.String({ maxLength })
const Count = Type.Integer({ minimum: 0, maximum: 1_000_000 })

const HostChanges = Type.Partial(
  Type.Object({
    port: Type.Integer({ minimum: 1, maximum: 65_535 }),
    lan: Type.Boolean(),
    interfaces: Type.Array(Type.String({ minLength: 1, maxLength: 256 }), { maxItems: 64 }),
    announce: Type.Boolean(),
    browsers: Type.Boolean(),
    startWithApp: Type.Boolean(),
    keepAwake: Type.Boolean(),
  }),
  strict,
)

const NewOwner = Type.Object(
  {
    teamName: Text(1024),
    teamGroup: Type.Optional(Text(1024)),
    username: Text(1024),
    displayName: Type.Optional(Text(1024)),
    password: Text(1024),
    securityQuestion: Type.Optional(Text(1024)),
    securityAnswer: Type.Optional(Text(1024)),
  },
  strict,
)

const Settings = Type.Partial(
  Type.Object({
    keepUnprotected: Type.Boolean(),
    closeToTray: Type.Boolean(),
    startWithComputer: Type.Boolean(),
    spellCheck: Type.Boolean(),
    notifications: Type.Union([Type.Literal('mentions'), Type.Literal('all'), Type.Literal('none')]),
    sounds: Type.Boolean(),
    showsText: Type.Boolean(),
    quietUntil: Type.Integer({ minimum: 0 }),
    checkUpdates: Type.Boolean(),
  }),
  strict,
)

export const channels = {
  'hubs.list': [],
  'hubs.look': [Address],
  'hubs.add': [Address, Text(64)],
  'hubs.remove': [HubId],
  'hubs.reorder': [Type.Array(HubId, { maxItems: 200 })],
  'hubs.retry': [HubId],
  'host.status': [],
  'host.start': [Type.Optional(HostChanges)],
  'host.setUp': [NewOwner],
  'host.stop': [],
  'host.restart': [],
  'host.settings': [],
  'host.change': [HostChanges],
  'host.chooseDataDir': [],
  'host.backUp': [],
  'host.restore': [],
  'host.follow': [Text(2000)],
  'host.leave': [Type.Boolean()],
  'host.takeOver': [],
  'host.endVote': [],
  'host.invite': [],
  'host.checkReachable': [],
  'host.networks': [],
  'host.openLog': [],
  'discovery.watch': [],
  'discovery.unwatch': [],
  'shell.setUnread': [Count, Count],
  'shell.testNotify': [],
  'shell.openExternal': [Text(4000)],
  'shell.saveAs': [HubId, Type.String({ pattern: '^/api/', maxLength: 1000 }), Text(300)],
  'settings.get': [],
  'settings.set': [Settings],
  'app.info': [],
  'app.ready': [],
} as const satisfies Record<string, readonly TSchema[]>

export type Channel = keyof typeof channels

/** The type of the page's method for a channel, or undefined if the bridge implements it differently. */
type MethodOf<C extends Channel> = C extends 'discovery.watch'
  ? () => void
  : C extends `${infer N extends keyof HubbubDesktop}.${infer M}`
    ? M extends keyof HubbubDesktop[N]
      ? HubbubDesktop[N][M]
      : () => void
    : never

type HandlerResult<F> = F extends (...args: never[]) => infer R ? Awaited<R> : never

/** The handler of a channel. It receives `undefined` for an argument that the page omits. */
export type Handler<C extends Channel> =
  MethodOf<C> extends (...args: infer A) => unknown
    ? (...args: A) => HandlerResult<MethodOf<C>> | Promise<HandlerResult<MethodOf<C>>>
    : never

export type Handlers = { [C in Channel]: Handler<C> }
