import { Compile, type Validator } from 'typebox/compile'
import { Type, type TSchema } from 'typebox'
import type { DesktopError } from '../../shared/desktop.ts'
import type { Log } from '../ports.ts'
import { ShellError } from '../shell-error.ts'
import { channels, type Channel, type Handlers } from './schema.ts'

/** The form of a reply to the page. An Error thrown across processes would arrive as text only. */
export type IpcReply = { value: unknown } | { error: DesktopError }

export interface IpcSender {
  /** The address of the frame that sends the request; null if the frame is gone. */
  url: string | null
  /** True for the page itself, false for a frame within it. */
  isTopFrame: boolean
}

/** Returns true only for the app's own page. */
export function isAppPage({ url, isTopFrame: isTop }: IpcSender): boolean {
  if (url === null || !isTop || !URL.canParse(url)) return false
  const { protocol, host } = new URL(url)
  return protocol === 'app:' && host === 'hubbub'
}

/** The page's only way into the shell. It checks the sender, the channel and the arguments, here and nowhere else. */
export class IpcRouter {
  readonly #handlers: Partial<Handlers>
  readonly #log: Log
  readonly #validators = new Map<Channel, Validator>()

  constructor(handlers: Partial<Handlers>, log: Log) {
    this.#handlers = handlers
    this.#log = log
  }

  async handle(sender: IpcSender, name: unknown, args: unknown): Promise<IpcReply> {
    try {
      if (!isAppPage(sender)) throw new ShellError('not_found', 'Only the app’s own page may request this.')
      if (!isChannel(name)) throw new ShellError('not_found', 'The app does not know this request.')
      return { value: await this.#invoke(name, args) }
    } catch (error) {
      if (error instanceof ShellError) return { error: error.toWire() }
      this.#log.error('a request of the page failed', { call: isChannel(name) ? name : '?', error })
      return { error: { code: 'internal', message: 'Something went wrong in the app. Try again.' } }
    }
  }

  async #invoke(name: Channel, args: unknown): Promise<unknown> {
    const validArgs = this.#validateArguments(name, args)
    const handler = this.#handlers[name] as ((...args: unknown[]) => unknown) | undefined
    if (!handler) throw new ShellError('not_found', 'The app does not know this request.')
    return handler(...validArgs)
  }

  #validateArguments(name: Channel, args: unknown): unknown[] {
    let validator = this.#validators.get(name)
    if (!validator) {
      validator = Compile(argumentsSchema(channels[name]))
      this.#validators.set(name, validator)
    }
    if (!validator.Check(args)) {
      throw new ShellError('invalid', 'Invalid arguments.')
    }
    return args as unknown[]
  }
}

function argumentsSchema(schemas: readonly TSchema[]): TSchema {
  const requiredCount = schemas.filter((schema) => !('~optional' in schema)).length
  return Type.Tuple([...schemas], { minItems: requiredCount, additionalItems: false })
}

function isChannel(name: unknown): name is Channel {
  return typeof name === 'string' && Object.hasOwn(channels, name)
}
