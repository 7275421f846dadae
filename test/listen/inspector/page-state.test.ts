import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const folder = 'src/listen/inspector/browser'

it('modules of the page keep no state: what is remembered belongs to its parts', () => {
  const stateful = readdirSync(folder)
    .filter(name => name.endsWith('.ts'))
    .flatMap(name =>
      readFileSync(join(folder, name), 'utf8')
        .split('\n')
        .filter(line => /^(export )?(let |const \w+(: [^=]+)? = new (Weak)?(Map|Set)(<.*>)?\(\))/.test(line))
        .map(line => `${name}: ${line}`),
    )
  expect(stateful).toEqual([])
})
