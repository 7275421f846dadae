/**
 * A configuration's text for the screen: the same lines, without the values of other programs, which may be keys. Of our own entry the
 * command stays, the values of its environment do not.
 */
import { commandOf, isOurs, withoutSecrets } from './entry.ts'
import { ENTRY_NAME } from './types.ts'

const MASK = '"…"'

/** `keys`: what leads to the servers. A text that cannot be read comes back empty. */
export async function maskedText(
  text: string,
  { format, keys }: { format: 'json' | 'toml'; keys: readonly string[] },
): Promise<string> {
  return format === 'json' ? maskedJson(text, keys) : maskedToml(text, keys)
}

async function maskedJson(text: string, keys: readonly string[]): Promise<string> {
  const { visit, parseTree, findNodeAtLocation, getNodeValue } = await import('jsonc-parser')
  const root = parseTree(text, [], { allowTrailingComma: true })
  const node = root === undefined ? undefined : findNodeAtLocation(root, [...keys, ENTRY_NAME])
  const own = JSON.parse(JSON.stringify(node === undefined ? null : getNodeValue(node)))
  const shown = isOurs(own) ? ['command', 'args', 'type'] : ['command', 'type']
  const plainArgs = withoutSecrets(commandOf(own)?.args ?? [])
  const pieces: { at: number; length: number; text: string }[] = []
  visit(
    text,
    {
      onLiteralValue(value, at, length, _line, _column, path) {
        if (typeof value !== 'string') return
        const [steps, head] = [path(), [...keys, ENTRY_NAME]]
        const isOwn = head.every((key, place) => steps[place] === key)
        const [key, place] = [String(steps[head.length]), Number(steps[head.length + 1])]
        const isPlain = isOwn && shown.includes(key) && (key !== 'args' || plainArgs[place] === value)
        if (!isPlain) pieces.push({ at, length, text: MASK })
      },
      onComment(at, length) {
        pieces.push({ at, length, text: maskedComment(text.slice(at, at + length)) })
      },
    },
    { allowTrailingComma: true },
  )
  return pieces
    .toSorted((one, other) => other.at - one.at)
    .reduce(
      (result, { at, length, text: piece }) => result.slice(0, at) + piece + result.slice(at + length),
      text,
    )
}

/** Servers that are commented out have keys too. */
function maskedComment(comment: string): string {
  return comment.replace(/"(?:[^"\\\n]|\\.)*"(?!\s*:)/g, MASK).replace(/[\w.+/=-]{20,}/g, '…')
}

async function maskedToml(text: string, keys: readonly string[]): Promise<string> {
  const { readTomlEntry } = await import('./edit/toml.ts')
  const own = readTomlEntry(text, keys, ENTRY_NAME)
  const args = commandOf(own)?.args ?? []
  const isPlain = isOurs(own) && withoutSecrets(args).every((word, place) => word === args[place])
  const shown = isPlain ? /^\s*(command|args)\s*=/ : /^\s*command\s*=/
  const heading = new RegExp(
    `^\\s*\\[\\s*${keys.join('\\s*\\.\\s*')}\\s*\\.\\s*["']?${ENTRY_NAME}["']?\\s*\\]`,
  )
  let isOwn = false
  return text
    .split(/(?<=\n)/)
    .map(line => {
      if (/^\s*\[.*\]\s*(#.*)?\r?\n?$/.test(line) && !line.includes('=')) isOwn = heading.test(line)
      if (isOwn && shown.test(line)) return line
      return maskedTomlLine(line)
    })
    .join('')
}

function maskedTomlLine(line: string): string {
  const end = /\r?\n?$/.exec(line)?.[0] ?? ''
  const bare = line.slice(0, line.length - end.length)
  if (/^\s*(\[[^=]*\]\s*)?$/.test(bare)) return line
  if (/^\s*#/.test(bare)) return maskedComment(bare) + end
  const key = /^\s*(?:[\w.-]+|"[^"]*"|'[^']*')\s*=\s*/.exec(bare)?.[0]
  if (key === undefined) return MASK + end
  const value = bare.slice(key.length)
  return (/^(true|false|[\d.+-]+)$/.test(value) ? bare : key + MASK) + end
}
