import { appendFileSync, mkdirSync, renameSync, statSync } from 'node:fs'
import path from 'node:path'
import { secretNames } from '../shared/secret-names.ts'
import type { Log } from './ports.ts'

/** One file and its predecessor: enough to see what happened, never more than twice this size. */
const maxLogBytes = 1024 * 1024

/** A log on this machine only. Anything that looks like a secret is redacted. */
export function openLog(file: string): Log {
  const write = (level: string, text: string, details?: object): void => {
    const line = JSON.stringify({ at: new Date().toISOString(), level, text, ...details }, serializeError)
    try {
      mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 })
      if (fileSize(file) > maxLogBytes) renameSync(file, `${file}.1`)
      appendFileSync(file, `${redactSecrets(line)}\n`, { mode: 0o600 })
    } catch {
      // a full disk, or a folder that is not writable, must not stop the app
    }
  }
  return {
    info: (text, details) => write('info', text, details),
    warn: (text, details) => write('warn', text, details),
    error: (text, details) => write('error', text, details),
  }
}

/** `name: value` and `"name":"value"`; `errorCode` is no `code`. */
const namedSecrets = new RegExp(`(?<!error)("?(?:${secretNames.join('|')})"?\\s*[:=]\\s*"?)[^",}&\\s]+`, 'gi')

/** Redacts tokens, invites and recovery keys wherever they appear in a line. */
export function redactSecrets(line: string): string {
  return line
    .replace(/Bearer [A-Za-z0-9._~+/-]+=*/g, 'Bearer …')
    .replace(namedSecrets, '$1…')
    .replace(/(hubbub:\/\/[^?"\s]*)\?[^"\s]*/g, '$1?…')
}

function serializeError(_name: string, value: unknown): unknown {
  if (!(value instanceof Error)) return value
  const { code } = value as { code?: unknown }
  return { message: value.message, ...(code === undefined ? {} : { errorCode: code }), stack: value.stack }
}

function fileSize(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0
}
