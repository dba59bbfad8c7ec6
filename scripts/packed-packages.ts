// The packages in an archive: what the built program imports is there, what these need is there, and nothing else is.
import { createRequire, isBuiltin } from 'node:module'
import path from 'node:path'
import { parseSync } from 'vite'

const { extractFile } = createRequire(import.meta.url)('@electron/asar') as {
  extractFile: (archive: string, file: string) => Buffer
}

/** Needed only to compile the package that names it. */
const buildOnlyPackages = ['node-addon-api']
/** Loaded only by a hub with a database server, which never runs in the app. */
const leftOut = /^\.\/(bus|s3)\//

interface Import {
  from: string
  specifier: string
}

/** Returns the problems as sentences. `all`: the files of the archive, with slashes. */
export function findPackageImportProblems(archive: string, all: ReadonlySet<string>): string[] {
  const imports = [...all]
    .filter((name) => /^dist\/(hub|main)\/.+\.js$/.test(name))
    .flatMap((name) => importsOf(name, extractFile(archive, name).toString()))
    .filter(({ specifier }) => !isBuiltin(specifier) && specifier !== 'electron' && !leftOut.test(specifier))
  const missing = imports
    .filter(({ from, specifier }) =>
      specifier.startsWith('.')
        ? !all.has(path.posix.join(path.posix.dirname(from), specifier))
        : findPackage(all, from, packageName(specifier)) === undefined,
    )
    .map(({ from, specifier }) => `${from} imports ${specifier}, which is missing`)
  const roots = imports.flatMap(({ from, specifier }) =>
    specifier.startsWith('.') ? [] : (findPackage(all, from, packageName(specifier)) ?? []),
  )
  // sharp tries decoders by the name of the system; which one belongs in the package is checked by its files
  const decoders = listPackages(all).filter((folder) => folder.startsWith('node_modules/@img/sharp-'))
  const { needed, problems } = followDependencies(archive, all, [...roots, ...decoders])
  const unused = listPackages(all)
    .filter((folder) => !needed.has(folder))
    .map((folder) => `${folder} is not used by the app`)
  return [...missing, ...problems, ...unused]
}

/** Returns the folders of all packages in the archive, sorted. */
export function listPackages(all: ReadonlySet<string>): string[] {
  return [...all]
    .flatMap((name) => /^((?:.+\/)?node_modules\/(?:@[^/]+\/)?[^/@]+)\/package\.json$/.exec(name)?.[1] ?? [])
    .toSorted()
}

function followDependencies(
  archive: string,
  all: ReadonlySet<string>,
  roots: readonly string[],
): { needed: ReadonlySet<string>; problems: string[] } {
  const needed = new Set(roots)
  const problems: string[] = []
  for (const folder of needed) {
    const { dependencies = {}, optionalDependencies = {} } = JSON.parse(
      extractFile(archive, `${folder}/package.json`).toString(),
    ) as Record<'dependencies' | 'optionalDependencies', Record<string, string> | undefined>
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
      const found = findPackage(all, `${folder}/package.json`, name)
      if (found !== undefined) needed.add(found)
      else if (!(name in optionalDependencies) && !buildOnlyPackages.includes(name)) {
        problems.push(`${folder} needs ${name}, which is missing`)
      }
    }
  }
  return { needed, problems }
}

/** As Node resolves it: in the folder of the importing file, then in those above it. */
function findPackage(all: ReadonlySet<string>, from: string, name: string): string | undefined {
  for (let dir = path.posix.dirname(from); ; dir = path.posix.dirname(dir)) {
    const folder = path.posix.join(dir, 'node_modules', name)
    if (all.has(`${folder}/package.json`)) return folder
    if (dir === '.') return undefined
  }
}

function packageName(specifier: string): string {
  const [scope = '', name = ''] = specifier.split('/')
  return scope.startsWith('@') ? `${scope}/${name}` : scope
}

/** The specifiers of static imports, re-exports and dynamic imports with a literal. */
function importsOf(from: string, text: string): Import[] {
  const { staticImports, staticExports, dynamicImports } = parseSync(from, text).module
  return [
    ...staticImports.map(({ moduleRequest }) => moduleRequest.value),
    ...staticExports.flatMap(({ entries }) =>
      entries.flatMap(({ moduleRequest }) => moduleRequest?.value ?? []),
    ),
    ...dynamicImports.flatMap(({ moduleRequest: { start, end } }) => {
      const literal = /^["'](.+)["']$/.exec(text.slice(start, end))
      return literal?.[1] ?? []
    }),
  ].map((specifier) => ({ from, specifier }))
}
