// Which responses over HTTP are compressed.
//
// The length of a compressed response tells how much of it repeats itself. A user who can put text into a response that
// others get, and who sees its length on the network, could guess the rest of it piece by piece (BREACH). So a response is
// compressed only if everyone who can put text into it may read all of it: the messages of one chat, the list of users.
//
// All others are sent as they are. Those are responses with a token, a code, a key or an address that works like a password;
// those of the administration; and those that bring several chats together: the list of chats, search, threads, drafts,
// saved messages, and the stream of a user. A new request is among them until it has a line here.
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { RequestName } from '../../shared/contract.ts'
import { chooseCoding, compressNow, minCompressedBytes } from '../content-encoding.ts'

/** True, or a check of the input. */
const oneAudience: Readonly<Partial<Record<RequestName, true | ((input: unknown) => boolean)>>> = {
  'hub.meta': true,
  'users.list': true,
  'users.get': true,
  'chats.discover': true,
  // of one chat, for its members
  'chats.get': true,
  'members.list': true,
  'messages.list': true,
  'messages.status': true,
  'threads.get': true,
  'pins.list': true,
  'files.list': true,
  'streams.read': isSharedStream,
}

export function mayCompress(name: string, input: unknown): boolean {
  const rule = Object.hasOwn(oneAudience, name) ? oneAudience[name as RequestName] : undefined
  return rule === true || (rule?.(input) ?? false)
}

/** The stream of a user holds what happened in all their chats. */
function isSharedStream(input: unknown): boolean {
  const { stream } = input as { stream?: unknown }
  return typeof stream === 'string' && /^(chat:|hub$)/.test(stream)
}

/** The fastest first: a client waits. */
const codings = ['zstd', 'br', 'gzip'] as const

/** Sets the headers, and returns the body to send. */
export async function compressJson(
  json: string,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<string | Buffer> {
  reply.header('vary', 'accept-encoding')
  const coding = chooseCoding(request.headers['accept-encoding'], codings)
  if (coding === undefined || json.length < minCompressedBytes) return json
  const body = await compressNow(Buffer.from(json), coding)
  reply.header('content-encoding', coding)
  return body
}
