import type { Type as TypeBox } from 'typebox'

/*
 * Builders of JSON schemas for the contract, with the types of typebox. Only the few that the contract needs are defined
 * here: typebox itself loads 370 modules, a tenth of the start-up time and the memory of the hub.
 * `test/shared/type.test.ts` compares each builder with typebox's own.
 */

export type { Static } from 'typebox'

type Schema = Record<string, unknown>

/** The marker that typebox uses, so that its types and functions accept these schemas. */
const optional = '~optional'

const builders = {
  Array: (items: Schema, options?: Schema) => ({ type: 'array', items, ...options }),
  Boolean: (options?: Schema) => ({ type: 'boolean', ...options }),
  Integer: (options?: Schema) => ({ type: 'integer', ...options }),
  Literal: (value: unknown, options?: Schema) => ({ type: typeof value, const: value, ...options }),
  Null: (options?: Schema) => ({ type: 'null', ...options }),
  Number: (options?: Schema) => ({ type: 'number', ...options }),
  Object: (properties: Record<string, Schema>, options?: Schema) => {
    const required = Object.keys(properties).filter((key) => !Object.hasOwn(properties[key] ?? {}, optional))
    return { type: 'object', ...(required.length > 0 ? { required } : {}), properties, ...options }
  },
  Optional: (schema: Schema) => Object.defineProperty({ ...schema }, optional, { value: true }),
  Record: (_key: Schema, value: Schema, options?: Schema) => ({
    type: 'object',
    patternProperties: { '^.*$': value },
    ...options,
  }),
  String: (options?: Schema) => ({ type: 'string', ...options }),
  Union: (anyOf: Schema[], options?: Schema) => ({ anyOf, ...options }),
  Unknown: (options?: Schema) => ({ ...options }),
  Unsafe: (schema: Schema) => ({ ...schema }),
}

export const Type = builders as unknown as Pick<typeof TypeBox, keyof typeof builders>
