// Converts copied HTML to Markdown. A separate chunk that only works on text: none of the HTML becomes part of this page.
import { writeMarkdown } from './markdown-writer.ts'
import { parsePastedHtml } from './pasted-blocks.ts'

export function htmlToMarkdown(html: string): string {
  return writeMarkdown(parsePastedHtml(html)).replace(/^\n+/, '').trimEnd()
}
