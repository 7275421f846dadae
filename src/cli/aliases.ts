/**
 * Other words for commands and groups: words after `vapi` → the words they stand for. They are not listed among the
 * commands; the help of the target names them. A target is never an alias itself.
 */
export const aliases: Readonly<Record<string, string>> = {
  login: 'auth login',
  logout: 'auth logout',
  whoami: 'auth whoami',
  'phone-number': 'phone',
  'file upload': 'file create',
}

/** What a group does when its name stands alone; words behind it are its commands. */
export const bareGroups: Readonly<Record<string, string>> = { chat: 'chat create' }

/** The words with the alias at their beginning, if there is one, replaced by what it stands for. */
export function withoutAlias(words: string, table = aliases): string {
  const parts = words.split(' ')
  for (let count = parts.length; count > 0; count--) {
    const beginning = parts.slice(0, count).join(' ')
    if (Object.hasOwn(table, beginning)) return [table[beginning], ...parts.slice(count)].join(' ')
  }
  return words
}

/** Other words for a command or group, its group's aliases included. */
export function aliasesOf(name: string, table = aliases): string[] {
  return Object.entries(table).flatMap(([alias, target]) =>
    name === target || name.startsWith(`${target} `) ? [`${alias}${name.slice(target.length)}`] : [],
  )
}
