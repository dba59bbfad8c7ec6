// Converts copied HTML to Markdown. A separate chunk that only works on text: none of the HTML becomes part of this
// page. Pictures, scripts and styles are left out.
import type { Element } from 'hast'
import { fromHtml } from 'hast-util-from-html'
import { defaultHandlers, toMdast } from 'hast-util-to-mdast'
import type { Nodes, PhrasingContent, RootContent, List } from 'mdast'
import { parseMarkdown, plainText } from '../../shared/text/markdown.ts'

export function htmlToMarkdown(html: string): string {
  const tree = toMdast(fromHtml(html), {
    handlers: {
      img: dropNode,
      picture: dropNode,
      svg: dropNode,
      video: dropNode,
      audio: dropNode,
      iframe: dropNode,
      input: dropNode,
      hr: dropNode,
      // Google Docs puts this element around everything.
      b: (state, node: Element) =>
        /font-weight:\s*(?:normal|400)/.test(inlineStyle(node))
          ? state.all(node)
          : defaultHandlers.b(state, node),
    },
  })
  const blocks = 'children' in tree ? (tree.children as RootContent[]) : [tree as RootContent]
  return blocksToMarkdown(blocks).trim()
}

function dropNode(): undefined {
  return undefined
}

function inlineStyle(node: Element): string {
  const { style } = node.properties
  return typeof style === 'string' ? style : ''
}

function blocksToMarkdown(nodes: readonly RootContent[]): string {
  let text = ''
  let before: string | undefined
  for (const node of nodes) {
    const block = blockToMarkdown(node)
    if (block === '') continue
    const close = before === undefined ? '' : isTight(before) && isTight(node.type) ? '\n' : '\n\n'
    text += close + block
    before = node.type
  }
  return text
}

/** Paragraphs are separated by an empty line. Blocks with a mark of their own need none. */
function isTight(type: string): boolean {
  return type !== 'paragraph'
}

function blockToMarkdown(node: RootContent): string {
  switch (node.type) {
    case 'heading':
      return `${'#'.repeat(Math.min(3, node.depth))} ${inlineToMarkdown(node.children).replaceAll('\n', ' ')}`
    case 'paragraph':
      return inlineToMarkdown(node.children)
    case 'blockquote':
      return prefixLines(blocksToMarkdown(node.children), '> ', '> ')
    case 'list':
      return listToMarkdown(node)
    case 'code':
      return `\`\`\`${/^[\w+#.-]{1,30}$/.test(node.lang ?? '') ? node.lang : ''}\n${node.value}\n\`\`\``
    case 'table':
      return node.children
        .map((row) => row.children.map((cell) => inlineToMarkdown(cell.children)).join(' | '))
        .filter((row) => row.replaceAll('|', '').trim() !== '')
        .join('\n')
    case 'html':
    case 'thematicBreak':
    case 'definition':
      return ''
    default:
      return inlineToMarkdown([node as PhrasingContent])
  }
}

function listToMarkdown(list: List): string {
  return list.children
    .map((item, at) => {
      const mark = list.ordered ? `${(list.start ?? 1) + at}. ` : '- '
      // an item of paragraphs is an item of lines
      return prefixLines(item.children.map(blockToMarkdown).filter(Boolean).join('\n'), mark, '  ')
    })
    .join('\n')
}

function prefixLines(text: string, first: string, next: string): string {
  return text
    .split('\n')
    .map((line, at) => (at === 0 ? first : next) + line)
    .join('\n')
}

function inlineToMarkdown(nodes: readonly PhrasingContent[]): string {
  return nodes
    .map((node): string => {
      switch (node.type) {
        case 'text':
          return escapeMarkdown(node.value)
        case 'strong':
          return wrapInMark('**', inlineToMarkdown(node.children))
        case 'emphasis':
          return wrapInMark('*', inlineToMarkdown(node.children))
        case 'delete':
          return wrapInMark('~~', inlineToMarkdown(node.children))
        case 'inlineCode':
          return node.value.includes('`') ? `\`\` ${node.value} \`\`` : `\`${node.value}\``
        case 'break':
          return '\n'
        case 'link':
          return linkToMarkdown(node.url, inlineToMarkdown(node.children))
        default:
          return 'children' in node
            ? inlineToMarkdown((node as Nodes & { children: PhrasingContent[] }).children)
            : ''
      }
    })
    .join('')
}

/** Moves spaces out of the marks; otherwise they would not be marks. */
function wrapInMark(mark: string, text: string): string {
  const words = text.trim()
  if (words === '' || words.includes('\n\n')) return text
  const at = text.indexOf(words)
  return text.slice(0, at) + mark + words + mark + text.slice(at + words.length)
}

function linkToMarkdown(url: string, words: string): string {
  if (!/^(?:https?:\/\/|mailto:)/i.test(url) || /[\s<>]/.test(url)) return words
  const bare = words.replaceAll('\\', '')
  if (bare === url || bare === url.replace(/^mailto:/i, '')) return bare
  return words.trim() === '' ? url : `[${words.replaceAll('\n', ' ')}](${url})`
}

/** Escapes only text that would be read as marks. */
function escapeMarkdown(text: string): string {
  const blocks = parseMarkdown(text)
  const isPlain = blocks.every(
    (block) =>
      block.kind === 'text' &&
      block.children.every(
        ({ kind }) => kind === 'text' || kind === 'link' || kind === 'mention' || kind === 'group',
      ),
  )
  if (isPlain && plainText(text) === text.trim()) return text
  return text
    .replace(/[*_~`[]/g, (mark, at: number) => (needsBackslash(text, mark, at) ? `\\${mark}` : mark))
    .replace(/^(\s{0,3})([-+>#])(?=\s)/gm, '$1\\$2')
    .replace(/^(\s{0,3}\d{1,3})([.)])(?=\s)/gm, '$1\\$2')
}

function needsBackslash(text: string, mark: string, at: number): boolean {
  if (mark === '[') return text.includes('](', at)
  const before = text[at - 1] ?? ' '
  const after = text[at + 1] ?? ' '
  if (mark === '_') return !(/[\p{L}\p{N}_]/u.test(before) && /[\p{L}\p{N}_]/u.test(after))
  return mark === '`' || /\S/.test(before) || /\S/.test(after)
}
