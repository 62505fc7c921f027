/** Test suites by what they need: see CONTRIBUTING.md. */
import { availableParallelism } from 'node:os'

import { defineConfig } from 'vitest/config'

// The SDK advises against Node.js 20 in every worker; it is the oldest we support, and CI runs it.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true'

/** Most tests wait for processes of their own: with two cores, one worker at a time would leave half a core idle. */
const WORKERS_MIN = 2

/** Limits only end what hangs: a machine on which others work takes ten times as long as an idle one. */
const POLL_TIMEOUT_MS = 25_000
const HOOK_TIMEOUT_MS = 300_000

function suite(name: string, include: readonly string[], testTimeout: number) {
  const expect = { poll: { timeout: POLL_TIMEOUT_MS } }
  // Nothing of ours keeps state in a module, so the files of a worker share what they import: that was most of the time of short ones.
  return { test: { name, include: [...include], isolate: false, testTimeout, hookTimeout: HOOK_TIMEOUT_MS, expect } }
}

export default defineConfig({
  test: {
    maxWorkers: Math.max(WORKERS_MIN, availableParallelism() - 1),
    projects: [
      suite('unit', ['src/**/*.test.ts'], 60_000),
      suite('policy', ['test/policy-cases/*.test.ts', 'test/reference/*.test.ts'], 300_000),
      suite('network', ['test/network/*.test.ts'], 300_000),
      suite('tidy', ['test/tidy.test.ts'], 60_000),
      suite('sdk', ['test/sdk/**/*.test.ts'], 60_000),
      suite('cli', ['test/cli/**/*.test.ts'], 300_000),
      suite('system', ['test/system/**/*.test.ts'], 300_000),
    ],
  },
})
