/** Makes a text frame (RFC 6455, unmasked, as a server sends it) in one buffer, for any number of sockets. */
export function textFrame(text: string): Buffer {
  const length = Buffer.byteLength(text)
  const head = frameHeader(length)
  const frame = Buffer.allocUnsafe(head.length + length)
  head.copy(frame)
  frame.write(text, head.length)
  return frame
}

/**
 * Like `textFrame`, for messages whose ends are shared buffers: returns the parts, so that the shared buffers are
 * not copied.
 */
export function textFrameOf(messages: readonly { text: string; tail?: () => Buffer }[]): Buffer[] {
  const parts: Buffer[] = []
  let text = '['
  for (const [i, message] of messages.entries()) {
    text += i === 0 ? message.text : `,${message.text}`
    if (!message.tail) continue
    parts.push(Buffer.from(text), message.tail())
    text = ''
  }
  parts.push(Buffer.from(`${text}]`))
  return [frameHeader(parts.reduce((sum, { length }) => sum + length, 0)), ...parts]
}

function frameHeader(length: number): Buffer {
  const head = Buffer.allocUnsafe(length < 126 ? 2 : length < 65_536 ? 4 : 10)
  head[0] = 0x81
  head[1] = head.length === 2 ? length : head.length === 4 ? 126 : 127
  if (head.length === 4) head.writeUInt16BE(length, 2)
  if (head.length === 10) head.writeBigUInt64BE(BigInt(length), 2)
  return head
}
