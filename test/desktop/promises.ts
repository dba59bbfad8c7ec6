// The checklist for the first real Electron, as far as programs can work through it: what the app promises, and what
// shows it. `npm run conformance` fills in what ran.

export interface ConformancePromise {
  /** Groups of the checklist. */
  group: string
  promise: string
  /** Full names of specs in test/desktop; all of them must pass. */
  specs?: string[]
  /** The specs exist on the real Electron only. */
  isRealOnly?: true
  /** A line of scripts/first-start.ts, which uses what was packed. */
  packed?: string
  /** Its line where the system does not let it look. */
  unseen?: string
  /** Neither: a user has to look. */
  byHand?: string
}

export const promises: readonly ConformancePromise[] = [
  {
    group: 'Start',
    promise: 'The page is a secure context and keeps its storage',
    specs: ['start > gives the page a secure context, and keeps its storage over a restart'],
  },
  {
    group: 'Start',
    promise: 'The sandbox is asked for before there is a window',
    specs: ['start > asks for the sandbox and the scheme before there is a window'],
  },
  {
    group: 'Start',
    promise: 'Each page runs in a sandbox',
    specs: ['start > runs each page in a sandbox'],
    isRealOnly: true,
  },
  {
    group: 'Start',
    promise: 'The page cannot escape',
    specs: ['the page > has its bridge and nothing else, and cannot escape in any known way'],
  },
  {
    group: 'Start',
    promise: 'A second start shows the first window',
    specs: [
      'the app > runs once per user: a second start shows the first, whose window returns to its place',
    ],
  },
  {
    group: 'The bridge',
    promise: 'Values and errors arrive as they are',
    specs: ['the bridge > hands over values, and errors as plain objects with code and sentence'],
  },
  {
    group: 'The bridge',
    promise: 'A socket without a login closes',
    specs: ['the bridge > closes the socket of a page without a login as if the hub could not be reached'],
  },
  {
    group: 'The hub inside',
    promise: 'The hub has its own process, and ends with the app',
    specs: [
      'the process > runs a hub in a process of its own, which ends with the app even if that is killed',
    ],
  },
  {
    group: 'The hub inside',
    promise: 'It is started, found, joined, killed and moved',
    specs: [
      'a hub on this computer > is started, found, joined, killed, moved, and survives quitting the app',
    ],
  },
  { group: 'The packed app', promise: 'The hub inside reaches its port', packed: 'the hub inside reached' },
  {
    group: 'The packed app',
    promise: 'A picture is decoded, a message sent',
    packed: 'a message with a decoded',
  },
  {
    group: 'The packed app',
    promise: 'Its page runs in a sandbox',
    packed: 'the page runs in a sandbox',
    unseen: 'the sandbox of the page was not looked at',
  },
  {
    group: 'The packed app',
    promise: 'It ends in order',
    packed: 'it ended in order',
    unseen: 'how it ends was not looked at',
  },
  {
    group: 'The scheme',
    promise: 'Methods, bodies and headers pass, tokens and cookies do not',
    specs: ['the scheme > passes methods, bodies, statuses and headers, and neither token nor cookie'],
  },
  {
    group: 'The scheme',
    promise: 'Uploads are the same byte by byte',
    specs: ['the scheme > uploads byte by byte, by fetch and by XMLHttpRequest, around the size of a chunk'],
  },
  {
    group: 'The scheme',
    promise: 'A hundred requests at once are answered',
    specs: ['the scheme > serves a hundred requests at once'],
  },
  {
    group: 'The scheme',
    promise: 'The page reloads, also while it loads',
    specs: [
      'the scheme > serves the page again after a reload, also while it loads, and main keeps its hubs',
    ],
  },
  {
    group: 'The scheme',
    promise: 'Hubs are pinned, and one does not harm another',
    specs: [
      'two hubs in one app, over TLS, each pinned to its own key > run side by side, and a problem of one does not affect the other',
      'two hubs in one app, over TLS, each pinned to its own key > are rejected if their identity changed, and receive nothing',
    ],
  },
  {
    group: 'Ends',
    promise: 'A page that wants to stay is asked about',
    specs: [
      'the window > asks before it leaves a page that wants to stay, and the app goes on if the user stays',
    ],
  },
  {
    group: 'Ends',
    promise: 'A log-out ends the app without a question',
    specs: [
      'a log-out > by SIGTERM ends the app without a question',
      'a log-out > by SIGHUP ends the app without a question',
    ],
  },
  {
    group: 'Ends',
    promise: 'A page that crashed comes back',
    specs: ['the process > reloads a page that crashed'],
  },
  {
    group: 'From outside',
    promise: 'Links and backups that start the app open',
    specs: ['the app > opens the link and the backup that macOS starts it with, before it is ready'],
  },
  {
    group: 'From outside',
    promise: 'A link opens a message after a question',
    specs: [
      'the app > asks before a link opens a message, and opens nothing of a hub that is not in the list',
    ],
  },
  {
    group: 'Hidden',
    promise: 'Started with the computer it has no window',
    specs: [
      'the app > starts with the computer without a window, also one that was maximized, until it is opened',
    ],
  },
  {
    group: 'Notifications',
    promise: 'They are shown, clicked and withdrawn',
    specs: ['notifies about messages for the user, and clears those that are read'],
  },
  {
    group: 'Menu',
    promise: 'Each item does what it says',
    specs: ['the app > performs each menu item, with two hubs, and with one again'],
  },
  {
    group: 'Updates',
    promise: 'The signature of a release is verified',
    specs: ['the process > verifies the signature of a release'],
  },
  {
    group: 'Updates',
    promise: 'A new version from a hub is installed on a press',
    specs: [
      'a new version from a hub > is offered with the name of the hub, and is installed only if the user presses it',
      'a new version from a hub > is not installed if the hub sends other bytes than the signed ones, and the app runs on',
      'a new version from a hub > leaves the app running if it cannot be installed, and the app still ends in order',
    ],
  },
  {
    group: 'By hand',
    promise: 'No calls outside in the first five minutes',
    byHand: 'capture the network with an empty profile',
  },
  {
    group: 'By hand',
    promise: 'Logins survive the key stores',
    byHand: 'GNOME, KDE, Keychain, refused ones',
  },
  { group: 'By hand', promise: 'Sleep and wake', byHand: 'close the lid of a laptop' },
  { group: 'By hand', promise: 'The tray', byHand: 'GNOME, KDE, Windows, macOS' },
  { group: 'By hand', promise: 'Installers', byHand: 'nsis over itself and away, deb on Ubuntu 24.04, dmg' },
]
