import { EventEmitter } from 'node:events'

/** `process.parentPort`, as a utility process has it, over the channel of a forked Node process. */
class ParentPort extends EventEmitter {
  start(): void {}
  postMessage(message: unknown): void {
    process.send?.(message)
  }
}

const parentPort = new ParentPort()
process.on('message', (data) => parentPort.emit('message', { data, ports: [] }))
Object.defineProperty(process, 'parentPort', { value: parentPort })
