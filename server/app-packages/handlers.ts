import { notFound } from '../../shared/errors.ts'
import { serveFile } from '../file-storage/folder-contents.ts'
import { defineHandlers, noAccessCheck, read } from '../define-handlers.ts'
import { packageFile, readPackageFolder } from './folder.ts'

export const appPackageHandlers = defineHandlers({
  'appPackages.get': read({
    access: noAccessCheck,
    run: async ({ hub }) => {
      const { signed, packages, problem } = await readPackageFolder(hub.dataDir)
      if (problem !== undefined) hub.log.warn({ problem }, 'the packages of the app are not offered')
      return { ...(signed && { signed }), files: packages.map(({ file }) => file) }
    },
  }),
  'appPackages.download': read({
    access: noAccessCheck,
    run: async ({ hub }, { file }) => {
      const { packages } = await readPackageFolder(hub.dataDir)
      // by the list and never by the name alone, which may be a path
      const found = packages.find((one) => one.file === file)
      if (!found) throw notFound('This package')
      return {
        content: serveFile(packageFile(hub.dataDir, found), found.size),
        size: found.size,
        type: 'application/octet-stream',
        name: found.file,
        etag: found.sha512.slice(0, 43),
      }
    },
  }),
})
