import { Type as TypeBox } from 'typebox'
import { expect, test } from 'vitest'
import { Type } from '../../shared/contract/type.ts'

type SchemaBuilders = Pick<typeof TypeBox, keyof typeof Type>

/** The same schemas with both builders, using every function. */
function sampleSchemas(T: SchemaBuilders) {
  return {
    array: T.Array(T.String(), { maxItems: 3 }),
    boolean: T.Boolean({ description: 'x' }),
    integer: T.Integer({ minimum: 1 }),
    word: T.Literal('a', { description: 'x' }),
    truth: T.Literal(true),
    figure: T.Literal(3),
    nothing: T.Null(),
    number: T.Number(),
    object: T.Object(
      { a: T.String(), b: T.Optional(T.Integer({ minimum: 1 })), c: T.Null() },
      { additionalProperties: false },
    ),
    options: T.Object({ a: T.Optional(T.String()) }),
    empty: T.Object({}),
    record: T.Record(T.String(), T.Union([T.String(), T.Number()]), { maxProperties: 3 }),
    text: T.String({ pattern: '^a$', maxLength: 7 }),
    union: T.Union([T.Literal('a'), T.Null()], { description: 'd' }),
    unknown: T.Unknown({ description: 'd' }),
    unsafe: T.Unsafe<number>(T.Unknown({ description: 'd' })),
    optional: T.Optional(T.Array(T.Boolean())),
  }
}

test('each builder returns the schema that typebox returns, and nests in typebox schemas', () => {
  expect(Object.keys(Type).filter((name) => !Object.hasOwn(TypeBox, name))).toEqual([])
  expect(JSON.stringify(sampleSchemas(Type))).toBe(JSON.stringify(sampleSchemas(TypeBox)))
  const mixed = TypeBox.Object({ ...sampleSchemas(Type), last: TypeBox.String() })
  expect(JSON.stringify(mixed)).toBe(
    JSON.stringify(TypeBox.Object({ ...sampleSchemas(TypeBox), last: TypeBox.String() })),
  )
  expect(mixed.required).not.toContain('optional')
})
