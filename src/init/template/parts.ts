import { usageError } from '../../errors.ts'
import type { Part } from '../types.ts'
import { type Facts, holds } from './facts.ts'
import type { Template } from './schema.ts'

const PARTS: readonly Part[] = ['button', 'webhook', 'example', 'env']

/** What a template can add; with facts, to this very project. */
export function partsOf(template: Template, facts?: Facts): Part[] {
  const { files, registrations, json, environment } = template
  const fits = ({ when }: { when?: Template['when'] }) => facts === undefined || holds(when, facts)
  const own = new Set<Part>([...files, ...registrations, ...json].filter(fits).map(({ part }) => part))
  if (environment.some(fits)) own.add('env')
  return PARTS.filter(part => own.has(part))
}

/** The parts that `--with` names; all that there are where it is left out. Throws a usage error for what there is not. */
export function wantedParts(asked: string | undefined, there: readonly Part[], framework: string): Part[] {
  if (asked === undefined) return [...there]
  const names = asked
    .split(',')
    .map(name => name.trim())
    .filter(name => name !== '')
  const unknown = names.filter(name => !PARTS.some(part => part === name))
  if (unknown.length > 0 || names.length === 0)
    throw usageError(
      unknown.length === 0 ? '--with names nothing' : `--with does not know ${unknown.join(', ')}`,
      `some of ${PARTS.join(', ')}, with commas`,
    )
  const missing = names.filter(name => !there.some(part => part === name))
  if (missing.length > 0)
    throw usageError(
      `there is no ${missing.join(' and no ')} for ${framework} here`,
      `there is ${there.join(', ')}`,
    )
  return PARTS.filter(part => names.includes(part))
}
