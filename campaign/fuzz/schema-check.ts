import type { Schema } from './inputs.ts'

/*
 * A second implementation of the part of JSON Schema that the contract uses, in the plainest form: the campaign compares the
 * compiled validators with it.
 */

export function isValid(schema: Schema, value: unknown): boolean {
  if (schema.const !== undefined && value !== schema.const) return false
  if (schema.anyOf && !schema.anyOf.some((one) => isValid(one, value))) return false
  if (schema.type !== undefined && !isOfType(schema.type, value)) return false
  if (typeof value === 'string') return isValidText(schema, value)
  if (typeof value === 'number')
    return value >= (schema.minimum ?? -Infinity) && value <= (schema.maximum ?? Infinity)
  if (Array.isArray(value)) return isValidList(schema, value)
  return typeof value === 'object' && value !== null ? isValidObject(schema, value) : true
}

function isOfType(type: string, value: unknown): boolean {
  switch (type) {
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value)
    case 'array':
      return Array.isArray(value)
    case 'integer':
      return Number.isInteger(value)
    case 'number':
      return Number.isFinite(value)
    case 'null':
      return value === null
    default:
      return typeof value === type
  }
}

/** Lengths count what a user sees, as the library does. */
function isValidText({ minLength = 0, maxLength = Infinity, pattern }: Schema, value: string): boolean {
  // counting is slow, and no text is longer than its units
  if (value.length > maxLength || minLength > 0) {
    const length = countGraphemes(value)
    if (length < minLength || length > maxLength) return false
  }
  return pattern === undefined || new RegExp(pattern, 'u').test(value)
}

const segmenter = new Intl.Segmenter()

function countGraphemes(text: string): number {
  return [...segmenter.segment(text)].length
}

function isValidList(
  { items, minItems = 0, maxItems = Infinity }: Schema,
  value: readonly unknown[],
): boolean {
  const isLong = value.length >= minItems && value.length <= maxItems
  return isLong && value.every((item) => items === undefined || isValid(items, item))
}

function isValidObject(schema: Schema, value: object): boolean {
  const { properties = {}, required = [], patternProperties = {}, additionalProperties } = schema
  if (!required.every((name) => Object.hasOwn(value, name))) return false
  return Object.entries(value).every(([name, member]) => {
    if (Object.hasOwn(properties, name)) return isValid(properties[name] as Schema, member)
    const patterns = Object.entries(patternProperties).filter(([pattern]) =>
      new RegExp(pattern, 'u').test(name),
    )
    if (patterns.length > 0) return patterns.every(([, one]) => isValid(one, member))
    return additionalProperties !== false
  })
}
