import { packageListName } from '../app-packages.ts'
import { Type } from './type.ts'
import { defineRequest } from './define.ts'
import { EmptyObject, ServedFile, strict } from './values.ts'

export const appPackagesGet = defineRequest({
  name: 'appPackages.get',
  method: 'GET',
  path: '/api/app-packages',
  access: 'session',
  summary: `Returns the signed list (\`${packageListName}\`) of the app's packages that this hub passes on, and which of them are there; no list if it has none. A client must check the signature by the release key, and ignore what it does not cover.`,
  input: EmptyObject,
  output: Type.Object(
    {
      signed: Type.Optional(
        Type.Object(
          {
            list: Type.String({ description: 'JSON as it was signed: version and packages' }),
            signature: Type.String({ description: 'base64, Ed25519' }),
          },
          strict,
        ),
      ),
      files: Type.Array(Type.String(), { description: 'names of the list whose files are complete' }),
    },
    strict,
  ),
})

export const appPackagesDownload = defineRequest({
  name: 'appPackages.download',
  method: 'GET',
  path: '/api/app-packages/:file',
  access: 'session',
  transport: 'http',
  response: 'file',
  summary:
    'Returns a package of the list, whole or a range of it. A client must check its size and SHA-512 against the signed list.',
  input: Type.Object({ file: Type.String({ maxLength: 100 }) }, strict),
  output: ServedFile,
})
