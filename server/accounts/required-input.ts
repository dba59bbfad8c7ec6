import { HubError } from '../../shared/errors.ts'

/**
 * Requires that each of these members of the input was filled in. A blank one is no wrong one: it is no attempt, and counts as
 * none. @throws HubError `invalid` with the field
 */
export function requireFilledIn(input: Readonly<Record<string, string>>): void {
  for (const [field, value] of Object.entries(input))
    if (value.trim() === '') throw new HubError('invalid', `“${field}” is empty.`, { field })
}
