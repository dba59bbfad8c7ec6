export const desktopText = {
  'welcome.title': 'Where does your team talk?',
  'welcome.lead':
    'Hubbub needs no server. One of your team’s computers is the hub, and the others connect to it over your own network.',
  'welcome.join': 'Join a hub',
  'welcome.joinHint': 'Someone on your team has started one, or sent you an invite.',
  'welcome.start': 'Start a hub on this computer',
  'welcome.startHint':
    'Your team’s messages are stored here. Keep this computer on whenever people want to talk.',

  'start.title': 'Start a hub',
  'start.lead': 'You will own it. Others can join as soon as you invite them.',
  'start.network':
    'Your system may ask whether Hubbub may use the network. Allow it, or others can’t find your hub.',
  'start.action': 'Start the hub',
  'start.hub': 'Starting the hub',
  'start.account': 'Creating your account',
  'start.open': 'Logging you in',
  'start.working': 'Starting {hub}',
  'start.ownedText':
    '{hub} is stored here and has an owner. Open it and log in, or choose another folder for a new one.',

  'inviteOthers.title': 'Invite your team',
  'inviteOthers.lead':
    'Send this link to the people who should join {hub}. It works for 20 people and 7 days.',
  'inviteOthers.making': 'Creating…',
  'inviteOthers.app': 'Link for the Hubbub app',
  'inviteOthers.copyApp': 'Copy link for the app',
  'inviteOthers.copyBrowser': 'Copy link for a browser',
  'inviteOthers.copyFailed': 'Could not copy. Select the link and copy it yourself.',
  'inviteOthers.qr': 'The invite link as a QR code',
  'inviteOthers.byHand': 'Join without a link',
  'inviteOthers.find': 'In the app, they choose “Join a hub” and find {hub} by name, or type its address:',
  'inviteOthers.findQuiet': 'In the app, they choose “Join a hub” and type the address:',
  'inviteOthers.words': 'They compare these words before they join:',
  'inviteOthers.noAddress':
    'This computer isn’t on a network, so the links work only here. Connect it by cable or Wi-Fi, and they change.',
  'inviteOthers.closed': 'Only this computer can reach this hub now, so the links work only here.',
  'inviteOthers.open': 'Let others on the network connect',
  'inviteOthers.opening': 'Opening…',
  'inviteOthers.cannot': 'Someone can’t connect?',
  'inviteOthers.done': 'Open {hub}',

  'fingerprint.label': 'The hub’s fingerprint in words',
  'fingerprint.hex': 'As browsers show it',

  'join.title': 'Join a hub',
  'join.lead': 'Paste your invite, or choose a hub on your network.',
  'join.where': 'Invite link or address',
  'join.whereHint': 'An address looks like 192.168.1.20:7788.',
  'join.needWhere': 'Paste an invite link, or type the address of a hub.',
  'join.badLink': 'This invite link is incomplete. Copy the whole link, or ask for a new one.',
  'join.standbyLink': 'This link is for a standby computer. Paste it under “Hosting” instead.',
  'join.next': 'Continue',
  'join.busy': 'Connecting…',
  'join.near': 'Hubs on your network',
  'join.looking': 'Searching…',
  'join.none':
    'No hubs found yet. The hub’s computer must be switched on and on the same network as this one.',
  'join.known': 'Already in your list',
  'join.openKnown': 'Open {hub}, {state}',
  'join.chosen': 'Join {hub}, {address}',

  'compareFingerprint.title': 'Is this the right hub?',
  'compareFingerprint.lead':
    'Anyone can call a hub “{hub}”. Ask someone on your team, or look at the hub’s computer under “Hosting”. The words there must be the same.',
  'compareFingerprint.leadPlain':
    'Ask someone on your team, or look at the hub’s computer under “Hosting”. The words there must be the same.',
  'compareFingerprint.same': 'The words are the same',
  'compareFingerprint.differ': 'The words are different',
  'compareFingerprint.at': 'Found at {address}',
  'identityChanged.title': 'This is a different hub',
  'identityChanged.text':
    'The hub at {address} is not the one you want to join. Nothing was sent to it. Ask the owner of your hub for a new invite link.',
  'identityChanged.invite':
    'The hub at this address is not the one that invited you. Nothing was sent to it. Ask for a new invite link.',
  'invited.title': 'You’re invited',
  'invited.lead': 'The link leads to a hub at {address}.',
  'invited.join': 'Join this hub',

  'hosting.title': 'Hosting',
  'hosting.lead': 'The hub on this computer: who can connect and how it runs.',
  'hosting.running': 'Running',
  'hosting.standby': 'Standby: follows the hub, and can take its place',
  'hosting.standbyAway': 'Standby: not connected to the hub',
  'hosting.standbyAlone': 'This computer is the standby of the hub, and can take its place.',
  'hosting.starting': 'Starting…',
  'hosting.hanging': 'Not responding',
  'hosting.hangingText':
    'The hub has not responded for a while, so nobody can use it. Restart it. If this lasts, Hubbub restarts it by itself.',
  'hosting.stopping': 'Stopping…',
  'hosting.stopped': 'Stopped',
  'hosting.comesBack': 'Restarting',
  'hosting.down': 'Not running',
  'hosting.people': { one: 'one other person is connected', other: '{count} others are connected' },
  'hosting.notSetUp': 'it has no owner yet',
  'hosting.setUp': 'Set it up',
  'hosting.nobody': 'no one else is connected',
  'hosting.start': 'Start',
  'hosting.stop': 'Stop',
  'hosting.restart': 'Restart',
  'hosting.stopTitle': 'Stop {hub}?',
  'hosting.stopText': {
    one: 'One person is connected. They can’t reach the others until you start it again. Nothing is lost.',
    other:
      '{count} people are connected. They can’t reach each other until you start it again. Nothing is lost.',
  },
  'hosting.stopMoves':
    '{standby} becomes the hub, and your team goes on there. When you start the hub here again, this computer is its standby.',
  'hosting.moved':
    'Another program uses port {from}, so the hub now uses port {to}. The app finds it by itself. Browsers and older invite links need the new address.',
  'hosting.noHub': 'No hub yet',
  'hosting.unnamed': 'Your hub',
  'hosting.noHubText': 'Start one for your team in less than a minute.',
  'hosting.addresses': 'Addresses',
  'hosting.fingerprint': 'Fingerprint',
  'hosting.invite': 'Invite people…',
  'hosting.network': 'Network',
  'hosting.lan': 'Who can connect?',
  'hosting.lanYes': 'Anyone on your network',
  'hosting.lanYesHint': 'Encrypted. Only people with an account can read.',
  'hosting.lanNo': 'This computer only',
  'hosting.lanNoHint': 'For trying it out.',
  'hosting.on': 'Which networks',
  'hosting.all': 'All networks',
  'hosting.only': 'Only {network}',
  'hosting.announce': 'Show the hub’s name on the network',
  'hosting.announceHint': 'People find it under “Join a hub”. Everyone on the network can see the name.',
  'hosting.browsers': 'Allow browsers',
  'hosting.browsersHint':
    'For people who can’t install the app. Their browser warns about the certificate once.',
  'hosting.port': 'Port',
  'hosting.portHint': 'Others use it to reach the hub. Change it only if another program needs it.',
  'hosting.badPort': 'A port is a number from 1024 to 65535.',
  'hosting.change': 'Change',
  'hosting.computer': 'This computer',
  'hosting.withApp': 'Start the hub when Hubbub opens',
  'hosting.withAppHint': 'The hub runs whenever the app is open.',
  'hosting.autostart': 'Start Hubbub with the computer',
  'hosting.autostartHint': 'In the background, without a window.',
  'hosting.awake': 'Keep awake while others are connected',
  'hosting.awakeHint': 'The screen may turn off. When no one is connected, the computer sleeps as usual.',
  'hosting.data': 'Data folder',
  'hosting.dataHint': 'Messages, files and the hub’s key.',
  'hosting.choose': 'Choose folder…',
  'hosting.backUp': 'Back up…',
  'hosting.backingUp': 'Backing up…',
  'hosting.backedUp':
    'Backup written and verified: {file}. Keep it safe: anyone who has it can read all messages.',
  'hosting.restore': 'Restore a backup…',
  'hosting.restoring': 'Restoring…',
  'hosting.restored': '{hub} is restored. Log in with the account you had there.',
  'hosting.chosen': 'Now using {dir}.',
  'hosting.log': 'Open log',
  'serverHelp.title': 'Move to a server',
  'serverHelp.lead':
    'If your team outgrows this computer, a server with PostgreSQL can run the hub, with several processes if you like. Every message, file and account comes along.',
  'serverHelp.backUp':
    'Remove its standby if it has one, and stop the hub here. Then press “Back up…” above, and copy the file to the server.',
  'serverHelp.restore': 'On the server, with Hubbub and an empty database, restore the file:',
  'serverHelp.start': 'Start the hub there:',
  'serverHelp.address':
    'Give people the new address. Their apps recognise the hub by its key, and send what they had not sent. Do not start the hub here again.',
  'serverHelp.more': 'The file docs/scaling.md of Hubbub has all steps, and the way back.',
  'hosting.check': 'Can others connect?',
  'hosting.checkText': 'Checks this computer’s network and firewall. It changes nothing.',
  'hosting.checkAction': 'Check now',
  'hosting.checking': 'Checking…',
  'hosting.command': 'Run this in a terminal',
  'hosting.commandWin': 'Run this in PowerShell as administrator',

  'connectivity.works': 'Others have connected from another computer. Everything works.',
  'connectivity.fine-here':
    'Everything is fine on this computer, but no one has connected from another one yet.',
  'connectivity.not-running': 'The hub isn’t running.',
  'connectivity.not-running.do': 'Press “Start” above.',
  'connectivity.this-computer-only': 'Only this computer can connect.',
  'connectivity.this-computer-only.do': 'Choose “Anyone on your network” under Network.',
  'connectivity.no-network': 'This computer isn’t on a network that the hub uses.',
  'connectivity.no-network.do':
    'Connect it by cable or Wi-Fi, and check that the network is selected under Network.',
  'connectivity.no-address-given': 'The network did not give this computer an address.',
  'connectivity.no-address-given.do':
    'Computers with the same problem may still connect. Otherwise restart the router, or reconnect the cable.',
  'connectivity.only-vpn':
    'This computer is only on a virtual network ({via}), which your team probably doesn’t use.',
  'connectivity.only-vpn.do': 'Connect it to your team’s network, by cable or Wi-Fi.',
  'connectivity.other-program': 'Another program uses port {port}.',
  'connectivity.other-program.do': 'Choose another port under Network, or close that program.',
  'connectivity.nothing-listens': 'The hub doesn’t respond at its own address.',
  'connectivity.nothing-listens.do': 'Press “Restart”. If that doesn’t help, open the log.',
  'connectivity.firewall-blocks': 'The firewall of this computer blocks all connections.',
  'connectivity.firewall-blocks.win32':
    'Allow Hubbub in the settings of Windows Defender Firewall, or run this:',
  'connectivity.firewall-blocks.win32.alone': 'Allow Hubbub in the settings of Windows Defender Firewall.',
  'connectivity.firewall-blocks.darwin':
    'In System Settings, Network, Firewall: turn off “Block all incoming connections” and allow Hubbub. Or run this:',
  'connectivity.firewall-blocks.darwin.alone':
    'In System Settings, Network, Firewall: turn off “Block all incoming connections” and allow Hubbub.',
  'connectivity.firewall-blocks.linux': 'Open the hub’s port. An administrator of this computer can do this:',
  'connectivity.firewall-blocks.linux.alone':
    'Open the hub’s port in the firewall. An administrator of this computer can do this.',
  'connectivity.firewall-asks': 'The firewall of this computer may block others.',
  'connectivity.firewall-asks.win32':
    'If you did not press “Allow” when Windows asked, allow Hubbub in the settings of Windows Defender Firewall, or run this:',
  'connectivity.firewall-asks.win32.alone':
    'If you did not press “Allow” when Windows asked, allow Hubbub in the settings of Windows Defender Firewall.',
  'connectivity.firewall-asks.darwin':
    'In System Settings, Network, Firewall, check that Hubbub may accept connections. Or run this:',
  'connectivity.firewall-asks.darwin.alone':
    'In System Settings, Network, Firewall, check that Hubbub may accept connections.',
  'connectivity.firewall-asks.linux':
    'The firewall is on, and only an administrator can see its rules. These commands allow the hub:',
  'connectivity.firewall-asks.linux.alone':
    'The firewall is on, and only an administrator can see its rules. Ask one to open the hub’s port.',
  'connectivity.public-network': 'Windows treats this network as public and blocks connections.',
  'connectivity.public-network.do':
    'If it is your own network, make it private in the network settings, or run this:',
  'connectivity.public-network.do.alone':
    'If it is your own network, make it private in the network settings.',
  'connectivity.local-network-permission': 'macOS may block Hubbub on the local network.',
  'connectivity.local-network-permission.do':
    'In System Settings, Privacy & Security, Local Network, turn on Hubbub. Do this on the other Macs too.',
  'connectivity.vpn-too': 'A virtual network ({via}) is connected.',
  'connectivity.vpn-too.do':
    'Some VPNs block everything else. Turn it off to test, here and on the other computer.',
  'connectivity.guest-network': 'The other computer may be on a different network.',
  'connectivity.guest-network.do':
    'Guest networks, and some hotels and offices, keep computers apart. Connect both to the same Wi-Fi, or use a cable.',
  'connectivity.not-announced': 'The hub’s name isn’t visible on the network.',
  'connectivity.not-announced.do':
    'Others join with an invite link or the address. You can change this under Network.',
} as const
