import type { Random } from '../../test/simulation/random.ts'

/*
 * Makes inputs that a request of the contract takes, and bends some of them. Ids come from what the hub has returned, so that
 * inputs reach the rules behind the checks.
 */

/** The members of JSON Schema that the contract uses. */
export interface Schema {
  type?: string
  const?: unknown
  anyOf?: Schema[]
  properties?: Record<string, Schema>
  required?: string[]
  items?: Schema
  pattern?: string
  patternProperties?: Record<string, Schema>
  additionalProperties?: boolean
  minLength?: number
  maxLength?: number
  minItems?: number
  maxItems?: number
  minimum?: number
  maximum?: number
}

const texts = [
  ...[
    '',
    ' ',
    'boat',
    'a\nb',
    '@ann @everyone',
    '**bold** `code`',
    '> quote',
    'https://example.org/?q=1',
    '/shrug',
  ],
  ...[
    'مرحبا @ann',
    '你好世界',
    '👩‍👩‍👧‍👦',
    'e\u0301',
    '\u202eevil\u202c',
    '\u0000',
    '\ud800',
    'İstanbul',
    'ﬀ',
    '%',
    '_',
    '"',
    "'; drop",
  ],
  ...[
    '"boat" from:ann',
    'in:kitchen has:file',
    '-',
    '(',
    '[x](javascript:alert(1))',
    '{"a":1}',
    '__proto__',
    '../..',
  ],
]
const junk = [
  ...[
    null,
    true,
    false,
    0,
    -1,
    1.5,
    Number.MAX_SAFE_INTEGER,
    1e308,
    '',
    'x'.repeat(4_000),
    [],
    {},
    [[]],
    '\u0000',
  ],
  ...[{ __proto__: null }, { constructor: 1 }, [null], '9'.repeat(30), 'NaN', '-0'],
] as const
const maxPool = 300
/** Of the leaves of an input, those that become something else. */
const junkChance = 0.04
const targetChance = 0.2

export class Inputs {
  readonly #random: Random
  readonly #ids = new Set<string>()
  /** An id that is worth more attempts than others. */
  readonly #target: string

  constructor(random: Random, target: string) {
    this.#random = random
    this.#target = target
  }

  /** Notes the ids of a result. */
  learn(value: unknown): void {
    if (Array.isArray(value)) for (const one of value) this.learn(one)
    else if (typeof value === 'object' && value !== null) {
      for (const [key, member] of Object.entries(value)) {
        if (key === 'id' && typeof member === 'string') this.#learnId(member)
        else this.learn(member)
      }
    }
  }

  #learnId(id: string): void {
    this.#ids.add(id)
    if (this.#ids.size <= maxPool) return
    for (const oldest of this.#ids) {
      // the first ones are the users and chats of the start
      if (this.#random.chance(0.1)) {
        this.#ids.delete(oldest)
        return
      }
    }
  }

  /** @returns an object, or now and then something else */
  make(schema: Schema, name = ''): unknown {
    if (this.#random.chance(junkChance)) return this.#pick(junk)
    if (schema.const !== undefined) return schema.const
    if (schema.anyOf) return this.make(this.#pick(schema.anyOf), name)
    switch (schema.type) {
      case 'object':
        return this.#makeObject(schema)
      case 'array':
        return Array.from(
          { length: this.#between(schema.minItems ?? 0, Math.min(schema.maxItems ?? 3, 3)) },
          () => this.make(schema.items ?? {}, name),
        )
      case 'integer':
      case 'number':
        return this.#makeNumber(schema)
      case 'boolean':
        return this.#random.chance(0.5)
      case 'null':
        return null
      default:
        return this.#makeText(schema, name)
    }
  }

  #makeObject({ properties = {}, required = [], patternProperties }: Schema): Record<string, unknown> {
    const made: Record<string, unknown> = {}
    for (const [name, member] of Object.entries(properties)) {
      if (required.includes(name) ? this.#random.chance(0.02) : this.#random.chance(0.6)) continue
      made[name] = this.make(member, name)
    }
    for (const member of Object.values(patternProperties ?? {})) made[this.#pick(texts)] = this.make(member)
    if (this.#random.chance(0.02)) made[this.#pick(texts)] = this.#pick(junk)
    return made
  }

  #makeNumber({ minimum = 0, maximum = 1_000 }: Schema): number {
    const [low, high] = [minimum, Math.max(minimum, maximum)]
    return this.#pick([
      low,
      high,
      low - 1,
      high + 1,
      this.#between(low, Math.min(high, low + 50)),
      Date.now(),
    ])
  }

  #makeText({ pattern, maxLength = 200, minLength = 0 }: Schema, name: string): string {
    if (/(^id$|Id$|thread|replyTo|attachments|forward|stream)/.test(name) && this.#random.chance(0.9)) {
      const id = this.#random.chance(targetChance) ? this.#target : this.#pick([...this.#ids])
      return name === 'stream' ? this.#pick([`chat:${id}`, `user:${id}`, 'hub']) : id
    }
    const candidates = [
      crypto.randomUUID(),
      `v${this.#random.below(9)}`,
      '👍',
      'ab'.repeat(32),
      'en',
      '0',
      ...texts,
    ]
    if (pattern !== undefined) {
      const shape = new RegExp(pattern, 'u')
      return candidates.find((one) => shape.test(one)) ?? this.#pick(texts)
    }
    const text = this.#random.chance(0.05) ? 'y'.repeat(maxLength + this.#random.below(3)) : this.#pick(texts)
    return text.length < minLength ? text.padEnd(minLength, 'z') : text
  }

  #between(low: number, high: number): number {
    return low + this.#random.below(Math.max(1, high - low + 1))
  }

  #pick<T>(items: readonly T[]): T {
    return items[this.#random.below(items.length)] as T
  }
}
