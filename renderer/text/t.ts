// The one translation layer: every word the page says is a line of a table, found by a typed key.
import { isolateLine, isolateValue } from './direction.ts'
import type { en } from './en.ts'
import { entryText } from './en-entry.ts'

type Table = typeof en
export type TextKey = keyof Table

/** `{name}` in the text asks for the argument `name`; a line with plural forms asks for `count`. */
type Placeholders<S> = S extends `${string}{${infer Name}}${infer Rest}` ? Name | Placeholders<Rest> : never
type Forms<L> = L extends { other: infer O } ? O | 'count' : L
type ArgsOf<L> = Placeholders<Forms<L>> | (L extends { other: unknown } ? 'count' : never)
type Args<K extends TextKey> = [ArgsOf<Table[K]>] extends [never]
  ? []
  : [args: Record<ArgsOf<Table[K]>, string | number>]

/** English is the only table so far. Numbers follow the user's own English variant, if any; times and days their region (`region.ts`). */
export const locale = navigator.languages.find((language) => /^en\b/i.test(language)) ?? 'en-GB'

const pluralRules = new Intl.PluralRules('en')
const numberFormat = new Intl.NumberFormat(locale)

type Line = string | { one: string; other: string }
let lines: Readonly<Record<string, Line>> = entryText

/** Adds lines that the first screen did not need. */
export function addText(table: Readonly<Record<string, Line>>): void {
  lines = { ...lines, ...table }
}

/** `48,213` */
export function numberText(value: number): string {
  return numberFormat.format(value)
}

export function t<K extends TextKey>(key: K, ...args: Args<K>): string {
  const line = lines[key]
  if (line === undefined) throw new Error(`the text ${key} is not loaded: see renderer/text/shell-text.ts`)
  const values = (args[0] ?? {}) as Record<string, string | number>
  if (typeof line === 'string') return isolateLine(fillPlaceholders(line, values))
  const form = pluralRules.select(Number(values.count))
  return isolateLine(fillPlaceholders(form === 'one' ? line.one : line.other, values))
}

function fillPlaceholders(text: string, values: Record<string, string | number>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name]
    if (value === undefined) return whole
    return typeof value === 'number' ? numberFormat.format(value) : isolateValue(value)
  })
}
