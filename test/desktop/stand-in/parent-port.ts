import { EventEmitter } from 'node:events'

/** `process.parentPort`, as a utility process has it, over the channel of a forked Node process. */
class ParentPort extends EventEmitter {
  start(): void {}
  postMessage(message: unknown): void {
    process.send?.(message)
  }
}

// only of the process: a thread of it has the versions of plain Node
Object.defineProperty(process.versions, 'electron', { value: '45.4.1-stand-in', enumerable: true })
const parentPort = new ParentPort()
process.on('message', (data) => parentPort.emit('message', { data, ports: [] }))
Object.defineProperty(process, 'parentPort', { value: parentPort })
