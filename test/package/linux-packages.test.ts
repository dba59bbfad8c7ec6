import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { canMountRoot, checkLinuxPackage } from '../../scripts/check-linux-packages.ts'
import { newDataDir } from '../support/data-dir.ts'
import { packWithStub } from '../support/packed-app.ts'

/** The check mounts a throw-away copy of this system, and a package is installed by root. CI is one. */
const canInstall =
  process.getuid?.() === 0 &&
  ['dpkg-deb', 'rpmbuild', 'unshare', 'desktop-file-validate', 'update-mime-database'].every((name) =>
    existsSync(path.join('/usr/bin', name)),
  ) &&
  canMountRoot()

test.runIf(canInstall)(
  'deb and rpm bring what they should into a throw-away root, updates keep it, and removals leave nothing',
  async () => {
    const dir = newDataDir()
    const fpm = path.join(dir, 'fpm')
    const program = path.join(import.meta.dirname, '..', 'support', 'fpm-stand-in.ts')
    writeFileSync(fpm, `#!/bin/sh\nexec '${process.execPath}' '${program}' "$@"\n`)
    chmodSync(fpm, 0o755)
    const { packed } = await packWithStub(['deb', 'rpm'], { CUSTOM_FPM_PATH: fpm })
    const [deb = '', rpm = ''] = packed.installers.toSorted()
    expect([path.extname(deb), path.extname(rpm)]).toEqual(['.deb', '.rpm'])
    for (const file of [deb, rpm]) {
      expect(checkLinuxPackage(file)).toEqual([
        'installed: program, command, icons, file type, links and profile are there',
        'an update keeps them',
        'removed: nothing is left',
      ])
    }

    // the check finds what it looks for
    const change = (edit: (folder: string) => void): string => {
      const folder = path.join(newDataDir(), 'deb')
      execFileSync('dpkg-deb', ['--raw-extract', deb, folder])
      edit(folder)
      const changed = `${folder}.deb`
      execFileSync('dpkg-deb', ['--root-owner-group', '-Zgzip', '-z1', '--build', folder, changed])
      return changed
    }
    const withoutRemoval = change((folder) => rmSync(path.join(folder, 'DEBIAN/postrm')))
    expect(() => checkLinuxPackage(withoutRemoval)).toThrow(/the removal left .*etc\/apparmor\.d\/hubbub/)
    const damaged = change((folder) => {
      const file = path.join(folder, 'usr/share/applications/hubbub.desktop')
      writeFileSync(file, readFileSync(file, 'utf8').replace('x-scheme-handler/hubbub;', ''))
      rmSync(path.join(folder, 'usr/share/icons/hicolor/48x48'), { recursive: true })
      rmSync(path.join(folder, 'usr/share/mime'), { recursive: true })
      rmSync(path.join(folder, 'opt/Hubbub/resources/apparmor-profile'))
    })
    expect(() => checkLinuxPackage(damaged)).toThrow(
      new RegExp(
        [
          'hicolor/48x48/apps/hubbub.png is missing',
          'the desktop file does not open x-scheme-handler/hubbub',
          'hubbub: links do not open the app',
          'is no file type',
          'does not allow the sandbox',
        ].join('[^]*'),
      ),
    )
  },
  240_000,
)
