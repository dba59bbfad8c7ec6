// Where the hub's own files are. The built hub (`scripts/build.ts`) joins the modules into a few files, all of them in
// `dist/hub/server/`, so modules cannot find files next to themselves: they ask here.
import { readFileSync } from 'node:fs'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'

const isBuilt = extname(import.meta.url) === '.js'

/** The directory of the built page. */
export const defaultPagesDir = fileURLToPath(
  new URL(isBuilt ? '../../renderer/' : '../dist/renderer/', import.meta.url),
)

/** A file of the program, by its path in `server/`. */
export function programFile(path: string): URL {
  return new URL(path, import.meta.url)
}

/** The module of a worker thread, by its path in `server/` without extension. */
export function workerModule(path: string): URL {
  return new URL(`${path}${isBuilt ? '.js' : '.ts'}`, import.meta.url)
}

/** The tables that the migrations make, if the build has written them. */
export function readBuiltSchema(): unknown {
  return isBuilt ? JSON.parse(readFileSync(programFile(schemaFile), 'utf8')) : undefined
}

/** In `server/` of the built hub. */
export const schemaFile = 'schema.json'

/** The version in package.json. */
export function programVersion(): string {
  return (JSON.parse(readFileSync(programFile('../package.json'), 'utf8')) as { version: string }).version
}
