/** Test suites by what they need: see CONTRIBUTING.md. */
import { defineConfig } from 'vitest/config'

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
      { test: { name: 'tidy', include: ['test/tidy.test.ts'] } },
      { test: { name: 'sdk', include: ['test/sdk/**/*.test.ts'], testTimeout: 30_000, hookTimeout: 30_000 } },
      { test: { name: 'cli', include: ['test/cli/**/*.test.ts'], testTimeout: 120_000, hookTimeout: 60_000 } },
      { test: { name: 'system', include: ['test/system/**/*.test.ts'], testTimeout: 120_000, hookTimeout: 60_000 } },
    ],
  },
})
