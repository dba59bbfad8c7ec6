import { validatorOf } from '../../../server/validate.ts'
import { requests } from '../../../shared/contract.ts'
import type { RequestSpec } from '../../../shared/contract/define.ts'
import type { Random } from '../../../test/simulation/random.ts'
import { bendValue, pick } from '../bend.ts'
import { type Target, firstProblem } from '../target.ts'
import { Inputs } from '../inputs.ts'
import { countCodePoints, countGraphemes, isValid } from '../schema-check.ts'

/*
 * The inputs of all requests: the compiled validator agrees with a second implementation in the plainest form, a refusal says in words
 * what is wrong and quotes nothing, and the input stays as it came.
 */

interface RequestInput {
  request: string
  value: unknown
}

const specs = Object.values(requests as unknown as Record<string, RequestSpec>).filter(
  ({ body }) => body === undefined,
)
const byName = new Map(specs.map((spec) => [spec.name, spec]))
const target = '0198aaaa-bbbb-7ccc-8ddd-eeeeffff0000'
const bendChance = 0.5
const maxMessageLength = 200

export function openContractTarget(): Target<RequestInput> {
  const subject = { validator: validatorOf }
  return {
    inputsPerRound: 20_000,
    make: (random) => makeInput(random),
    check: ({ request, value }) => checkInput(request, value, subject.validator),
    faults: {
      'forgotten-member': () => {
        subject.validator = ({ input, ...spec }) =>
          validatorOf({ ...spec, input: { ...input, additionalProperties: true } as never })
      },
    },
  }
}

function makeInput(random: Random): RequestInput {
  const { name, input } = pick(random, specs)
  const inputs = new Inputs(random, target)
  inputs.learn({ id: target })
  let value = inputs.make(input)
  while (random.chance(bendChance)) value = bendValue(random, value)
  return { request: name, value }
}

function checkInput(request: string, value: unknown, validator: typeof validatorOf): string | undefined {
  const spec = byName.get(request)
  if (!spec) throw new Error(`there is no request ${request}`)
  const before = JSON.stringify(value)
  const refusal = validator(spec)(value)
  const isFine = isValid(spec.input, value, countGraphemes)
  const isClear = isValid(spec.input, value, countCodePoints) === isFine
  return firstProblem(
    [
      !isClear || (refusal === undefined) === isFine,
      `it is ${isFine ? 'refused' : 'taken'} against its schema`,
    ],
    [refusal === undefined || ['invalid', 'too_large'].includes(refusal.code), 'a refusal of another kind'],
    [refusal === undefined || refusal.message.length <= maxMessageLength, 'a refusal that is too long'],
    [JSON.stringify(value) === before, 'the input was changed'],
  )
}
