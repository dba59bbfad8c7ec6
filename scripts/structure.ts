// Measures the structure of the code: import circles, folders that import each other, long files and functions, words
// that docs/glossary.md does not use. `node scripts/structure.ts [DIR]` prints the figures;
// `test/tooling/structure.test.ts` checks them.
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import ts from 'typescript'

const processes = ['shared', 'server', 'renderer', 'main'] as const

export interface Structure {
  /** Each circle of imports, types included, as the sorted paths in it. */
  circles: string[][]
  /** By process: pairs of folders that import each other; a file at the top of the process counts as a folder. */
  twoWayPairs: Record<string, string[]>
  files: { path: string; lines: number }[]
  functions: { path: string; name: string; lines: number }[]
  words: Record<string, number>
}

/**
 * Words that docs/style.md and docs/glossary.md retire, counted in tracked TypeScript and Markdown files. Words with a
 * second, plain meaning (answer, ask, place, hold) are left to the reader.
 */
export const retiredWords = [
  'anew',
  'whoever',
  'beside',
  'stands',
  'is told',
  'are told',
  'was told',
  'be told',
  'hangs on',
  'be had',
  'taken back',
  'thought better',
  'somebody',
  'a person',
  'the person',
  'oneself',
  "one's own",
] as const

/** Files that have to name the words in order to retire them. */
const namesRetiredWords = new Set([
  'docs/style.md',
  'docs/glossary.md',
  'scripts/structure.ts',
  'test/tooling/language.test.ts',
])

export function measureStructure(root: string): Structure {
  const tracked = trackedFiles(root)
  const sources = tracked.filter(
    (file) => processes.some((name) => file.startsWith(`${name}/`)) && isSource(file),
  )
  const graph = new Map<string, Set<string>>()
  const functions: Structure['functions'] = []
  const files: Structure['files'] = []
  for (const file of sources) {
    const text = readFileSync(path.join(root, file), 'utf8')
    const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true)
    graph.set(file, importsOf(file, source))
    files.push({ path: file, lines: text.split('\n').length - 1 })
    functions.push(...functionsOf(file, source))
  }
  return {
    circles: circlesOf(graph),
    twoWayPairs: Object.fromEntries(processes.map((name) => [name, twoWayPairsOf(graph, name)])),
    files: files.sort((a, b) => b.lines - a.lines),
    functions: functions.sort((a, b) => b.lines - a.lines),
    words: countWords(root, tracked),
  }
}

export function trackedFiles(root: string): string[] {
  const output = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
  })
  // a file that was deleted but not staged is still listed
  return output.split('\n').filter((file) => file !== '' && existsSync(path.join(root, file)))
}

function isSource(file: string): boolean {
  return file.endsWith('.ts') && !file.endsWith('.d.ts')
}

/** Static imports, re-exports and import types. Lazy imports are left out, since they are the way to open a circle. */
function importsOf(file: string, source: ts.SourceFile): Set<string> {
  const targets = new Set<string>()
  for (const statement of source.statements) {
    if (!ts.isImportDeclaration(statement) && !ts.isExportDeclaration(statement)) continue
    const specifier = statement.moduleSpecifier
    if (!specifier || !ts.isStringLiteral(specifier) || !specifier.text.startsWith('.')) continue
    targets.add(path.posix.join(path.posix.dirname(file), specifier.text))
  }
  return targets
}

/** Tarjan's strongly connected components; a component of one file is no circle. */
function circlesOf(graph: ReadonlyMap<string, ReadonlySet<string>>): string[][] {
  const index = new Map<string, number>()
  const low = new Map<string, number>()
  const stack: string[] = []
  const circles: string[][] = []
  const visit = (file: string): number => {
    const own = index.size
    index.set(file, own)
    low.set(file, own)
    stack.push(file)
    for (const target of graph.get(file) ?? []) {
      if (!graph.has(target)) continue
      if (!index.has(target)) low.set(file, Math.min(low.get(file) ?? own, visit(target)))
      else if (stack.includes(target)) low.set(file, Math.min(low.get(file) ?? own, index.get(target) ?? own))
    }
    if (low.get(file) === own) {
      const component = stack.splice(stack.indexOf(file))
      if (component.length > 1) circles.push(component.sort())
    }
    return low.get(file) ?? own
  }
  for (const file of graph.keys()) if (!index.has(file)) visit(file)
  return circles
}

function twoWayPairsOf(graph: ReadonlyMap<string, ReadonlySet<string>>, name: string): string[] {
  const edges = new Set<string>()
  const folderOf = (file: string): string => file.split('/').slice(1, 2).join('/')
  for (const [file, targets] of graph) {
    if (!file.startsWith(`${name}/`)) continue
    for (const target of targets) {
      if (target.startsWith(`${name}/`) && folderOf(file) !== folderOf(target))
        edges.add(`${folderOf(file)} ${folderOf(target)}`)
    }
  }
  return [...edges].filter((edge) => {
    const [a = '', b = ''] = edge.split(' ')
    return a < b && edges.has(`${b} ${a}`)
  })
}

function functionsOf(file: string, source: ts.SourceFile): Structure['functions'] {
  const found: Structure['functions'] = []
  const lineOf = (position: number): number => source.getLineAndCharacterOfPosition(position).line
  const visit = (node: ts.Node): void => {
    const name = nameOfFunction(node)
    if (name !== undefined)
      found.push({ path: file, name, lines: lineOf(node.getEnd()) - lineOf(node.getStart()) + 1 })
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}

function nameOfFunction(node: ts.Node): string | undefined {
  if (ts.isConstructorDeclaration(node)) return 'constructor'
  if (ts.isFunctionDeclaration(node) || ts.isMethodDeclaration(node) || ts.isAccessor(node))
    return node.name?.getText() ?? 'default'
  const isNamedArrow =
    (ts.isVariableDeclaration(node) || ts.isPropertyDeclaration(node)) &&
    node.initializer !== undefined &&
    (ts.isArrowFunction(node.initializer) || ts.isFunctionExpression(node.initializer))
  return isNamedArrow ? node.name.getText() : undefined
}

export function countWords(root: string, tracked: readonly string[]): Record<string, number> {
  const texts = tracked
    .filter(
      (file) =>
        /\.(ts|md)$/.test(file) &&
        !namesRetiredWords.has(file) &&
        // a report that was written once and is not edited
        !file.startsWith('bench/results/'),
    )
    .map((file) => readFileSync(path.join(root, file), 'utf8'))
  return Object.fromEntries(
    retiredWords.map((word) => {
      const pattern = new RegExp(`\\b${word}\\b`, 'gi')
      return [word, texts.reduce((count, text) => count + (text.match(pattern)?.length ?? 0), 0)]
    }),
  )
}

if (import.meta.main) {
  const { circles, twoWayPairs, files, functions, words } = measureStructure(process.argv[2] ?? process.cwd())
  console.log(
    `circles: ${circles.length}`,
    circles.map((circle) => circle.length),
  )
  for (const [name, pairs] of Object.entries(twoWayPairs))
    console.log(`two-way pairs in ${name}: ${pairs.length}`, pairs)
  console.log('longest files:', files.slice(0, 8))
  console.log('longest functions:', functions.slice(0, 12))
  console.log('retired words:', words)
}
