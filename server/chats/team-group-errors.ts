import { HubError } from '../../shared/errors.ts'

export function stayInTeamGroup(): HubError {
  return new HubError('forbidden', 'This is the group for everyone, so no one can leave it. You can mute it.')
}

export function keepTeamGroup(field?: string): HubError {
  return new HubError(
    'forbidden',
    'This is the group for everyone. An admin of this hub can choose another one, or none, in the administration first.',
    field === undefined ? {} : { field },
  )
}
