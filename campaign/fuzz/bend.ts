import type { Random } from '../../test/simulation/random.ts'

/** Characters with a role somewhere: ends of lines, directions, joiners, halves of pairs, marks, digits of other scripts. */
const oddCharacters = [
  ...[
    '\u0000',
    '\t',
    '\n',
    '\r',
    '\u001b',
    '\u007f',
    '\u0085',
    '\u009b',
    '\u00a0',
    '\u00ad',
    '\u0301',
    '\u0307',
  ],
  ...[
    '\u034f',
    '\u061c',
    '\u0e33',
    '\u200b',
    '\u200c',
    '\u200d',
    '\u200f',
    '\u2028',
    '\u2029',
    '\u202e',
    '\u2066',
  ],
  ...[
    '\u3000',
    '\u30fc',
    '\ud800',
    '\udc00',
    '\ud83d',
    '\udfff',
    '\ufb01',
    '\ufe0f',
    '\ufeff',
    '\uff21',
    '\uffff',
  ],
  ...[
    'İ',
    'ı',
    'ß',
    'ς',
    '٣',
    '字',
    'の',
    'ก',
    '한',
    'א',
    'م',
    '👍',
    '👩‍👩‍👧',
    '🇩🇪',
    '🏽',
    '\u{e0041}',
    '\u{f0000}',
  ],
]
const ascii = ' !"#$%&\'()*+,-./0123456789:;<=>?@ABYZ[\\]^_`abyz{|}~'
/** The limit of a message in the contract. */
const longText = 16 * 1024
const longChance = 0.002

/** Makes texts of pieces, and bends examples. */
export class Texts {
  readonly #pieces: readonly string[]
  readonly #examples: readonly string[]

  /** @param pieces that are put together; @param examples whole texts, which are bent */
  constructor(pieces: readonly string[], examples: readonly string[] = pieces) {
    this.#pieces = pieces
    this.#examples = examples
  }

  make(random: Random, maxPieces = 16, maxLength = longText): string {
    if (random.chance(longChance)) return this.#repeat(random, maxLength)
    if (random.chance(0.5)) return this.#join(random, 1 + random.below(maxPieces))
    let text = pick(random, this.#examples)
    for (let times = random.below(5); times > 0; times -= 1) text = this.#bend(random, text)
    return text
  }

  #join(random: Random, count: number): string {
    let text = ''
    for (let i = 0; i < count; i += 1)
      text += random.chance(0.12) ? oddOne(random) : pick(random, this.#pieces)
    return text
  }

  /** Repetitions find what takes quadratic time. */
  #repeat(random: Random, maxLength: number): string {
    const unit = this.#join(random, 1 + random.below(3))
    const end = random.chance(0.5) ? this.#join(random, 2) : ''
    const times = Math.floor((maxLength - end.length) / Math.max(1, unit.length))
    return this.#join(random, random.below(2)) + unit.repeat(Math.max(0, times)) + end
  }

  #bend(random: Random, text: string): string {
    const from = random.below(text.length + 1)
    const to = Math.min(text.length, from + 1 + random.below(8))
    switch (random.below(6)) {
      case 0:
        return text.slice(0, from) + text.slice(to)
      case 1:
        return text.slice(0, to) + text.slice(from, to) + text.slice(to)
      case 2:
        return text.slice(0, from) + oddOne(random) + text.slice(to)
      case 3:
        return text.slice(0, from) + pick(random, this.#pieces) + text.slice(from)
      case 4:
        return text.slice(from) + text.slice(0, from)
      default:
        return text.slice(0, from) + pick(random, this.#examples).slice(random.below(8))
    }
  }
}

function oddOne(random: Random): string {
  return random.chance(0.5) ? pick(random, oddCharacters) : (ascii[random.below(ascii.length)] as string)
}

/** Bends bytes: flips, cuts, repeats, numbers at their limits. The input is not changed. */
export function bendBytes(random: Random, given: Buffer): Buffer {
  const bytes = Buffer.from(given)
  if (bytes.length === 0) return bytes
  const at = random.below(bytes.length)
  switch (random.below(6)) {
    case 0:
      bytes[at] = (bytes[at] as number) ^ (1 << random.below(8))
      return bytes
    case 1:
      bytes[at] = pick(random, [0, 1, 0x20, 0x2f, 0x7f, 0x80, 0xff])
      return bytes
    case 2:
      return bytes.subarray(0, at)
    case 3: {
      const end = Math.min(bytes.length, at + 1 + random.below(64))
      return Buffer.concat([bytes.subarray(0, end), bytes.subarray(at)])
    }
    case 4:
      bytes.fill(pick(random, [0, 0xff]), at, Math.min(bytes.length, at + pick(random, [2, 4, 8])))
      return bytes
    default: {
      const end = Math.min(bytes.length, at + 1 + random.below(16))
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(end)])
    }
  }
}

const oddValues: readonly unknown[] = [
  ...[
    null,
    true,
    false,
    0,
    -1,
    1.5,
    1e308,
    Number.MAX_SAFE_INTEGER,
    -0,
    '',
    'x',
    '__proto__',
    '../..',
    [],
    {},
  ],
  ...[[[]], { t: 1 }, [null], 'x'.repeat(5_000), '9'.repeat(30), '\ud800', '\u0000'],
]

/** Bends a value of JSON somewhere within: a member is missing, is something else, comes twice, or is nested. */
export function bendValue(random: Random, value: unknown): unknown {
  if (random.chance(0.15)) return pick(random, oddValues)
  if (Array.isArray(value)) return bendArray(random, value)
  if (typeof value === 'object' && value !== null) return bendObject(random, value as Record<string, unknown>)
  if (typeof value === 'number')
    return pick(random, [value + 1, -value, value + 0.5, 2 ** 53, String(value), NaN])
  if (typeof value !== 'string') return pick(random, oddValues)
  const at = random.below(value.length + 1)
  return pick(random, [
    value.slice(0, at),
    value.slice(0, at) + oddOne(random) + value.slice(at),
    value + value,
    7,
  ])
}

function bendArray(random: Random, items: readonly unknown[]): unknown[] {
  const at = random.below(items.length + 1)
  switch (random.below(4)) {
    case 0:
      return items.filter((_, index) => index !== at)
    case 1:
      return [...items.slice(0, at), pick(random, oddValues), ...items.slice(at)]
    case 2:
      return [...items, ...items]
    default:
      return items.map((item, index) => (index === at ? bendValue(random, item) : item))
  }
}

function bendObject(random: Random, members: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const names = Object.keys(members)
  const name = names[random.below(Math.max(1, names.length))] ?? 't'
  const kind = random.below(8)
  if (kind === 0) return Object.fromEntries(Object.entries(members).filter(([key]) => key !== name))
  if (kind === 1)
    return { ...members, [pick(random, ['x', '', 'constructor', 'toString', 'length'])]: members[name] }
  return { ...members, [name]: kind === 2 ? pick(random, oddValues) : bendValue(random, members[name]) }
}

/** A list within lists, as deep as a text of that length can be. */
export function nestedLists(random: Random): string {
  const depth = 1 + random.below(8_000)
  return '['.repeat(depth) + pick(random, ['', '1', '{"t":"ping"}']) + ']'.repeat(random.below(2) * depth)
}

export function pick<T>(random: Random, items: readonly T[]): T {
  return items[random.below(items.length)] as T
}
