// Creates server/passwords/common-passwords.txt from the list of @zxcvbn-ts/language-common (MIT), which is not
// installed here. Unpack it somewhere (`npm pack @zxcvbn-ts/language-common`, `tar xf …`) and pass its file: `node
// scripts/common-passwords.ts package/src/passwords.json`.
//
// Of its 49,233 passwords some 1,500 have the ten characters that a hub requires. The list also has the usual ways to
// lengthen a password that is too short: the 450 most common ones twice, and with a usual ending.
import { readFileSync, writeFileSync } from 'node:fs'

const [source] = process.argv.slice(2)
if (source === undefined) throw new Error('Pass the path of passwords.json of @zxcvbn-ts/language-common.')

const minLength = 10
const allPasswords = JSON.parse(readFileSync(source, 'utf8')) as string[]
const endings = ['1', '12', '123', '1234', '12345', '123456', '!', '123!', '2023', '2024', '2025', '2026']

const common = new Set(allPasswords.filter((password) => [...password].length >= minLength))
for (const short of allPasswords.filter(({ length }) => length >= 4 && length < minLength).slice(0, 450)) {
  for (const longer of [short + short, ...endings.map((ending) => short + ending)]) {
    if (longer.length >= minLength && longer.length <= 16) common.add(longer)
  }
}

const target = new URL('../server/passwords/common-passwords.txt', import.meta.url)
const notice = [
  '# Passwords of 10 characters and more that are tried first, in lower case. Made by scripts/common-passwords.ts from',
  '# @zxcvbn-ts/language-common 4.1.3. Copyright (c) 2012-2016 Dan Wheeler and Dropbox, Inc., copyright (c) 2021',
  '# @zxcvbn-ts, MIT licence: permission is hereby granted, free of charge, to any person obtaining a copy of this',
  '# software and associated documentation files, to deal in the Software without restriction, including without',
  '# limitation the rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the',
  '# Software, and to permit persons to whom the Software is furnished to do so, subject to the following conditions:',
  '# the above copyright notice and this permission notice shall be included in all copies or substantial portions of',
  '# the Software. The software is provided "as is", without warranty of any kind, express or implied, including but',
  '# not limited to the warranties of merchantability, fitness for a particular purpose and noninfringement. In no',
  '# event shall the authors or copyright holders be liable for any claim, damages or other liability, whether in an',
  '# action of contract, tort or otherwise, arising from, out of or in connection with the software or the use or',
  '# other dealings in the software.',
]
writeFileSync(target, [...notice, ...[...common].sort(), ''].join('\n'))
process.stdout.write(`${common.size} passwords\n`)
