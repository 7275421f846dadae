import { bareGroups, withoutAlias } from '../../src/cli/aliases.ts'
import { parseArguments } from '../../src/cli/parse.ts'
import { commands } from '../../src/commands/manifest.ts'
import { messageOf } from '../../src/errors.ts'

/**
 * The simple commands of a shell text, as words: pipes, lists, substitutions in `$(…)` and line continuations are
 * followed, quotes and comments taken away. Enough for samples; no here-documents, no expansions.
 */
export function shellCommands(script: string): string[][] {
  const found: string[][] = []
  let words: string[] = []
  let word: string | null = null
  const endWord = () => {
    if (word !== null) words.push(word)
    word = null
  }
  const endCommand = () => {
    endWord()
    if (words.length > 0) found.push(words)
    words = []
  }
  const pattern =
    /(?<space>\\\n|[ \t]+)|\\(?<escaped>.)|'(?<single>[^']*)'|"(?<double>(?:\\.|[^"\\])*)"|(?<comment>(?<=^|\s)#[^\n]*)|(?<end>\$\(|&&|\|\||[|;&\n()])|(?<redirection>\d?[<>]+\s*\S+)|(?<plain>.)/gs
  for (const { groups = {} } of script.matchAll(pattern)) {
    const { escaped, single, double, comment, space, end, redirection, plain } = groups
    if (comment !== undefined) continue
    if (end !== undefined) endCommand()
    else if (space !== undefined || redirection !== undefined) endWord()
    else {
      const text = escaped ?? single ?? plain ?? double?.replace(/\\(.)/gs, '$1') ?? ''
      word = `${word ?? ''}${text}`
      for (const inner of (double ?? '').matchAll(/\$\(([^)]*)\)/g))
        found.push(...shellCommands(inner[1] ?? ''))
    }
  }
  endCommand()
  return found.map(all => all.slice(all.findIndex(part => !/^\w+=/.test(part))))
}

/** What is wrong with a command line of this program (its words begin with `vapi`), or null. */
export async function commandLineFault([, ...given]: readonly string[]): Promise<string | null> {
  if (['--version', '--help', 'help'].includes(given[0] ?? '--help')) return null
  const line = `vapi ${given.join(' ')}`
  for (let count = Math.min(4, given.length); count > 0; count--) {
    const name = withoutAlias(given.slice(0, count).join(' '))
    const load = commands[bareGroups[name] ?? name]
    if (load === undefined) continue
    if (given.includes('--help')) return null
    try {
      parseArguments((await load()).definition, given.slice(count))
      return null
    } catch (error) {
      return `${line}: ${messageOf(error)}`
    }
  }
  const isGroup = Object.keys(commands).some(name => name.startsWith(`${given.join(' ')} `))
  return `${line}: ${isGroup ? 'it is a group' : 'there is no such command'}`
}
