import { expect, it } from 'vitest'
import { createThinkingFilter } from '../../../src/providers/openai-compatible/thinking.ts'

function filtered(text: string, size: number): string {
  const filter = createThinkingFilter()
  let given = ''
  for (let at = 0; at < text.length; at += size) given += filter.push(text.slice(at, at + size))
  return given + filter.end()
}

it.each([
  ['<think>why</think>Nine.', 'Nine.'],
  ['\n<think>\na < b > c </b>\n</think>\n\n Nine.', 'Nine.'],
  ['Nine <think>is</think> it.', 'Nine <think>is</think> it.'],
  ['<thin ice', '<thin ice'],
  ['<thi', '<thi'],
  [' plain', ' plain'],
  ['<think>never ends', ''],
  ['', ''],
])('of %j says %j, however it is cut', (text, said) => {
  for (const size of [1, 2, 3, 5, 100]) expect(filtered(text, size)).toBe(said)
})

it('holds nothing back of an answer that does not begin with a thought', () => {
  expect(createThinkingFilter().push('Nine')).toBe('Nine')
})
