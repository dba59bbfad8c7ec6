// What CI does with the real installer on Windows, on a computer of words: that its check finds what it looks for.
import { expect, test } from 'vitest'
import { checkInstaller, type Computer } from '../../scripts/check-installer.ts'

const program = 'C:\\Program Files\\Hubbub\\Hubbub.exe'

function createComputer({
  rule = `Profiles: Private\nProgram: ${program}`,
  leavesRule = false,
  code = 0,
} = {}): Computer {
  let isInstalled = false
  return {
    programFiles: 'C:\\Program Files',
    exists: (file) => isInstalled && file === program,
    run: (name, args) => {
      if (name === 'netsh') {
        const hasRule = rule !== '' && (isInstalled || leavesRule)
        return { status: hasRule ? 0 : 1, output: hasRule ? rule : 'No rules match the specified criteria.' }
      }
      expect(args).toEqual(['/S', '/allusers'])
      isInstalled = !name.includes('Uninstall') && code === 0
      return { status: code, output: '' }
    },
  }
}

test('accepts an installer that writes its rule and removes it', async () => {
  expect(await checkInstaller('Hubbub-0.1.0-win-x64.exe', createComputer())).toHaveLength(2)
})

test.for([
  ['the installer ended with 2', { code: 2 }],
  ['wrote no rule', { rule: '' }],
  ['the rule is not for', { rule: 'Profiles: Private\nProgram: C:\\other.exe' }],
  ['holds on public networks', { rule: `Profiles: Private,Public\nProgram: ${program}` }],
  ['left the rule', { leavesRule: true }],
] as const)('finds that %s', async ([problem, computer]) => {
  await expect(checkInstaller('Hubbub-0.1.0-win-x64.exe', createComputer(computer))).rejects.toThrow(problem)
})
