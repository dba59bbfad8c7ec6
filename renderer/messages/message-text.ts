// The text of a message as Lit templates: bindings of text, never a string of HTML. It is complete in one render,
// since the height of a row has to be final once the list has rendered. Colours of code come later and change no
// size.
import { html, nothing } from 'lit'
import type { Inline } from '../../shared/text/inline.ts'
import { parseMarkdown, textOfInlines, type Block } from '../../shared/text/markdown.ts'
import { t } from '../text/t.ts'
import { copyText } from '../ui/copy-to-clipboard.ts'
import '../ui/hb-icon.ts'
import { notify } from '../ui/hb-toasts.ts'
import { highlightedCode, languageName } from './code-highlighting.ts'
import { hrefOf, addressToReveal } from './link-addresses.ts'

/** Resolves the names in a text. All results are watched. */
export interface NameResolver {
  /** Takes an `@name` without the text that follows the name. */
  user(name: string): MentionedUser | undefined
  /** Takes a `#group`, which may be followed by more text unless it is whole. */
  group(name: string, isWhole: boolean): { id: string; name: string; length: number } | undefined
  /** True if `@everyone` and `@here` mention users in this message. */
  readonly allowsBroadcast: boolean
}

export interface MentionedUser {
  /** '' for everyone. */
  id: string
  name: string
  me: boolean
  length: number
}

export const emptyNameResolver: NameResolver = {
  user: () => undefined,
  group: () => undefined,
  allowsBroadcast: false,
}

const blockCache = new Map<string, Block[]>()
/** Enough for several windows of rows, so that rows that scroll out and in are not parsed again. */
const maxCachedTexts = 1000

export function blocksOf(text: string): Block[] {
  const known = blockCache.get(text)
  if (known) return known
  const blocks = parseMarkdown(text)
  blockCache.set(text, blocks)
  if (blockCache.size > maxCachedTexts) {
    const [oldest] = blockCache.keys()
    if (oldest !== undefined) blockCache.delete(oldest)
  }
  return blocks
}

/** `end` comes after the last word: "edited". */
export function messageText(
  text: string,
  names: NameResolver = emptyNameResolver,
  end: unknown = nothing,
): unknown {
  const blocks = blocksOf(text)
  return blocks.map((block, at) => renderBlock(block, names, at === blocks.length - 1 ? end : nothing))
}

function renderBlock(block: Block, names: NameResolver, end: unknown): unknown {
  switch (block.kind) {
    case 'text':
      return html`<span class="t" dir="auto">${renderInlines(block.children, names)}${end}</span>`
    case 'heading':
      return html`<span class="t h${block.level}" role="heading" aria-level=${block.level + 3} dir="auto"
        >${renderInlines(block.children, names)}${end}</span
      >`
    case 'code':
      return html`${renderCode(block.text, block.language)}${end}`
    case 'quote':
      return html`<blockquote dir="auto">
        ${block.children.map((child, at) =>
          renderBlock(child, names, at === block.children.length - 1 ? end : nothing),
        )}
      </blockquote>`
    case 'list': {
      const items = block.items.map(
        ({ number, children }, at) =>
          html`<li value=${number ?? nothing} dir="auto">
            ${children.map((child, place) =>
              renderBlock(
                child,
                names,
                at === block.items.length - 1 && place === children.length - 1 ? end : nothing,
              ),
            )}
          </li>`,
      )
      return block.ordered
        ? html`<ol dir="auto">
            ${items}
          </ol>`
        : html`<ul dir="auto">
            ${items}
          </ul>`
    }
  }
}

function renderCode(text: string, language: string | undefined): unknown {
  return html`<figure class="code ${language === undefined ? 'plain' : ''}" dir="ltr">
    <figcaption>
      <span>${languageName(language)}</span>
      <button data-action="copy-code" data-tip=${t('messages.copyCode')} aria-label=${t('messages.copyCode')}>
        <hb-icon name="copy" .size=${14}></hb-icon>
      </button>
    </figcaption>
    <pre
      tabindex="0"
      role="group"
      aria-label=${language === undefined ? t('messages.code') : t('messages.codeIn', { language: languageName(language) })}
    ><code>${highlightedCode(text, language)}</code></pre>
  </figure>`
}

function renderInlines(children: readonly Inline[], names: NameResolver, inLink = false): unknown {
  return children.map((node) => renderInline(node, names, inLink))
}

function renderInline(node: Inline, names: NameResolver, inLink: boolean): unknown {
  switch (node.kind) {
    case 'text':
      return node.text
    case 'code':
      return html`<code>${node.text}</code>`
    case 'strong':
      return html`<strong>${renderInlines(node.children, names, inLink)}</strong>`
    case 'em':
      return html`<em>${renderInlines(node.children, names, inLink)}</em>`
    case 'strike':
      return html`<s>${renderInlines(node.children, names, inLink)}</s>`
    case 'link':
      return renderLink(node, names)
    case 'mention':
      return inLink ? node.sign + node.name : renderMention(node, names)
    case 'group':
      return inLink ? node.text : renderGroup(node, names)
  }
}

function renderLink(node: Extract<Inline, { kind: 'link' }>, names: NameResolver): unknown {
  const href = hrefOf(node.address)
  const label = renderInlines(node.children, names, true)
  if (href === undefined) return node.bare ? label : html`[${label}](${node.address})`
  const real = addressToReveal(textOfInlines(node.children), href)
  return html`<a href=${href} data-tip=${href} target="_blank" rel="noopener noreferrer nofollow" dir="auto"
    >${label}${real === undefined ? nothing : html` <bdi class="real" dir="ltr">(${real})</bdi>`}</a
  >`
}

function renderMention({ sign, name }: Extract<Inline, { kind: 'mention' }>, names: NameResolver): unknown {
  const user = names.user(name)
  if (!user) return sign + name
  const typed = sign + name.slice(0, user.length)
  const rest = name.slice(user.length)
  if (user.id === '') return html`<strong class="mention me">${typed}</strong>${rest}`
  // Line breaks within the button would be shown.
  // prettier-ignore
  return html`<button class="mention ${user.me ? 'me' : ''}" data-action="mention" data-id=${user.id} data-tip=${typed}>@<bdi>${user.name}</bdi></button>${rest}`
}

function renderGroup({ name, text }: Extract<Inline, { kind: 'group' }>, names: NameResolver): unknown {
  const isWhole = text.endsWith(']')
  const found = names.group(name, isWhole)
  if (!found) return text
  const rest = isWhole ? '' : name.slice(found.length)
  // line breaks within it would be shown
  // prettier-ignore
  return html`<button class="mention" data-action="group" data-id=${found.id}>#<bdi>${found.name}</bdi></button>${rest}`
}

/** Handles a click within a text. Returns true if it was on one of these actions. */
export function handleTextAction(from: HTMLElement, action: string, target: HTMLElement): boolean {
  const id = target.closest<HTMLElement>('[data-id]')?.dataset.id
  if (action === 'copy-code') {
    const text = target.closest('figure')?.querySelector('code')?.textContent ?? ''
    void copyText(text).then((copied) =>
      notify(from, copied ? { text: t('messages.codeCopied') } : { text: t('messages.codeNotCopied') }),
    )
  } else if (action === 'mention') {
    from.dispatchEvent(new CustomEvent('hb-open-user', { detail: { userId: id } }))
  } else if (action === 'group') {
    from.dispatchEvent(new CustomEvent('hb-open-group', { detail: { chatId: id } }))
  } else {
    return false
  }
  return true
}
