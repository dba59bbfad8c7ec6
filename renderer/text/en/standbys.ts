export const standbysText = {
  'standbys.lead':
    'A standby computer keeps an up-to-date copy of this hub. If the hub’s computer fails, the standby becomes the hub, with the same messages, logins and links.',
  'standbys.none': 'No standby computers yet.',
  'standbys.nobodyIsOwner': 'Only the owner can add and remove computers.',

  'standbys.gone': 'If the hub’s computer failed now',
  'standbys.gone.none': 'The hub would be lost.',
  'standbys.gone.filling': '{name} doesn’t have everything yet.',
  'standbys.saved':
    'A backup on another disk has everything until {time}. What was written since would be lost.',
  'standbys.notSaved': 'No backup is on another disk.',
  'standbys.gone.person':
    'Nothing would be lost. Someone would have to make {name} the hub at that computer, unless the hub is handed over before its computer sleeps or shuts down.',
  'standbys.gone.itself':
    'Nothing would be lost. {name} would become the hub by itself after about ten seconds.',
  'standbys.gone.third':
    'Nothing would be lost. {name} would become the hub by itself, because {third} decides.',
  'standbys.gone.thirdAway':
    'Nothing would be lost. {third} decides but isn’t connected, so someone would have to make {name} the hub at that computer.',
  'standbys.gone.async':
    'The newest messages could be lost, because the hub doesn’t wait for {name}. Someone would have to make {name} the hub at that computer.',
  'standbys.gone.unreachable':
    '{name} has everything, but your team couldn’t connect to it there. Allow Hubbub in its firewall.',
  'standbys.gone.behind':
    '{name} doesn’t have the newest messages. Your team’s apps and browsers keep what they sent for seven days, and send it again once {name} is the hub.',

  'standbys.waits': 'No one can post now',
  'standbys.waitsForStandby':
    'This hub waits for {name}, which has the deciding vote and cannot be reached. Your team can read. What they write is sent once {name} is back.',
  'standbys.waitsForOne':
    'This hub waits for {name} or {third}, which decides. Neither can be reached. Your team can read. What they write is sent once one of them is back.',
  'standbys.waitsForCopy':
    'This hub waits until {name} has everything. Your team can read. What they write is sent then.',
  'standbys.waitsForOwner': 'If that computer is gone for good, the owner can let the hub go on without it.',
  'standbys.goOn': 'Go on without {name}',
  'standbys.goOnHeading': 'Go on without {name}?',
  'standbys.goOnTwo':
    'Do this only if you know that {name} is off, or gone. This hub cannot see if {name} has taken its place. If it has, your team may write on both computers.',
  'standbys.goOnLoss':
    'When the two meet again, one of them follows the other. What only that one has is kept there, and your team does not see it. You can bring its messages back; reactions, edits, groups and settings stay there.',
  'standbys.goOnAlone':
    'What your team writes from now on is on the hub’s computer only, until a standby has everything again.',
  'standbys.goOnCancel': 'Wait',
  'standbys.wentOn': 'The hub goes on without {name}.',

  'standbys.computers': 'Computers',
  'standbys.kind.standby': 'Standby',
  'standbys.kind.vote': 'Decides',
  'standbys.state.inStep': 'Up to date.',
  'standbys.state.behind': { one: '{count} change behind.', other: '{count} changes behind.' },
  'standbys.state.async': 'Follows a moment later. The hub doesn’t wait for it.',
  'standbys.state.following': 'Catching up.',
  'standbys.state.copying': 'Receiving a copy of this hub.',
  'standbys.state.away': 'Not connected since {time}. New messages are stored on the hub’s computer only.',
  'standbys.state.awayWaiting':
    'Not connected since {time}. No one can post until it is back, because it goes on as the hub when the connection is lost.',
  'standbys.state.awayUndecided':
    'Not connected since {time}. No one can post until it, or the computer with the deciding vote, is back.',
  'standbys.state.neverHere': 'Has never connected.',
  'standbys.state.voteHere': 'Connected. It stores nothing of this hub.',
  'standbys.state.voteDecides': 'Connected, and has the deciding vote. It stores nothing of this hub.',
  'standbys.state.voteMissing':
    'Not connected, and has the deciding vote. If the hub loses the standby now, no one can post until one of the two is back.',
  'standbys.state.voteAway': 'Not connected. It stores nothing of this hub.',
  'standbys.unreachable':
    'It follows the hub, but others couldn’t connect to it. Allow Hubbub in its firewall.',
  'standbys.since': 'Since {time}',
  'standbys.power.mains': 'Mains power',
  'standbys.power.battery': 'On battery',
  'standbys.free': '{free} free',
  'standbys.words': 'Fingerprint: {words}',
  'standbys.compared': 'Compared with the hub at {time}: identical.',
  'standbys.differed':
    'Compared with the hub at {time}: different ({tables}). {name} copies the hub again. If this happens more than once, check the disks of both computers.',

  'standbys.aside': 'Written on one computer only',
  'standbys.asideLead':
    'Two computers were the hub at the same time. What only one of them has is kept there, and your team can’t see it.',
  'standbys.asideTag': 'Set aside',
  'standbys.asideMessages': '{messages} by {people}, written until {time}.',
  'standbys.asideNone': 'Written until {time}: no messages that this hub doesn’t have.',
  'standbys.aside.messages': { one: '{count} message', other: '{count} messages' },
  'standbys.aside.authors': { one: '{count} person', other: '{count} people' },
  'standbys.asideFiles': { one: 'With {count} file.', other: 'With {count} files.' },
  'standbys.asideUnreachable': {
    one: '{count} more message stays there, because its author left the chat or the chat was deleted.',
    other: '{count} more messages stay there, because their authors left the chat or the chat was deleted.',
  },
  'standbys.asideOther': 'Not brought back: {what}.',
  'standbys.aside.reactions': { one: '{count} change of reactions', other: '{count} changes of reactions' },
  'standbys.aside.edits': { one: '{count} edit', other: '{count} edits' },
  'standbys.aside.deletions': { one: '{count} deletion', other: '{count} deletions' },
  'standbys.aside.pins': { one: '{count} change of pins', other: '{count} changes of pins' },
  'standbys.aside.groups': { one: '{count} change of groups', other: '{count} changes of groups' },
  'standbys.aside.people': { one: '{count} change of accounts', other: '{count} changes of accounts' },
  'standbys.aside.settings': { one: '{count} change of settings', other: '{count} changes of settings' },
  'standbys.aside.uploads': {
    one: '{count} file that was not sent',
    other: '{count} files that were not sent',
  },
  'standbys.bringBack': 'Bring them back',
  'standbys.bringing': {
    one: 'Bringing them back… {count} so far.',
    other: 'Bringing them back… {count} so far.',
  },
  'standbys.broughtBack': {
    one: '{count} message was brought back. It is at the end of its chat, with its original time.',
    other:
      '{count} messages were brought back. They are at the end of their chats, with their original times.',
  },
  'standbys.refusedBack': {
    one: '{count} message could not be brought back.',
    other: '{count} messages could not be brought back.',
  },
  'standbys.asideDelete': 'Delete',
  'standbys.asideDeleteHeading': 'Delete what {name} set aside?',
  'standbys.asideDeleteText': 'This frees disk space on {name}. You can’t undo it.',
  'standbys.asideDeleteLoses': {
    one: '{count} message would be deleted permanently. Bring it back first.',
    other: '{count} messages would be deleted permanently. Bring them back first.',
  },
  'standbys.asideDeleteAction': 'Delete it',

  'standbys.handOver': 'Hand over now',
  'standbys.handingOver': 'The hub is being handed over…',
  'standbys.handOverHeading': 'Hand the hub over to {name}?',
  'standbys.handOverText':
    'Your team continues there within a second or two. Apps switch by themselves. The computer that is the hub now becomes the standby.',
  'standbys.handOverAction': 'Hand over to {name}',
  'standbys.handedOver': 'The hub is on {name} now.',
  'standbys.remove': 'Remove',
  'standbys.removeHeading': 'Remove {name}?',
  'standbys.removeText':
    'It stops following this hub, but keeps what it has: all messages, all files and the hub’s key. Delete its data there.',
  'standbys.removeVoteText': 'It no longer decides when the other two computers lose their connection.',
  'standbys.removeAction': 'Remove {name}',

  'standbys.requests': 'Waiting for your approval',
  'standbys.requestFrom': 'From {address}, {ago}. Its fingerprint: {words}',
  'standbys.approve': 'Approve',
  'standbys.approveHeading': 'Let {name} store everything on this hub?',
  'standbys.approveText':
    '{name} will store everything on this hub: all messages, including private ones, all files, and the hub’s key. Anyone who controls that computer can read all of it and could pose as this hub. You can’t fully take this back: a standby that you remove stops following, but keeps what it has. Its screen must show these words: {words}.',
  'standbys.approveVoteText':
    '{name} will decide which computer goes on if the hub and its standby lose their connection. It gets no messages and no files. Its screen must show these words: {words}.',
  'standbys.approveAction': 'Let {name} follow',
  'standbys.approveVoteAction': 'Let {name} decide',
  'standbys.approvedVote': '{name} was added. Give it the deciding vote below.',
  'standbys.approved': '{name} now follows this hub.',
  'standbys.decline': 'Decline',

  'standbys.add': 'Add a computer',
  'standbys.addLead': 'Open Hubbub there, and paste the link under Hosting. Then approve the computer here.',
  'standbys.addVote': 'Add a third computer',
  'standbys.addVoteLead':
    'If the hub and the standby lose their connection, a third computer can decide which of them goes on, so that no one has to step in. It stores no messages and no files. Any computer that is always on will do: in the app there, paste the link under Hosting.',
  'standbys.makeLink': 'Create link',
  'standbys.link': 'Link for the other computer',
  'standbys.linkNote': 'Use this there. It works once, until {time}.',
  'standbys.copy': 'Copy link',
  'standbys.voteLink': 'Link for the third computer',
  'standbys.command': 'Without the app, run this there:',

  'standbys.vote': 'If the connection between the two computers is lost',
  'standbys.vote.hub': 'The hub goes on',
  'standbys.vote.hubHint':
    'If the hub is the one that failed, someone has to make the standby the hub: in the app there, under Hosting.',
  'standbys.vote.standby': 'The standby goes on',
  'standbys.vote.standbyHint': 'While the standby isn’t connected, no one can post.',
  'standbys.vote.third': '{name} decides',
  'standbys.vote.thirdHint': 'The computer that {name} can reach goes on by itself. {name} stores nothing.',
  'standbys.sync': 'When a message counts as sent',
  'standbys.sync.on': 'Both computers have it',
  'standbys.sync.onHint': 'Nothing is lost if one of them fails.',
  'standbys.sync.off': 'The hub’s computer has it',
  'standbys.sync.offHint':
    'The standby follows a moment later. If the hub’s computer fails, the newest messages may be lost, and the standby doesn’t take over by itself.',
  'standbys.voteNow': 'You can change this only while a standby is up to date.',
} as const
