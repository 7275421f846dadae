import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Calls in real time mostly wait: one worker a core would leave the cores idle.
    maxWorkers: 3,
  },
})
