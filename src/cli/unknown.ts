import { closest } from '../closest.ts'
import { aliases } from './aliases.ts'

/** Why words name no command, and what to type instead. */
export interface Unknown {
  message: string
  hint: string
}

/** For words (without aliases) that begin no command; `names` are those of all commands. */
export function explainUnknown(words: readonly string[], names: readonly string[]): Unknown {
  if (words.length === 0) return { message: 'no command was given', hint: 'vapi --help' }
  let depth = 0
  while (depth < words.length && below(names, words.slice(0, depth + 1)).length > 0) depth++
  const group = words.slice(0, depth)
  if (depth === words.length) {
    return { message: `vapi ${group.join(' ')} needs a command`, hint: `vapi ${group.join(' ')} --help` }
  }
  const message = `there is no command vapi ${words.slice(0, depth + 1).join(' ')}`
  const tails = below(names, group)
  const candidates = [
    ...new Set([...tails, ...tails.map(firstWord), ...(depth === 0 ? Object.keys(aliases) : [])]),
  ]
  // Two words first: of `cal local`, `call local` is nearer than `call`.
  const near =
    (words.length > depth + 1 ? closest(words.slice(depth, depth + 2).join(' '), candidates) : null) ??
    closest(words[depth] ?? '', candidates)
  if (near !== null) return { message, hint: `did you mean vapi ${[...group, near].join(' ')}?` }
  const deeper = tails.filter(tail => tail.endsWith(` ${words[depth]}`))
  if (deeper.length === 1)
    return { message, hint: `did you mean ${['vapi', ...group, ...deeper].join(' ')}?` }
  return { message, hint: ['vapi', ...group, '--help'].join(' ') }
}

/** What follows the words in the names of commands. */
function below(names: readonly string[], words: readonly string[]): string[] {
  const prefix = words.map(word => `${word} `).join('')
  return names.filter(name => name.startsWith(prefix)).map(name => name.slice(prefix.length))
}

function firstWord(text: string): string {
  return text.split(' ')[0] ?? ''
}
