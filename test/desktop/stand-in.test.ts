// Holds the stand-in against the typings of Electron. What the app calls exists in both with the same shape, and the
// stand-in invents nothing but the helpers that are listed here.
import path from 'node:path'
import ts from 'typescript'
import { beforeAll, expect, it } from 'vitest'

const root = path.join(import.meta.dirname, '..', '..')
const entry = path.join(import.meta.dirname, 'stand-in', 'electron.ts')
const downloads = path.join(import.meta.dirname, 'stand-in', 'downloads.ts')

/** What specs use, and Electron does not have. */
const helpers = new Set([
  'calls',
  'app.becomeReady',
  'app.cancelQuit',
  'app.handleAllWindowsClosed',
  'app.name',
  'dialog.answers',
  'Menu.application',
  'Notification.all',
  'Notification.activated',
  'Notification.options',
  'Notification.isShown',
  'Tray.all',
  'Tray.menu',
  'utilityProcess.all',
  'UtilityProcess.failFatally',
  'BaseWindow.all',
  'BrowserWindow.waitUntilAllClosed',
  'WebContents.setWindowState',
  'WebContents.closeUnlessPrevented',
  'WebContents.closeTarget',
  'WebContents.zoom',
  'MessagePortMain.deliver',
  'MessagePortMain.markClosed',
  'Session.handlers',
  'NativeImage.source',
  'NativeImage.toJSON',
])

interface Member {
  isMethod: boolean
  /** Parameters that must be given, and the highest number. */
  parameters: [number, number]
  returnsPromise: boolean
}

let checker: ts.TypeChecker
let program: ts.Program

beforeAll(() => {
  const options: ts.CompilerOptions = {
    ...{ strict: true, noEmit: true, skipLibCheck: true, allowImportingTsExtensions: true },
    ...{ target: ts.ScriptTarget.ES2024, module: ts.ModuleKind.NodeNext, types: ['node'] },
    ...{ moduleResolution: ts.ModuleResolutionKind.NodeNext, lib: ['lib.es2025.d.ts', 'lib.dom.d.ts'] },
  }
  const sources = ts.sys.readDirectory(path.join(root, 'main'), ['.ts'])
  program = ts.createProgram([entry, downloads, ...sources], options)
  checker = program.getTypeChecker()
}, 120_000)

/** The exports of a module by name, as they are at run time. */
function exportsOf(module: ts.Symbol | undefined): Map<string, ts.Symbol> {
  if (!module) throw new Error('a module is not in the program')
  return new Map(checker.getExportsOfModule(module).map((symbol) => [symbol.name, resolveAlias(symbol)]))
}

function resolveAlias(symbol: ts.Symbol): ts.Symbol {
  return symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
}

function exportsOfFile(file: string): Map<string, ts.Symbol> {
  const source = program.getSourceFile(file)
  return exportsOf(source && checker.getSymbolAtLocation(source))
}

const realExports = (): Map<string, ts.Symbol> =>
  exportsOf(checker.getAmbientModules().find(({ name }) => name === '"electron"'))

/** The types of an export: of the object, or of a class and of its instances. */
function typesOf(symbol: ts.Symbol): ts.Type[] {
  const isClass = (symbol.flags & ts.SymbolFlags.Class) !== 0
  return [checker.getTypeOfSymbol(symbol), ...(isClass ? [checker.getDeclaredTypeOfSymbol(symbol)] : [])]
}

function typeAt(types: readonly ts.Type[], ...names: string[]): ts.Type {
  const [name, ...rest] = names
  if (name === undefined) return types.at(-1) as ts.Type
  const member = types.flatMap((type) => checker.getPropertyOfType(type, name) ?? [])[0]
  if (!member) throw new Error(`the stand-in has no ${name}`)
  const type = checker.getTypeOfSymbol(member)
  return typeAt([type.getCallSignatures()[0]?.getReturnType() ?? type], ...rest)
}

/** Exports of the stand-in, and the classes of Electron that the app meets only as objects. */
function standInTypes(): Map<string, ts.Type[]> {
  const types = new Map([...exportsOfFile(entry)].map(([name, symbol]) => [name, typesOf(symbol)]))
  const of = (name: string): ts.Type[] => types.get(name) ?? []
  const met = {
    CommandLine: typeAt(of('app'), 'commandLine'),
    DownloadItem: typeAt(typesOf(exportsOfFile(downloads).get('DownloadItem') as ts.Symbol)),
    NativeImage: typeAt(of('nativeImage'), 'createFromPath'),
    Session: typeAt(of('session'), 'defaultSession'),
    UtilityProcess: typeAt(of('utilityProcess'), 'fork'),
    WebContents: typeAt(of('BrowserWindow'), 'webContents'),
    WebFrameMain: typeAt(of('BrowserWindow'), 'webContents', 'mainFrame'),
  }
  for (const [name, type] of Object.entries(met)) types.set(name, [type])
  return types
}

function realTypes(name: string): ts.Type[] | undefined {
  const symbol = realExports().get(name)
  return symbol && (symbol.flags & (ts.SymbolFlags.Value | ts.SymbolFlags.Class)) !== 0
    ? typesOf(symbol)
    : symbol && [checker.getDeclaredTypeOfSymbol(symbol)]
}

function describe(member: ts.Symbol): Member {
  const signatures = checker.getTypeOfSymbol(member).getCallSignatures()
  const counts = signatures.map(({ declaration }) => {
    const parameters = declaration?.parameters ?? []
    const needed = parameters.filter((one) => ts.isParameter(one) && !isOptional(one)).length
    const isOpen = parameters.some((one) => ts.isParameter(one) && one.dotDotDotToken !== undefined)
    return [needed, isOpen ? Infinity : parameters.length] as const
  })
  return {
    isMethod: signatures.length > 0,
    parameters: [Math.min(...counts.map(([least]) => least)), Math.max(...counts.map(([, most]) => most))],
    returnsPromise: signatures.some((one) =>
      checker.typeToString(one.getReturnType()).startsWith('Promise<'),
    ),
  }
}

function isOptional({ questionToken, initializer, dotDotDotToken }: ts.ParameterDeclaration): boolean {
  return questionToken !== undefined || initializer !== undefined || dotDotDotToken !== undefined
}

/** A member of a class of Node, such as `on`, or a private one. */
function isOwn(member: ts.Symbol): boolean {
  const [declaration] = member.declarations ?? []
  const file = declaration?.getSourceFile().fileName ?? ''
  return !/^(__#|#|prototype$)/.test(member.name) && !/\/(@types\/node|typescript\/lib)\//.test(file)
}

/** Differences of a member of the stand-in that would let a wrong call pass, or refuse a right one. */
function differences(name: string, standIn: Member, real: Member): string[] {
  if (standIn.isMethod !== real.isMethod) {
    return [`${name} is ${real.isMethod ? 'a method' : 'a property'} of Electron`]
  }
  if (!real.isMethod) return []
  const isCallable =
    standIn.parameters[0] <= real.parameters[1] && real.parameters[0] <= standIn.parameters[1]
  return [
    ...(isCallable
      ? []
      : [`${name} takes ${real.parameters.join(' to ')} arguments, not ${standIn.parameters.join(' to ')}`]),
    ...(standIn.returnsPromise === real.returnsPromise
      ? []
      : [`${name} ${real.returnsPromise ? 'returns a promise' : 'returns at once'}`]),
  ]
}

it('has nothing that Electron does not have, and no member of another shape', () => {
  const problems = [...standInTypes()].flatMap(([name, types]) => {
    if (helpers.has(name)) return []
    const real = realTypes(name)
    if (!real) return [`Electron has no ${name}`]
    return types
      .flatMap((type) => type.getProperties())
      .filter(isOwn)
      .flatMap((member) => {
        const full = `${name}.${member.name}`
        if (helpers.has(full)) return []
        const counterpart = real.flatMap((type) => checker.getPropertyOfType(type, member.name) ?? [])[0]
        return counterpart
          ? differences(full, describe(member), describe(counterpart))
          : [`Electron has no ${full}`]
      })
  })
  expect(problems).toEqual([])
})

it('has every member of Electron that the app uses', () => {
  const standIn = standInTypes()
  const used = [...usedMembers()].toSorted()
  expect(used).toContain('app.quit')
  expect(used).toContain('WebContents.setWindowOpenHandler')
  const missing = used.filter((full) => {
    const [name = '', member = ''] = full.split('.')
    return !(standIn.get(name) ?? []).some((type) => checker.getPropertyOfType(type, member) !== undefined)
  })
  expect(missing).toEqual([])
})

/** `app.quit`, `WebContents.reload`…: each member that main/ uses and the typings of Electron declare. */
function usedMembers(): Set<string> {
  const used = new Set<string>()
  const names = new Map([...realExports()].map(([name, symbol]) => [symbol, name]))
  const visit = (node: ts.Node): void => {
    if (ts.isPropertyAccessExpression(node)) {
      const declaration = checker.getSymbolAtLocation(node.name)?.declarations?.[0]
      if (declaration?.getSourceFile().fileName.endsWith('/electron.d.ts')) {
        const object = checker.getSymbolAtLocation(node.expression)
        const { parent } = declaration
        const owner =
          (object && names.get(resolveAlias(object))) ??
          (ts.isClassDeclaration(parent) ? parent.name?.text : undefined) ??
          (ts.isInterfaceDeclaration(parent) && /^(CommandLine|Session)$/.test(parent.name.text)
            ? parent.name.text
            : undefined)
        if (owner !== undefined) used.add(`${owner}.${node.name.text}`)
      }
    }
    ts.forEachChild(node, visit)
  }
  for (const file of program.getSourceFiles()) {
    if (file.fileName.startsWith(path.join(root, 'main') + path.sep)) visit(file)
  }
  // only in the page, where the preload gets it
  return new Set([...used].filter((name) => !/^(contextBridge|ipcRenderer)\./.test(name)))
}
