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
    validator = (input) => (compiled.Check(input) ? undefined : toHubError(compiled.Errors(input)[1]))
    validators.set(spec, validator)
  }
  return validator
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
  const unknown = all.find((error) => error.keyword === 'additionalProperties')
  if (unknown) {
    const [field = ''] = unknown.params['additionalProperties'] as string[]
    const shown = field.slice(0, 40)
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
