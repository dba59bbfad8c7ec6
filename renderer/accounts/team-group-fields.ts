// The group for everyone, as the set-up of a hub asks for it: in a browser and in the app.
import { html, nothing } from 'lit'
import { limits, type Posting } from '../../shared/contract/values.ts'
import { checkLine, normalizeLine } from '../../shared/text/names.ts'
import { t } from '../text/t.ts'
import type { FieldProblems } from '../ui/form.ts'
import '../ui/hb-check.ts'
import '../ui/hb-field.ts'

export interface TeamGroupDraft {
  /** '' for none. */
  readonly name: string
  readonly isForAnnouncements: boolean
}

export function newTeamGroup(): TeamGroupDraft {
  return { name: t('setup.teamGroupName'), isForAnnouncements: false }
}

export function renderTeamGroupFields(
  draft: TeamGroupDraft,
  problems: FieldProblems,
  { asksForAnnouncements = true } = {},
): unknown {
  return html`<hb-field
      name="teamGroup"
      .label=${t('setup.teamGroup')}
      .hint=${t('setup.teamGroupHint')}
      .value=${draft.name}
      .error=${problems.teamGroup ?? ''}
      .maxlength=${limits.groupName}
    ></hb-field>
    ${
      asksForAnnouncements
        ? html`<hb-check
            name="announcements"
            .label=${t('setup.announcements')}
            .hint=${t('setup.announcementsHint')}
            .checked=${draft.isForAnnouncements}
          ></hb-check>`
        : nothing
    }`
}

/** Users type the # because they see it everywhere. */
export function toTeamGroup(values: Record<string, string>): TeamGroupDraft {
  return {
    name: normalizeLine(values.teamGroup ?? '').replace(/^#\s*(?=\S)/, ''),
    isForAnnouncements: values.announcements !== undefined,
  }
}

export function checkTeamGroup({ name }: TeamGroupDraft): string | undefined {
  return name ? checkLine(name, t('setup.teamGroup'), limits.groupName)?.message : undefined
}

export function toTeamGroupInput({ name, isForAnnouncements }: TeamGroupDraft): {
  teamGroup?: string
  teamGroupPosting?: Posting
} {
  if (!name) return {}
  return { teamGroup: name, teamGroupPosting: isForAnnouncements ? 'admins' : 'all' }
}
