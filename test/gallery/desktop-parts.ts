// Scenes of the desktop app's own pages, with a shell whose answers are fixed.
import { html, render } from 'lit'
import type { ConnectivityFinding } from '../../shared/connectivity.ts'
import type {
  DesktopSettings,
  HostedVote,
  HostSettings,
  HostStatus,
  HubbubDesktop,
  HubInfo,
} from '../../shared/desktop.ts'
import type { Desktop } from '../../renderer/desktop/desktop.ts'
import '../../renderer/desktop/hb-computer-page.ts'
import '../../renderer/desktop/hb-hosting.ts'
import '../../renderer/desktop/hb-identity-changed.ts'
import '../../renderer/desktop/hb-invite-others.ts'
import '../../renderer/desktop/hb-join-hub.ts'
import '../../renderer/desktop/hb-other-hubs.ts'
import '../../renderer/desktop/hb-rail.ts'
import '../../renderer/desktop/hb-reachability.ts'
import '../../renderer/desktop/hb-start-hub.ts'
import '../../renderer/desktop/hb-welcome.ts'
import { signal } from '../../renderer/signals/signal.ts'
import { fill, press } from './acts.ts'
import { drawn, partRoot, show } from './part.ts'

/** A hash of 32 bytes in base64url. */
const id = (letter: string): string => `${letter.repeat(42)}A`
const unsubscribe = (): void => undefined

const infos: readonly HubInfo[] = (['online', 'online', 'offline', 'changed'] as const).map((state, at) => ({
  ...{ id: id('ABCD'.charAt(at)), name: ['Harbour', 'Kitchen', 'Yard', 'Garden'][at] ?? '', state },
  ...{ addresses: [`192.168.1.${20 + at}:7788`], trust: 'pinned' as const, problem: undefined },
  ...{ presented: state === 'changed' ? id('E') : undefined, unread: at === 1 ? 12 : 0, mentions: 0 },
  isHosted: at === 0,
}))

const status: HostStatus = {
  ...{ state: 'running', isAnnounced: true, hubId: id('A'), name: 'Harbour', port: 7788, connectedUsers: 3 },
  addresses: [
    { host: '192.168.1.20', network: 'Ethernet' },
    { host: 'harbour.local', network: 'Ethernet' },
  ],
  isSetUp: true,
}
const hosting: HostSettings = {
  ...{ dataDir: '/home/kim/.local/share/Hubbub/hub', port: 7788, lan: true, interfaces: [], announce: true },
  ...{ browsers: true, startWithApp: true, keepAwake: true },
}
const settings: DesktopSettings = {
  ...{ keepUnprotected: false, closeToTray: true, startWithComputer: true, spellCheck: true },
  ...{ notifications: 'mentions', sounds: true, showsText: true, quietUntil: 0, checkUpdates: true },
}
const finding = (
  code: ConnectivityFinding['code'],
  level: ConnectivityFinding['level'],
  commands: string[] = [],
): ConnectivityFinding => ({
  code,
  level,
  platform: 'linux',
  values: { via: 'tun0', port: '7788' },
  commands,
})
const findings = [
  finding('fine-here', 'ok'),
  finding('firewall-asks', 'hint', ['sudo ufw allow 7788/tcp']),
  finding('vpn-too', 'hint'),
  finding('firewall-blocks', 'problem'),
]

const shell = {
  apiVersion: 1,
  platform: 'linux',
  region: 'GB',
  hubs: {
    list: async () => [infos[1], infos[2]],
    onChange: () => unsubscribe,
    look: async (address: string) => ({ address, trust: 'pinned', fingerprint: id('E') }),
  },
  host: {
    status: async () => status,
    settings: async () => hosting,
    networks: async () => status.addresses,
    onStatus: () => unsubscribe,
    checkReachable: async () => findings,
    invite: async () => ({
      url: 'https://192.168.1.20:7788/join#0123456789abcdef',
      link: 'hubbub://join?a=192.168.1.20:7788&f=AAAA&i=0123456789abcdef',
      fingerprint: id('A'),
    }),
  },
  discovery: {
    watch: (run: Parameters<HubbubDesktop['discovery']['watch']>[0]) => {
      run([
        { id: id('E'), name: 'Boat house', addresses: ['192.168.1.30'], port: 7788 },
        { id: id('B'), name: 'Kitchen', addresses: ['192.168.1.21'], port: 7788 },
      ])
      return unsubscribe
    },
  },
  settings: { get: async () => settings },
  app: {
    info: async () => ({
      ...{ version: '0.1.0', platform: 'linux', electron: '43.0.0', dataDir: '/home/kim' },
      secretProtection: 'protected',
    }),
    ready: () => undefined,
  },
  on: () => unsubscribe,
} as unknown as HubbubDesktop

/** The whole frame, as in the app. */
async function showPage(page: unknown): Promise<void> {
  Object.assign(globalThis, { hubbub: shell })
  render(page, document.body)
}

const { host, hubs, discovery } = shell
const front = signal<unknown>(undefined)
const rail = infos.map((info) => ({
  id: info.id,
  info: signal(info),
  unread: signal(info.unread),
  mentions: signal(0),
}))
const desktop = { hubs: signal(rail), front, shell } as unknown as Desktop

/**
 * A hub that can move here; then a copy on its way; then a standby that has everything, on a computer that also votes; then one
 * that has lost the hub.
 */
function showOtherHubs(): Promise<void> {
  const own = rail.slice(1, 2)
  const words = ['amber', 'lantern', 'orbit', 'velvet', 'cactus', 'ribbon', 'summit', 'pepper']
  const copied = { received: 1_234_000_000, bytes: 3_400_000_000 }
  const report = { isConnected: true, isInStep: false, canTakeOver: false, missingFiles: 0 }
  const lost = { isConnected: false, isInStep: true, canTakeOver: true, lostAt: Date.UTC(2026, 10, 30, 12) }
  const standby: HostStatus = {
    state: 'running',
    hubId: id('A'),
    name: 'Harbour',
    isStandby: true,
    canLeave: true,
  }
  const vote: HostedVote = {
    ...{ state: 'running', hubName: 'Garden', decision: 'hub' },
    computers: [
      { name: 'Ann’s computer', role: 'hub', isConnected: true },
      { name: 'Ben’s computer', role: 'standby', isConnected: false },
    ],
  }
  const statuses: HostStatus[] = [
    status,
    { ...standby, words, following: { ...report, copied, problem: 'The hub has no room for a copy.' } },
    { ...standby, vote, following: { ...report, isInStep: true } },
    { ...standby, following: { ...report, ...lost } },
  ]
  return showPage(
    html`<main>
      <h1>Part</h1>
      ${statuses.map(
        (one, at) =>
          html`<hb-other-hubs .host=${host} .status=${one} .ownHubs=${at === 0 ? own : []}></hb-other-hubs>`,
      )}
    </main>`,
  )
}

function showHosting(changes: Partial<HostStatus> = {}): Promise<void> {
  const its = { ...host, status: async () => ({ ...status, ...changes }) }
  return showPage(html`<hb-hosting .host=${its} .settings=${shell.settings}></hb-hosting>`)
}

/** The first step of a join without an invite: the hub that responds shows its fingerprint. */
async function showCompare(): Promise<void> {
  await showPage(html`<hb-join-hub .hubs=${hubs} .discovery=${discovery}></hb-join-hub>`)
  await fill('Invite link or address', '192.168.1.30:7788')
  await press('Continue')
}

/** By the id of the scene. */
export const desktopParts: Readonly<Record<string, () => Promise<unknown>>> = {
  welcome: () => showPage(html`<hb-welcome .hubs=${hubs} .discovery=${discovery}></hb-welcome>`),
  'welcome-narrow': () => showPage(html`<hb-welcome .hubs=${hubs} .discovery=${discovery}></hb-welcome>`),
  join: () => showPage(html`<hb-join-hub .hubs=${hubs} .discovery=${discovery}></hb-join-hub>`),
  start: () => showPage(html`<hb-start-hub .host=${host}></hb-start-hub>`),
  'invite-others': () =>
    showPage(
      html`<main>
        <hb-invite-others .host=${host} .status=${status} hubName="Harbour"></hb-invite-others>
      </main>`,
    ),
  'other-hubs': showOtherHubs,
  'other-hubs-narrow': showOtherHubs,
  'welcome-wide': () => showPage(html`<hb-welcome .hubs=${hubs} .discovery=${discovery}></hb-welcome>`),
  'join-narrow': () => showPage(html`<hb-join-hub .hubs=${hubs} .discovery=${discovery}></hb-join-hub>`),
  'join-compare': showCompare,
  'join-different': async () => {
    await showCompare()
    await press('The words are different')
  },
  hosting: () => showHosting(),
  'hosting-narrow': () => showHosting(),
  'hosting-wide': () => showHosting(),
  'hosting-none': () =>
    showHosting({ state: 'stopped', hubId: undefined, name: undefined, addresses: [], isSetUp: false }),
  'hosting-stopped': () => showHosting({ state: 'stopped', connectedUsers: 0 }),
  'hosting-failed': () =>
    showHosting({ state: 'crashed', problem: 'The disk is full. Free up space, then start the hub again.' }),
  'hosting-hanging': () => showHosting({ isHanging: true }),
  computer: () => showPage(html`<hb-computer-page></hb-computer-page>`),
  'identity-changed': () =>
    showPage(html`<hb-identity-changed .desktop=${desktop} .info=${infos[3]}></hb-identity-changed>`),
  connectivity: async () => {
    await show(
      html`<h2>Can others connect?</h2>
        <hb-reachability .host=${host}></hb-reachability>`,
    )
    const root = await drawn(() => partRoot().querySelector('hb-reachability')?.shadowRoot)
    ;(await drawn(() => root.querySelector('button'))).click()
    await drawn(() => root.querySelector('code, li'))
  },
  rail: () => {
    front.value = rail[0]
    return show(html`<hb-rail style="block-size: 320px" .desktop=${desktop}></hb-rail>`)
  },
}
