import { describe, expect, test } from 'vitest'
import { findMessageProblems, findSubjectProblems } from '../../scripts/check-commits.ts'

describe('the check of commit messages', () => {
  test.for([
    'hub: Allocate the sequence within the transaction',
    'page/composer: Keep the draft of a chat',
    'e2e-tests: Wait for the reply',
    `docs: ${'A'.repeat(66)}`,
  ])('accepts the subject "%s"', (subject) => {
    expect(findSubjectProblems(subject)).toEqual([])
  })

  test.for([
    ['Allocate the sequence within the transaction', 'Begin with the area'],
    ['Hub: Allocate the sequence', 'Begin with the area'],
    ['hub:Allocate the sequence', 'Begin with the area'],
    ['hub: allocate the sequence', 'capital letter'],
    ['hub: Allocate the sequence; rename the lock', 'semicolon'],
    ['hub: Allocate the sequence.', 'punctuation'],
    [`docs: ${'A'.repeat(67)}`, 'at most 72 characters, not 73'],
  ] as const)('rejects the subject "%s"', ([subject, problem]) => {
    expect(findSubjectProblems(subject)).toEqual([expect.stringContaining(problem)])
  })

  test('ignores comments, and requires an empty line before the body', () => {
    expect(
      findMessageProblems('# Please enter a message\nhub: Do one thing\n\nThe reason; at length.\n'),
    ).toEqual([])
    expect(findMessageProblems('hub: Do one thing\nThe reason.\n')).toEqual([
      expect.stringContaining('second line empty'),
    ])
    expect(findMessageProblems('\n# nothing but comments\n')).toEqual([expect.stringContaining('empty')])
    const verbose =
      'hub: Do one thing\n# ------------------------ >8 ------------------------\ndiff --git a b\n'
    expect(findMessageProblems(verbose)).toEqual([])
  })

  test('accepts the subjects that git writes', () => {
    for (const subject of [
      'Merge branch "hub"',
      'Revert "hub: Do one thing; twice"',
      'fixup! hub: Do one thing',
    ])
      expect(findMessageProblems(subject)).toEqual([])
  })
})
