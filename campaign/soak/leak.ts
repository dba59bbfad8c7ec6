// The fault `leaking-socket`, loaded into a hub before its program: each connection that has ended leaves a descriptor open.
import { openSync } from 'node:fs'
import { Server } from 'node:net'

const emit = Server.prototype.emit
Server.prototype.emit = function emitAndLeak(this: Server, ...args: unknown[]): boolean {
  if (args[0] === 'connection') openSync('/dev/null', 'r')
  return Reflect.apply(emit, this, args) as boolean
} as typeof emit
