import { Compile } from 'typebox/schema'
import type { RequestSpec } from '../shared/contract/define.ts'
import { HubError } from '../shared/errors.ts'

type Validator = (input: unknown) => HubError | undefined

const validators = new WeakMap<RequestSpec, Validator>()

/** Checks an input against the contract: strictly, without coercion, the same for both transports. */
export function validatorOf(spec: RequestSpec): Validator {
  let validator = validators.get(spec)
  if (!validator) {
    const compiled = Compile(spec.input)
    validator = (input) => (compiled.Check(input) ? undefined : toHubError(errorsOf(compiled, input)))
    validators.set(spec, validator)
  }
  return validator
}

/** Members that are looked at for the message, and items: more than any request may have. */
const maxExplained = { members: 200, items: 2_001, depth: 4 }

/** Explains a part of a large input: the library looks at each member, which takes long for thousands of unknown ones. */
function errorsOf(compiled: { Errors(value: unknown): [boolean, object[]] }, input: unknown): object[] {
  const [, errors] = compiled.Errors(shorten(input))
  return errors.length > 0 ? errors : compiled.Errors(input)[1]
}

function shorten(value: unknown, depth = 0): unknown {
  if (typeof value !== 'object' || value === null || depth === maxExplained.depth) return value
  if (Array.isArray(value)) return value.slice(0, maxExplained.items).map((item) => shorten(item, depth + 1))
  const members: [string, unknown][] = []
  for (const key in value) {
    if (
      members.push([key, shorten((value as Record<string, unknown>)[key], depth + 1)]) ===
      maxExplained.members
    )
      break
  }
  return Object.fromEntries(members)
}

const outputValidators = new WeakMap<RequestSpec, Validator>()

/** Tests check every result against the contract, so that no undocumented column is exposed. */
export function outputProblem(spec: RequestSpec, output: unknown): HubError | undefined {
  if (!spec.output) return undefined
  let validator = outputValidators.get(spec)
  if (!validator) {
    const compiled = Compile(spec.output)
    validator = (value) => (compiled.Check(value) ? undefined : toHubError(compiled.Errors(value)[1]))
    outputValidators.set(spec, validator)
  }
  return validator(output)
}

interface SchemaError {
  keyword: string
  schemaPath: string
  instancePath: string
  params: Record<string, unknown>
}

/** Converts the first meaningful validation error to a message for the user. Never quotes the input. */
function toHubError(errors: readonly object[]): HubError {
  const all = errors as readonly SchemaError[]
  const tooLarge = all.find((error) => error.keyword === 'maxLength' || error.keyword === 'maxItems')
  if (tooLarge) {
    const field = fieldOf(tooLarge)
    return new HubError(
      'too_large',
      `“${field}” is too long (at most ${String(tooLarge.params['limit'])}).`,
      { field },
    )
  }
  const unknown = unknownMember(all)
  if (unknown !== undefined) {
    const shown = unknown.slice(0, 40)
    return new HubError('invalid', `“${shown}” is not a known member.`, { field: shown })
  }
  const missing = all.find((error) => error.keyword === 'required')
  if (missing && missing.instancePath === '') {
    const [field = ''] = missing.params['requiredProperties'] as string[]
    return new HubError('invalid', `“${field}” is missing.`, { field })
  }
  // the outermost error of a member: for a union that is anyOf, not the branches that did not match
  const error = all.find((candidate) => candidate.keyword === 'anyOf') ?? all[0]
  if (!error || error.instancePath === '') return new HubError('invalid', 'The input must be a JSON object.')
  const field = fieldOf(error)
  return new HubError('invalid', `“${field}” ${describeError(error)}.`, { field })
}

/** With many unknown members the library names them one by one, and stops before it names them together. */
function unknownMember(errors: readonly SchemaError[]): string | undefined {
  const together = errors.find(({ keyword }) => keyword === 'additionalProperties')
  if (together) return (together.params['additionalProperties'] as string[])[0] ?? ''
  const single = errors.find(({ schemaPath }) => schemaPath.endsWith('/additionalProperties'))
  return single?.instancePath.split('/').at(-1)?.replaceAll('~1', '/').replaceAll('~0', '~')
}

function fieldOf(error: SchemaError): string {
  return error.instancePath.split('/')[1] ?? ''
}

function describeError(error: SchemaError): string {
  switch (error.keyword) {
    case 'type':
      return `must be of type ${String(error.params['type'])}`
    case 'minimum':
      return 'is too small'
    case 'maximum':
      return 'is too large'
    case 'minLength':
      return 'is empty'
    case 'pattern':
      return 'does not have the right form'
    default:
      return 'is not one of the allowed values'
  }
}
