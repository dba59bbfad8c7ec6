import type { Schema } from './inputs.ts'

/*
 * A second implementation of the part of JSON Schema that the contract uses, in the plainest form: the campaign compares the
 * compiled validators with it.
 */

/** @param lengthOf what counts as a character */
export function isValid(schema: Schema, value: unknown, lengthOf: (text: string) => number): boolean {
  if (schema.const !== undefined && value !== schema.const) return false
  if (schema.anyOf && !schema.anyOf.some((one) => isValid(one, value, lengthOf))) return false
  if (schema.type !== undefined && !isOfType(schema.type, value)) return false
  if (typeof value === 'string') return isValidText(schema, value, lengthOf)
  if (typeof value === 'number')
    return value >= (schema.minimum ?? -Infinity) && value <= (schema.maximum ?? Infinity)
  if (Array.isArray(value)) return isValidList(schema, value, lengthOf)
  return typeof value === 'object' && value !== null ? isValidObject(schema, value, lengthOf) : true
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

function isValidText(
  { minLength = 0, maxLength = Infinity, pattern }: Schema,
  value: string,
  lengthOf: (text: string) => number,
): boolean {
  // counting is slow, and no text has more characters than units
  if (value.length > maxLength || minLength > 0) {
    const length = lengthOf(value)
    if (length < minLength || length > maxLength) return false
  }
  return pattern === undefined || new RegExp(pattern, 'u').test(value)
}

const segmenter = new Intl.Segmenter()

/** Of what is one character the library has a list of its own: it lies between these two. */
export function countGraphemes(text: string): number {
  return [...segmenter.segment(text)].length
}

export function countCodePoints(text: string): number {
  return [...text].length
}

function isValidList(
  { items, minItems = 0, maxItems = Infinity }: Schema,
  value: readonly unknown[],
  lengthOf: (text: string) => number,
): boolean {
  const isLong = value.length >= minItems && value.length <= maxItems
  return isLong && value.every((item) => items === undefined || isValid(items, item, lengthOf))
}

function isValidObject(schema: Schema, value: object, lengthOf: (text: string) => number): boolean {
  const { properties = {}, required = [], patternProperties = {}, additionalProperties } = schema
  if (!required.every((name) => Object.hasOwn(value, name))) return false
  return Object.entries(value).every(([name, member]) => {
    if (Object.hasOwn(properties, name)) return isValid(properties[name] as Schema, member, lengthOf)
    const patterns = Object.entries(patternProperties).filter(([pattern]) =>
      new RegExp(pattern, 'u').test(name),
    )
    if (patterns.length > 0) return patterns.every(([, one]) => isValid(one, member, lengthOf))
    return additionalProperties !== false
  })
}
