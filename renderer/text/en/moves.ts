/** This computer as the standby or the third computer of a hub, and a hub that moves here. */
export const movesText = {
  'follow.title': 'Standby for another hub',
  'follow.lead':
    'This computer can have a current copy of your team’s hub, and be the hub when the other computer leaves. Or it only decides which of two computers goes on, and stores nothing. The link says which.',
  'follow.link': 'Link for this computer',
  'follow.linkHint': 'The owner of the hub creates it under Administration, Standby computers.',
  'follow.wrongLink': 'This is not such a link. It begins with hubbub://standby.',
  'follow.next': 'Continue',
  'follow.copyHeading': 'Should this computer keep a copy of {hub}?',
  'follow.voteHeading': 'Should this computer vote for {hub}?',
  'follow.unnamedHub': 'this hub',
  'follow.copyText':
    'This computer will hold everything of that hub: all messages, private ones too, all files, and the key by which the team recognises it. It needs as much disk space as the hub. Anyone who controls this computer can read all of it and could pose as the hub. Others on the network can connect to this computer. Nothing has been sent yet.',
  'follow.copyTextInstead':
    'This computer will hold everything of that hub: all messages, private ones too, all files, and the key by which the team recognises it. It needs as much disk space as the hub. Anyone who controls this computer can read all of it and could pose as the hub. Others on the network can connect to this computer. Your own hub here stops; its folder stays as it is. Nothing has been sent yet.',
  'follow.voteText':
    'This computer will decide who goes on if the hub and its standby lose each other, for as long as the app runs. It stores no messages and no files, and does not get the key of the hub. Nothing has been sent yet.',
  'follow.wordsOfHub': 'The hub of the link is at {address}. Its words, which the owner sees under Hosting:',
  'follow.copyAction': 'Keep a copy',
  'follow.voteAction': 'Vote for it',
  'follow.follows': 'This computer follows the hub, and can take its place.',
  'follow.words': 'The owner of the hub has to approve these words:',
  'follow.inStep': 'It has everything, up to this moment.',
  'follow.behind': 'It is catching up.',
  'follow.away': 'The hub does not answer, or has not approved this computer yet.',
  'follow.lost': 'The hub cannot be reached since {time}. This computer has everything until then.',
  'follow.lostBehind': 'The hub cannot be reached since {time}. This computer may lack the newest messages.',
  'follow.gone':
    'The hub cannot be reached. This computer has a copy of it, which may lack the newest messages.',
  'follow.takeOver': 'Make this computer the hub',
  'follow.takeOverHeading': 'Make this computer the hub?',
  'follow.takeOverText':
    'Do this only if the other computer is off, or gone. If it still runs, your team may write on both: what only one of them has is kept there, and you can bring its messages back later. The apps of your team find this computer by themselves, and send again what it lacks.',
  'follow.tookOver': 'This computer is the hub now.',
  'follow.copying': 'Copying: {received} of {bytes}, {percent}%',
  'follow.files': {
    one: '{count} file is still on its way.',
    other: '{count} files are still on their way.',
  },
  'follow.leave': 'Stop following',
  'follow.leaveHeading': 'Stop following this hub?',
  'follow.leaveText':
    'The hub goes on without this copy. What was copied stays in {dir} until you delete it: messages, files and the key of the hub.',

  'vote.title': 'Decides for another hub',
  'vote.for': 'This computer decides for {hub}. It stores nothing of it.',
  'vote.starting': 'It is starting.',
  'vote.crashed': 'It does not run.',
  'vote.both': 'It sees the hub and the standby.',
  'vote.some': 'It sees {seen}, and not {missing}.',
  'vote.nobody':
    'It sees neither the hub nor the standby. The owner of the hub may not have approved it yet.',
  'vote.decision.none': 'Nobody has asked it to decide.',
  'vote.decision.hub': 'It has let the hub go on alone.',
  'vote.decision.standby': 'It has let the standby take the place of the hub.',
  'vote.end': 'Stop deciding',
  'vote.endHeading': 'Stop deciding for {hub}?',
  'vote.endText':
    'If this computer has the deciding vote, ask the owner first to give it to another one: without it no one can post once the hub or the standby fails. This computer forgets the hub.',

  'move.title': 'Move a hub to this computer',
  'move.lead':
    'Your team goes on here, with the same messages, logins and links. The other computer is the hub until this one has everything.',
  'move.hub': 'Hub',
  'move.former': 'The computer that is the hub now',
  'move.former.follows': 'Becomes the standby',
  'move.former.followsHint': 'It keeps a current copy, and can take over again.',
  'move.former.stops': 'Stops',
  'move.former.stopsHint': 'It does not follow. What it has stays there until you delete it.',
  'move.action': 'Move it here',
  'move.finish': 'Make this computer the hub',
  'move.heading': 'Move {hub} to this computer?',
  'move.text':
    'This computer will hold everything of {hub}: all messages, private ones too, all files, and the key by which your team recognises it. It needs as much disk space as the hub. Others on the network can connect to this computer. Your team does not notice, apart from a second or two at the end.',
  'move.textInstead':
    'This computer will hold everything of {hub}: all messages, private ones too, all files, and the key by which your team recognises it. It needs as much disk space as the hub. Others on the network can connect to this computer. Your own hub here stops; its folder stays as it is. Your team does not notice, apart from a second or two at the end.',
  'move.moving': 'Moving {hub} to this computer',
  'move.step.joining': 'This computer joins the hub',
  'move.step.copying': 'It gets everything',
  'move.step.handing': 'The hub is handed over',
  'move.step.finishing': 'The other computer stops',
  'move.cancel': 'Cancel the move',
  'move.cancelling': 'Cancelling…',
  'move.cancelled': 'The move was cancelled. {hub} is where it was, and nothing of it is left here.',
  'move.done': '{hub} is on this computer now.',
  'move.failed': 'The move did not work. {hub} is where it was.',
  'move.unclear': 'It is not known yet where {hub} is.',
  'move.stopped': 'The move has stopped. {hub} is where it was, and this computer is its standby.',
  'move.otherStandby':
    '{name} is the standby of this hub. Remove it first, or hand the hub over to it, under Administration, Standby computers.',
  'move.notAsked': 'The hub has not seen this computer ask. Try again.',
  'move.removed': 'This computer was removed from the hub.',
  'move.unreachable':
    'Others cannot reach this computer: allow Hubbub in its firewall, then press “Make this computer the hub”.',
  'move.notTaken':
    'This computer has not taken the hub within half a minute. Look under Administration, Standby computers, which one is the hub.',
  'move.formerStays': 'The other computer still follows. Remove it under Administration, Standby computers.',
} as const
