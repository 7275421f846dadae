import { expect, it } from 'vitest'
import { closest } from '../src/closest.ts'

it.each([
  ['asistant', 'assistant'],
  ['lst', 'list'],
  ['mov', 'move'],
  ['transcribr', 'transcriber'],
  ['foo', null],
  ['mvoe', 'move'],
  ['', null],
])('%s is taken for %s', (name, expected) => {
  expect(closest(name, ['assistant', 'do', 'list', 'move', 'on', 'transcriber'])).toBe(expected)
})
