import { EventEmitter } from 'node:events'

/** `process.parentPort`, as a utility process has it, over the channel of a forked Node. */
class ParentPort extends EventEmitter {
  start(): void {}
  postMessage(message: unknown): void {
    process.send?.(message)
  }
}

const port = new ParentPort()
process.on('message', (data) => port.emit('message', { data, ports: [] }))
Object.defineProperty(process, 'parentPort', { value: port })
