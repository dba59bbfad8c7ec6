import type * as MessageText from '../../../renderer/messages/message-text.ts'
import type { NameResolver } from '../../../renderer/messages/message-text.ts'
import { acceptIcons, idleWindow } from '../page-modules.ts'
import { type Target, firstProblem } from '../target.ts'
import { markdownTexts } from './markdown.ts'

/*
 * What the page makes of a message: templates of its program and no others, texts only between them, links that open nothing but web
 * and mail, and each letter that was typed.
 */

interface Template {
  strings: readonly string[]
  values: readonly unknown[]
}

interface Seen {
  text: string
  problem: string | undefined
  nodes: number
}

/** The templates of message-text.ts; one that is made of a message would be new each time. */
const maxTemplates = 40
const names: NameResolver = {
  allowsBroadcast: true,
  user: (name) => {
    if (name.startsWith('ann')) return { id: 'u1', name: 'ann', me: false, length: 3 }
    return name === 'everyone' ? { id: '', name, me: true, length: name.length } : undefined
  },
  group: (name) => (name.startsWith('harbour') ? { id: 'c1', name: 'harbour', length: 7 } : undefined),
}

export async function openRenderTarget(): Promise<Target<string>> {
  acceptIcons()
  const { messageText }: typeof MessageText = await import('../../../renderer/messages/message-text.ts')
  await import('../../../renderer/text/shell-text.ts')
  const { html } = await import('lit')
  const removeWindow = idleWindow()
  const subject = { render: messageText }
  const templates = new Set<readonly string[]>()
  return {
    inputsPerRound: 10_000,
    make: (random) => markdownTexts.make(random),
    check: (text) => {
      const seen: Seen = { text: '', problem: undefined, nodes: 0 }
      lookAt(subject.render(text, names), seen, templates)
      const typed = text.match(/[a-z]/g) ?? []
      return firstProblem(
        [seen.problem === undefined, seen.problem ?? ''],
        [templates.size <= maxTemplates, 'a template that the program does not have'],
        [seen.nodes <= 20 * text.length + 20, `${seen.nodes} nodes`],
        [typed.length <= (seen.text.match(/[a-z]/g) ?? []).length, 'a lost letter'],
      )
    },
    close: removeWindow,
    faults: {
      'script-link': () => {
        subject.render = (text, resolver) => [
          messageText(text, resolver),
          text.includes('](') ? html`<a href=${`javascript:${text}`}></a>` : '',
        ]
      },
    },
  }
}

function lookAt(value: unknown, seen: Seen, templates: Set<readonly string[]>): void {
  seen.nodes += 1
  if (typeof value === 'string' || typeof value === 'number') seen.text += value
  else if (Array.isArray(value)) for (const one of value) lookAt(one, seen, templates)
  else if (isTemplate(value)) lookAtTemplate(value, seen, templates)
  else if (typeof value !== 'symbol' && value !== undefined) seen.problem = `a value of type ${typeof value}`
}

function isTemplate(value: unknown): value is Template {
  return typeof value === 'object' && value !== null && '_$litType$' in value && 'strings' in value
}

function lookAtTemplate({ strings, values }: Template, seen: Seen, templates: Set<readonly string[]>): void {
  templates.add(strings)
  values.forEach((value, at) => {
    const before = strings[at] ?? ''
    const [, attribute] = /\s([.@?a-z-]+)="?[^"<>]*$/.exec(before.slice(before.lastIndexOf('<'))) ?? []
    if (attribute === undefined || before.lastIndexOf('>') > before.lastIndexOf('<'))
      return lookAt(value, seen, templates)
    if (attribute === 'href' && !/^(?:https?|mailto):/.test(String(value)))
      seen.problem = `a link to ${String(value)}`
    if (
      !['href', 'class', 'value', 'aria-label', 'aria-level', 'data-tip', 'data-id', '.size'].includes(
        attribute,
      )
    )
      seen.problem = `the attribute ${attribute}`
  })
}
