import type { JsonSchema } from './openapi.ts'

/**
 * Returns a schema as a single line, such as `{ id, name?, members: [User] }`: readers grasp shapes faster than
 * schemas.
 */
export function shapeOf(schema: JsonSchema, atTop = true): string {
  if (schema.$id !== undefined && !atTop) return schema.$id
  if (schema.$ref !== undefined) return schema.$ref.split('/').at(-1) as string
  if (schema.const !== undefined) return JSON.stringify(schema.const)
  if (schema.anyOf) return schema.anyOf.map((one) => shapeOf(one, false)).join(' | ')
  if (schema.type === 'array') return `[${shapeOf(schema.items ?? {}, false)}]`
  if (schema.properties) return objectShape(schema)
  if (schema.type === 'object') return '{ … }'
  return schema.type ?? 'any'
}

function objectShape({ properties = {}, required = [] }: JsonSchema): string {
  const members = Object.entries(properties).map(([name, schema]) => {
    const plain = ['string', 'integer', 'boolean'].includes(shapeOf(schema, false))
    return `${name}${required.includes(name) ? '' : '?'}${plain ? '' : `: ${shapeOf(schema, false)}`}`
  })
  return members.length > 0 ? `{ ${members.join(', ')} }` : '{ }'
}

export interface SchemaRow {
  name: string
  shape: string
  required: boolean
  /** Bounds and description. */
  note: string
}

/** The members of an object, one row each. */
export function rowsOf({ properties = {}, required = [] }: JsonSchema): SchemaRow[] {
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    shape: shapeOf(schema, false),
    required: required.includes(name),
    note: [boundsOf(schema), schema.description ?? ''].filter((text) => text !== '').join('; '),
  }))
}

function boundsOf(schema: JsonSchema): string {
  if (schema.$id !== undefined) return ''
  if (schema.type === 'string') return describeRange(schema['minLength'], schema['maxLength'], ' characters')
  if (schema.type === 'array') return describeRange(schema['minItems'], schema['maxItems'], ' of them')
  return describeRange(schema['minimum'], schema['maximum'], '')
}

function describeRange(from: unknown, to: unknown, unit: string): string {
  const min = typeof from === 'number' ? from : undefined
  // the largest safe integer is a fact about JSON, not about us
  const max = typeof to === 'number' && to < Number.MAX_SAFE_INTEGER ? to : undefined
  if (min !== undefined && max !== undefined) return `${min} to ${max}${unit}`
  if (max !== undefined) return `at most ${max}${unit}`
  return min === undefined ? '' : `at least ${min}${unit}`
}
