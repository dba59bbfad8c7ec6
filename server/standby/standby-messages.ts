import { frameTypes } from '../continuity/frame.ts'
import type { Message } from '../continuity/rule-types.ts'
import type { Stream } from './stream.ts'

/** Sends to the hub what the rules of a standby say. */
export function sendMessage(
  stream: Stream,
  message: Message,
  filesUpTo: number | undefined,
  addresses: () => readonly string[],
): void {
  switch (message.m) {
    case 'durable':
      return stream.send(frameTypes.durable, { files: filesUpTo ?? message.position.lsn }, message.position)
    case 'dropped':
      return stream.send(frameTypes.dropped, {}, message.position)
    case 'leave':
      return stream.send(frameTypes.leave, {})
    case 'took':
      return stream.send(frameTypes.took, { term: message.term, addresses: addresses() })
    case 'higher':
      return stream.send(frameTypes.higher, { term: message.term })
    default:
  }
}
