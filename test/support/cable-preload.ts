// Loaded before the program of a computer: its connections to one port go to another, where test/support/cable.ts is.
import { Socket } from 'node:net'

const [port, through] = (process.env['HUBBUB_TEST_ROUTE'] ?? '').split(':')

function reroute(argument: unknown): unknown {
  if (Array.isArray(argument)) {
    // net.connect() hands on its arguments as one marked list
    argument[0] = reroute(argument[0])
    return argument
  }
  if (typeof argument !== 'object' || argument === null || !('port' in argument)) return argument
  return String(argument.port) === port ? { ...argument, port: Number(through) } : argument
}

type Connect = (this: Socket, ...args: unknown[]) => Socket
const prototype = Socket.prototype as unknown as { connect: Connect }
const { connect } = prototype
prototype.connect = function (...args) {
  return connect.apply(this, args.map(reroute))
}
