import { html, nothing } from 'lit'
import { limits, type Adding, type Posting, type Visibility } from '../../shared/contract/values.ts'
import { checkLine, normalizeLine } from '../../shared/text/names.ts'
import { withoutEmpty, type FieldProblems } from '../ui/form.ts'
import type { Hub } from '../state/hub.ts'
import { t } from '../text/t.ts'
import '../ui/hb-choice.ts'
import '../ui/hb-field.ts'
import type { PictureChange } from './hb-group-picture.ts'

export interface GroupDraft {
  name: string
  topic: string
  visibility: Visibility
  posting: Posting
  adding: Adding
}

export function checkGroup({ name, topic }: GroupDraft): FieldProblems {
  return withoutEmpty({
    name: normalizeLine(name)
      ? checkLine(normalizeLine(name), t('group.name'), limits.groupName)?.message
      : t('group.needName'),
    topic: normalizeLine(topic)
      ? checkLine(normalizeLine(topic), t('group.topic'), limits.topic)?.message
      : undefined,
  })
}

/** Everything but members and picture, for a group that exists. */
export function renderGroupFields(
  draft: GroupDraft,
  problems: FieldProblems,
  { isForEveryone = false, isMember = true } = {},
) {
  return html`
    ${renderNameField(draft, problems, () => undefined)} ${renderTopicField(draft, problems)}
    ${isForEveryone ? html`<p class="note">${t('group.everyoneHint')}</p>` : renderVisibilityChoice(draft)}
    ${renderPostingChoice(draft)} ${isForEveryone || !isMember ? nothing : renderAddingChoice(draft)}
  `
}

function renderVisibilityChoice(draft: GroupDraft) {
  return html`<hb-choice
    name="visibility"
    .label=${t('group.visibility')}
    .value=${draft.visibility}
    .choices=${[
      { value: 'public', label: t('group.public'), hint: t('group.publicHint'), icon: 'hash' },
      { value: 'private', label: t('group.private'), hint: t('group.privateHint'), icon: 'lock' },
    ]}
  ></hb-choice>`
}

function renderAddingChoice(draft: GroupDraft) {
  return html`<hb-choice
    name="adding"
    .label=${t('group.adding')}
    .value=${draft.adding}
    .choices=${[
      { value: 'all', label: t('group.addingAll'), icon: 'users' },
      { value: 'admins', label: t('group.addingAdmins'), icon: 'shield' },
    ]}
  ></hb-choice>`
}

export function renderNameField(draft: GroupDraft, problems: FieldProblems, onName: (name: string) => void) {
  return html`<hb-field
    name="name"
    autofocus
    .label=${t('group.name')}
    .placeholder=${t('group.nameExample')}
    .value=${draft.name}
    .error=${problems.name ?? ''}
    .maxlength=${limits.groupName}
    @input=${(event: Event) => onName((event.target as HTMLInputElement).value)}
  ></hb-field>`
}

export function renderTopicField(draft: GroupDraft, problems: FieldProblems) {
  return html`<hb-field
    name="topic"
    optional
    .label=${t('group.topic')}
    .hint=${t('group.topicHint')}
    .value=${draft.topic}
    .error=${problems.topic ?? ''}
    .maxlength=${limits.topic}
  ></hb-field>`
}

export function renderPostingChoice(draft: GroupDraft) {
  return html`<hb-choice
    name="posting"
    .label=${t('group.posting')}
    .value=${draft.posting}
    .choices=${[
      { value: 'all', label: t('group.postingAll'), hint: t('group.postingAllHint'), icon: 'message' },
      {
        value: 'admins',
        label: t('group.postingAdmins'),
        hint: t('group.postingAdminsHint'),
        icon: 'megaphone',
      },
    ]}
  ></hb-choice>`
}

/** Users type the # because they see it everywhere; the page draws it. */
export function normalizeGroupName(typed: string): string {
  return normalizeLine(typed).replace(/^#\s*(?=\S)/, '')
}

export function toGroupDraft(values: Record<string, string>): GroupDraft {
  return {
    name: normalizeGroupName(values.name ?? ''),
    topic: normalizeLine(values.topic ?? ''),
    // a choice, or a box that is ticked
    visibility: values.visibility === 'private' || values.private !== undefined ? 'private' : 'public',
    posting: values.posting === 'admins' ? 'admins' : 'all',
    adding: values.adding === 'admins' ? 'admins' : 'all',
  }
}

/** Call it after the group is saved; does nothing if the picture stays. @throws RequestError */
export async function saveGroupPicture(hub: Hub, chatId: string, change: PictureChange): Promise<void> {
  if (change === 'remove') await hub.chats.removePicture(chatId)
  else if (change) await hub.chats.setPicture(chatId, change)
}
