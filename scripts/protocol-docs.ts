// Writes docs/protocol.md from the contract and the text of protocol-docs.in.md.
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { entryRows, namedSchemas } from '../server/docs/page.ts'
import { toPlainSchema, splitInput } from '../server/docs/openapi.ts'
import { rowsOf, shapeOf, type SchemaRow } from '../server/docs/schema-text.ts'
import { requests } from '../shared/contract.ts'
import type { RequestSpec } from '../shared/contract/define.ts'
import { closeCodes, liveTimings, protocol } from '../shared/contract/live.ts'
import { limits } from '../shared/contract/values.ts'
import { errorStatus } from '../shared/errors.ts'

const specs = Object.values<RequestSpec>(requests)

/** Returns the content of docs/protocol.md. */
export function protocolDocs(): string {
  const values: Record<string, string> = {
    version: String(protocol.max),
    errors: errorsTable(),
    requests: requestsTable(),
    details: specs.map(requestDetails).join('\n\n'),
    types: typesSection(),
    limits: limitsTable(),
    frames: framesSection(),
    entries: entriesTable(),
    closing: closingTable(),
    frameBytes: String(limits.frame),
    smallChat: String(limits.liveReceiptMembers),
    smallChatMembers: String(limits.smallChatMembers),
    watchedUsers: String(limits.watchedUsers),
    resumeSeconds: seconds('resumeTimeoutMs'),
    offlineSeconds: seconds('offlineDelayMs'),
    typingSeconds: seconds('typingIntervalMs'),
    typingEndsSeconds: seconds('typingTimeoutMs'),
    pingSeconds: seconds('pingIntervalMs'),
    deadSeconds: seconds('connectionTimeoutMs'),
  }
  return readSource('scripts/protocol-docs.in.md').replace(/\{\{(\w+)\}\}/g, (_, name: string) => {
    const value = values[name]
    if (value === undefined) throw new Error(`protocol-docs.in.md uses {{${name}}}, which has no value`)
    return value
  })
}

function seconds(name: keyof typeof liveTimings): string {
  return String(liveTimings[name] / 1000)
}

function errorsTable(): string {
  return table(
    ['code', 'HTTP'],
    Object.entries(errorStatus).map(([code, status]) => [`\`${code}\``, String(status)]),
  )
}

function requestsTable(): string {
  return table(
    ['request', 'HTTP', 'who', ''],
    specs.map(({ name, method, path, access, transport: httpOnly, tokens, summary }) => [
      `[\`${name}\`](#${anchor(name)})`,
      `${method} \`${path}\``,
      access,
      `${summary}${httpOnly ? ' Over HTTP only.' : ''}${tokens ? ' Not with a personal token.' : ''}`,
    ]),
  )
}

function requestDetails(spec: RequestSpec): string {
  const { inPath, inQuery } = splitInput(spec)
  const place = ({ name }: SchemaRow): string =>
    inPath.includes(name) ? 'path' : inQuery.includes(name) ? 'query' : 'body'
  const rows = rowsOf(toPlainSchema(spec.input))
  const input =
    rows.length === 0
      ? ''
      : `${table(
          ['input', 'in', 'type', ''],
          rows.map((row) => [nameOf(row), place(row), `\`${row.shape}\``, row.note]),
        )}\n\n`
  const status = spec.output ? (spec.status ?? 200) : 204
  const output = spec.output ? ` \`${shapeOf(toPlainSchema(spec.output), false)}\`` : ''
  return `#### ${spec.name}\n\n${spec.method} \`${spec.path}\`\n\n${input}→ ${status}${output}`
}

function typesSection(): string {
  return [...namedSchemas(specs)]
    .map(([name, schema]) => {
      const rows = rowsOf(schema).map((row) => [nameOf(row), `\`${row.shape}\``, row.note])
      return `#### ${name}\n\n${table(['member', 'type', ''], rows)}`
    })
    .join('\n\n')
}

function limitsTable(): string {
  const rows: string[][] = []
  const add = (name: string, value: unknown): void => {
    if (typeof value === 'number') rows.push([`\`${name}\``, value.toLocaleString('en')])
    else for (const [key, inner] of Object.entries(value as object)) add(`${name}.${key}`, inner)
  }
  for (const [name, value] of Object.entries(limits)) add(name, value)
  return `\`text\`, \`frame\` and \`body\` are bytes of UTF-8. The others are characters, items, or the unit in their name.\n\n${table(['limit', 'value'], rows)}`
}

/** Frames are types without a schema, so their source is shown. The fences are here because prettier would format `{{frames}}` in them. */
function framesSection(): string {
  const types = [
    ...findParts('shared/contract/live.ts', [
      /export type Me = .*/,
      /export type FromHub =\n[\s\S]*?\n\n/,
      /export const wantNames = .*/,
      /export type Want = .*/,
      /export interface Have \{[\s\S]*?\n\}/,
      /export type ToHub =\n[\s\S]*$/,
    ]),
    ...findParts('shared/term.ts', [/export interface Term \{[\s\S]*?\n\}/]),
    ...findParts('shared/contract/continuity.ts', [/export type Safety = .*/]),
    ...findParts('shared/places.ts', [/export interface Place \{[\s\S]*?\n\}/]),
  ].join('\n\n')
  return `\`\`\`ts\n${types}\n\`\`\``
}

function findParts(file: string, parts: readonly RegExp[]): string[] {
  const source = readSource(file)
  return parts.map((part) => {
    const found = part.exec(source)?.[0]
    if (!found) throw new Error(`${file} no longer has ${String(part)}`)
    return found.trim()
  })
}

function entriesTable(): string {
  return table(
    ['type', 'members, in addition to `stream`, `seq`, `type`, `at`, `by`?'],
    entryRows().map(({ type, carries }) => [`\`${type}\``, `\`${carries}\``]),
  )
}

function closingTable(): string {
  return table(
    ['code', 'reason'],
    Object.entries(closeCodes).map(([name, code]) => [
      String(code),
      name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`),
    ]),
  )
}

function nameOf({ name, required }: SchemaRow): string {
  return `\`${name}\`${required ? '' : '?'}`
}

function anchor(name: string): string {
  return name.toLowerCase().replaceAll('.', '')
}

function table(head: string[], rows: string[][]): string {
  const line = (cells: string[]): string => `| ${cells.map(cell).join(' | ')} |`
  return [line(head), `|${' --- |'.repeat(head.length)}`, ...rows.map(line)].join('\n')
}

/** A bar would end the cell, even within code. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|')
}

function readSource(name: string): string {
  return readFileSync(new URL(`../${name}`, import.meta.url), 'utf8')
}

if (import.meta.main) {
  const file = fileURLToPath(new URL('../docs/protocol.md', import.meta.url))
  writeFileSync(file, protocolDocs())
}
