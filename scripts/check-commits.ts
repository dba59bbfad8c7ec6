// Checks the form of commit subjects, as docs/style.md asks for it: `area: Do one thing`.
//
// - `node scripts/check-commits.ts BASE` checks the commits since BASE, merges aside.
// - `node scripts/check-commits.ts --message FILE` checks the message in a file: scripts/hooks/commit-msg calls it so.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

const maxSubjectLength = 72
/** Subjects that git itself writes, for merges, reverts and commits that a rebase will fold into another. */
const writtenByGit = /^(Merge |Revert "|(fixup|squash|amend)! )/

/** Returns the problems of a commit message as sentences; empty if there are none. */
export function findMessageProblems(message: string): string[] {
  const lines = withoutComments(message)
  const [subject = '', separator = ''] = lines
  if (subject === '') return ['The message is empty. Write `area: Do one thing`.']
  if (writtenByGit.test(subject)) return []
  const problems = findSubjectProblems(subject)
  if (separator !== '') problems.push('Leave the second line empty: the body begins on the third.')
  return problems
}

export function findSubjectProblems(subject: string): string[] {
  const problems: string[] = []
  const [, summary] = /^[a-z][a-z0-9]*(?:[-/][a-z0-9]+)*: (\S.*)$/.exec(subject) ?? []
  if (summary === undefined)
    problems.push('Begin with the area in lower case and a colon: `area: Do one thing`.')
  else if (!/^\p{Lu}/u.test(summary)) problems.push('Begin the summary with a capital letter.')
  if (subject.length > maxSubjectLength)
    problems.push(
      `Use at most ${maxSubjectLength} characters, not ${subject.length}: the reason goes into the body.`,
    )
  if (subject.includes(';')) problems.push('Leave out the semicolon: a commit does one thing.')
  if (/[.!?]$/.test(subject)) problems.push('Leave out the punctuation at the end.')
  return problems
}

/** The lines of a message as git stores it: no comments, nothing below the scissors of `git commit --verbose`. */
function withoutComments(message: string): string[] {
  const [text = ''] = message.split(/^# -+ >8 -+$/m)
  const lines = text.split(/\r?\n/).filter((line) => !line.startsWith('#'))
  const first = lines.findIndex((line) => line.trim() !== '')
  return first < 0 ? [] : lines.slice(first).map((line) => line.trimEnd())
}

/** Each commit since `base` whose message has problems, as one line per problem. */
function findProblemsSince(base: string): string[] {
  const log = execFileSync('git', ['log', '--no-merges', '--format=%h%x00%B%x01', `${base}..HEAD`], {
    encoding: 'utf8',
  })
  return log.split('\u0001').flatMap((entry) => {
    const [hash, message] = entry.trim().split('\0')
    if (hash === undefined || message === undefined) return []
    const [subject] = message.split('\n')
    return findMessageProblems(message).map((problem) => `${hash} ${subject}: ${problem}`)
  })
}

if (import.meta.main) {
  const [first, file] = process.argv.slice(2)
  if (first === undefined || (first === '--message' && file === undefined)) {
    process.stderr.write('usage: node scripts/check-commits.ts BASE | --message FILE\n')
    process.exit(2)
  }
  const problems =
    first === '--message' ? findMessageProblems(readFileSync(file ?? '', 'utf8')) : findProblemsSince(first)
  for (const problem of problems) process.stderr.write(`${problem}\n`)
  process.exitCode = problems.length === 0 ? 0 : 1
}
