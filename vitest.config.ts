/** Test suites by what they need: see CONTRIBUTING.md. */
import { defineConfig } from 'vitest/config'

// The SDK advises against Node.js 20 in every worker; it is the oldest we support, and CI runs it.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true'

export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', include: ['src/**/*.test.ts'] } },
      {
        test: {
          name: 'policy',
          include: ['test/policy-cases/*.test.ts', 'test/reference/*.test.ts'],
          testTimeout: 120_000,
        },
      },
      { test: { name: 'network', include: ['test/network/*.test.ts'] } },
      { test: { name: 'tidy', include: ['test/tidy.test.ts'] } },
      { test: { name: 'sdk', include: ['test/sdk/**/*.test.ts'], testTimeout: 30_000, hookTimeout: 30_000 } },
      { test: { name: 'cli', include: ['test/cli/**/*.test.ts'], testTimeout: 120_000, hookTimeout: 60_000 } },
      { test: { name: 'system', include: ['test/system/**/*.test.ts'], testTimeout: 120_000, hookTimeout: 60_000 } },
    ],
  },
})
