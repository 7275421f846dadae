import { expect, it } from 'vitest'
import { removeAsterisks } from '../../../src/format/steps/13-asterisks.ts'
import { runStep } from '../support.ts'

it.each([
  ['**Bold** and *italic*', 'Bold and italic'],
  ['* one * two', ' one  two'],
])('removes all asterisks: %j -> %j', (before, after) => {
  expect(runStep(removeAsterisks, before)).toBe(after)
})
