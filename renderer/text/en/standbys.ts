export const standbysText = {
  'standbys.lead':
    'A standby computer has a copy of this hub that is always current. If this computer leaves, the standby is the hub, with the same messages, logins and links.',
  'standbys.none': 'No standby computer yet.',
  'standbys.nobodyIsOwner': 'Only the owner can add and remove computers.',

  'standbys.gone': 'If this computer were gone now',
  'standbys.gone.none': 'The hub would be gone with it.',
  'standbys.gone.filling': '{name} does not have everything yet.',
  'standbys.saved':
    'A backup on another disk has everything until {time}. What was written since would be lost.',
  'standbys.notSaved': 'No backup is on another disk.',
  'standbys.gone.person':
    'Nothing would be lost. An owner or admin would have to make {name} the hub, unless this computer can hand over before it sleeps or shuts down.',
  'standbys.gone.itself':
    'Nothing would be lost. {name} would be the hub after about ten seconds, by itself.',
  'standbys.gone.third': 'Nothing would be lost. {name} would be the hub by itself, since {third} decides.',
  'standbys.gone.thirdAway':
    'Nothing would be lost. {third} decides and is not here, so an owner or admin would have to make {name} the hub.',
  'standbys.gone.async':
    'Messages of the last moment may be lost, since this computer does not wait for {name}. An owner or admin would have to make {name} the hub.',
  'standbys.gone.behind':
    'What was written since {name} had everything would be on this computer only. The apps and pages of your team keep what they sent for seven days, and send it again once {name} is the hub.',

  'standbys.waits': 'Nobody can write now',
  'standbys.waitsForStandby':
    'This hub waits for {name}, which has the vote and cannot be reached. Your team can read. What they write is sent once {name} is back.',
  'standbys.waitsForOne':
    'This hub waits for {name} or {third}, which decides. Neither can be reached. Your team can read. What they write is sent once one of them is back.',
  'standbys.waitsForCopy':
    'This hub waits until {name} has everything. Your team can read. What they write is sent then.',
  'standbys.waitsForOwner': 'If that computer is gone for good, the owner can let the hub go on without it.',
  'standbys.goOn': 'Go on without {name}',
  'standbys.goOnHeading': 'Go on without {name}?',
  'standbys.goOnTwo':
    'Do this only if you know that {name} is off, or gone. This computer cannot see if {name} has become the hub. If it has, your team may write on both computers.',
  'standbys.goOnLoss':
    'When the two meet again, one of them follows the other. What only that one has is kept there, and your team does not see it. You can bring its messages back; reactions, edits, groups and settings stay there.',
  'standbys.goOnAlone':
    'What your team writes from now on is on this computer only, until a standby has everything again.',
  'standbys.goOnCancel': 'Wait',
  'standbys.wentOn': 'The hub goes on without {name}.',

  'standbys.computers': 'Computers',
  'standbys.kind.standby': 'Standby',
  'standbys.kind.vote': 'Decides',
  'standbys.state.inStep': 'Has everything, up to this moment.',
  'standbys.state.behind': { one: 'Is {count} change behind.', other: 'Is {count} changes behind.' },
  'standbys.state.async': 'Follows a moment later. This computer does not wait for it.',
  'standbys.state.following': 'Is catching up.',
  'standbys.state.copying': 'Is being filled with a copy of this hub.',
  'standbys.state.away': 'Has not been here since {time}. What is written now is on this computer only.',
  'standbys.state.awayWaiting':
    'Has not been here since {time}. Nobody can write until it is back, since it goes on if the two lose each other.',
  'standbys.state.awayUndecided':
    'Has not been here since {time}. Nobody can write until it, or the computer that decides, is back.',
  'standbys.state.neverHere': 'Has not been here yet.',
  'standbys.state.voteHere': 'Is here. It stores nothing of this hub.',
  'standbys.state.voteDecides': 'Is here, and has the vote. It stores nothing of this hub.',
  'standbys.state.voteMissing':
    'Is not here, and has the vote. If this computer loses the standby now, nobody can write until one of the two is back.',
  'standbys.state.voteAway': 'Is not here. It stores nothing of this hub.',
  'standbys.unreachable': 'It follows, but others could not reach it there: allow Hubbub in its firewall.',
  'standbys.since': 'Since {time}',
  'standbys.power.mains': 'Mains power',
  'standbys.power.battery': 'On battery',
  'standbys.free': '{free} free',
  'standbys.words': 'Fingerprint: {words}',
  'standbys.compared': 'Compared with the hub, all of it, at {time}: equal.',
  'standbys.differed':
    'Compared with the hub at {time}: not equal ({tables}). {name} copies the hub again. If this happens more than once, check the disks of both computers.',

  'standbys.aside': 'Written on one computer only',
  'standbys.asideLead':
    'A computer went on as the hub while another one became it. What only that computer has is kept there, and your team does not see it.',
  'standbys.asideTag': 'Kept aside',
  'standbys.asideMessages': 'Until {time}: {messages} of {people}.',
  'standbys.asideNone': 'Until {time}: no message that this hub lacks.',
  'standbys.aside.messages': { one: '{count} message', other: '{count} messages' },
  'standbys.aside.authors': { one: '{count} user', other: '{count} users' },
  'standbys.asideFiles': { one: 'With {count} file.', other: 'With {count} files.' },
  'standbys.asideUnreachable': {
    one: '{count} more message stays there: its author is no member of the chat any more, or the chat is gone.',
    other:
      '{count} more messages stay there: their authors are no members of the chat any more, or the chat is gone.',
  },
  'standbys.asideOther': 'Also only there, and not brought back: {what}.',
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
    one: 'Bringing them back… {count} is here.',
    other: 'Bringing them back… {count} are here.',
  },
  'standbys.broughtBack': {
    one: '{count} message was brought back. It is at the end of its chat, with its own time.',
    other: '{count} messages were brought back. They are at the end of their chats, with their own times.',
  },
  'standbys.refusedBack': {
    one: '{count} message could not be brought back.',
    other: '{count} messages could not be brought back.',
  },
  'standbys.asideDelete': 'Delete',
  'standbys.asideDeleteHeading': 'Delete what {name} keeps aside?',
  'standbys.asideDeleteText': 'It frees disk space on {name}. It cannot be undone.',
  'standbys.asideDeleteLoses': {
    one: '{count} message would be lost for good. Bring it back first.',
    other: '{count} messages would be lost for good. Bring them back first.',
  },
  'standbys.asideDeleteAction': 'Delete it',
  'standbys.asideNews': {
    one: '{count} message was written on another computer of this hub only.',
    other: '{count} messages were written on another computer of this hub only.',
  },
  'standbys.asideShow': 'Show',

  'standbys.handOver': 'Hand over now',
  'standbys.handingOver': 'The hub is being handed over…',
  'standbys.handOverHeading': 'Hand the hub over to {name}?',
  'standbys.handOverText':
    'Your team goes on there within a second or two. Apps follow by themselves. This computer becomes the standby.',
  'standbys.handOverAction': 'Hand over to {name}',
  'standbys.handedOver': 'The hub is on {name} now.',
  'standbys.remove': 'Remove',
  'standbys.removeHeading': 'Remove {name}?',
  'standbys.removeText':
    'It stops following this hub, and keeps what it has: all messages, all files and the key of this hub. Delete its data there.',
  'standbys.removeVoteText': 'It no longer decides if the other two computers lose each other.',
  'standbys.removeAction': 'Remove {name}',

  'standbys.requests': 'Waiting for you',
  'standbys.requestFrom': 'From {address}, {ago}. Its fingerprint: {words}',
  'standbys.approve': 'Approve',
  'standbys.approveHeading': 'Let {name} hold everything of this hub?',
  'standbys.approveText':
    '{name} will hold everything of this hub: all messages, private ones too, all files, and the key by which your team recognises it. Anyone who controls that computer can read all of it and could pose as this hub. It cannot be taken away for certain: removing a standby stops it from following, not from having. Its screen must show these words: {words}.',
  'standbys.approveVoteText':
    '{name} will decide which computer goes on if the hub and its standby lose each other. It gets no messages and no files. Its screen must show these words: {words}.',
  'standbys.approveAction': 'Let {name} follow',
  'standbys.approveVoteAction': 'Let {name} decide',
  'standbys.approvedVote': '{name} can decide now. Give it the vote below.',
  'standbys.approved': '{name} follows this hub now.',
  'standbys.decline': 'Decline',

  'standbys.add': 'Add a computer',
  'standbys.addLead':
    'It needs Hubbub, too. In the app there, paste the link under Hosting. Then you approve it here.',
  'standbys.addVote': 'Add a third computer',
  'standbys.addVoteLead':
    'If this computer and the standby lose each other, a third one can decide who goes on, so that nobody has to be there. It stores no messages and no files. Any computer that is always on will do: in the app there, paste the link under Hosting.',
  'standbys.makeCode': 'Create a code',
  'standbys.link': 'Link for the other computer',
  'standbys.linkNote': 'Use this there. It works once, until {time}.',
  'standbys.copy': 'Copy the link',
  'standbys.voteLink': 'Link for the third computer',
  'standbys.command': 'Without the app, run this there:',

  'standbys.vote': 'If the connection between the two computers is lost',
  'standbys.vote.hub': 'This computer goes on',
  'standbys.vote.hubHint':
    'If this computer is the one that failed, someone has to make the other one the hub.',
  'standbys.vote.standby': 'The standby goes on',
  'standbys.vote.standbyHint': 'While the standby is away, nobody can write until it is back.',
  'standbys.vote.third': '{name} decides',
  'standbys.vote.thirdHint': 'The computer that {name} sees goes on by itself. {name} stores nothing.',
  'standbys.sync': 'When a message counts as sent',
  'standbys.sync.on': 'Both computers have it',
  'standbys.sync.onHint': 'Nothing is lost if one of them fails.',
  'standbys.sync.off': 'This computer has it',
  'standbys.sync.offHint':
    'The standby follows a moment later. Messages of the last moment may be lost if this computer fails, and the standby does not go on by itself.',
  'standbys.voteNow': 'The choice can change only while a standby has everything.',
} as const
