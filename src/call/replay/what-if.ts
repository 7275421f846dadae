import type { CompiledAssistant } from '../../assistant/compile.ts'
import { isEnglish } from '../../assistant/language-names.ts'
import { modernise } from '../../assistant/legacy.ts'
import type { Json } from '../../assistant/overrides.ts'
import type { CallRecipe } from '../../assistant/recipe.ts'
import { parseAssistant } from '../../assistant/schema.ts'
import type { CallMember } from '../../assistant/sources.ts'
import { usageError } from '../../errors.ts'
import { isObject } from '../../is-object.ts'
import { createTextEndOfTurnModel } from '../../providers/end-of-turn/estimator.ts'
import { compareRuns, type ReplayComparison } from './compare.ts'
import type { OutsideEvents } from './customer.ts'
import { hearAgain, hearsOtherwise } from './hearing.ts'
import { outsideEvents } from './outside.ts'
import { type CallLog, observationsOf } from './read.ts'
import { type RestoredCall, recordedAssistants, restoreCall } from './restore.ts'
import { playAgain } from './run.ts'

export interface WhatIf extends ReplayComparison {
  /** What the comparison cannot take into account. */
  warnings: string[]
}

/** What a call was made of, as a document: an assistant, or a squad. Paths of changes count from it. */
export function documentOf({ configuration }: CallRecipe): { type: 'assistant' | 'squad'; document: Json } {
  const [first, ...others] = configuration.members
  if (others.length === 0 && first.destinations.length === 0)
    return { type: 'assistant', document: first.assistant }
  const members = configuration.members.map(({ assistant, destinations }) => ({
    assistant,
    ...(destinations.length > 0 && { assistantDestinations: destinations }),
  }))
  return { type: 'squad', document: { members } }
}

/**
 * What a saved call would have been with a changed configuration. Both calls, the recorded and the changed one, are played on
 * the virtual clock, so that they differ by the change alone. Throws usage errors of the changed configuration.
 */
export async function whatIf(log: CallLog, change: (document: Json) => Json): Promise<WhatIf> {
  const recorded = await recordedAssistants(log)
  const before = await restoreCall(log, log.recipe)
  const { recipe, warnings } = changedRecipe(log.recipe, change)
  const after = await restoreCall(log, recipe)
  warnings.push(...newWarnings(before, after))
  const heard = await hearBoth(log, before, after, warnings)
  const estimator = createTextEndOfTurnModel()
  // As in local calls: what judges words knows English.
  const judge = ({ transcriber }: CompiledAssistant) => (isEnglish(transcriber.language) ? estimator : null)
  const play = (call: RestoredCall, outside: OutsideEvents) =>
    playAgain(log, call, { outside, recorded, judge })
  const comparison = compareRuns(
    await play(before, heard.before),
    await play(after, heard.after),
    observationsOf(log),
  )
  if (comparison.unlike.length > 0)
    warnings.push(
      `played again without a change, the call did not go as recorded in turn ${comparison.unlike.join(', ')}`,
    )
  return { ...comparison, warnings: [...new Set(warnings)] }
}

function changedRecipe(
  recipe: CallRecipe,
  change: (document: Json) => Json,
): { recipe: CallRecipe; warnings: string[] } {
  const { configuration } = recipe
  const { type, document } = documentOf(recipe)
  const changed = change(document)
  const list: unknown[] =
    type === 'assistant' ? [{ assistant: changed }] : Array.isArray(changed.members) ? changed.members : []
  if (list.length !== configuration.members.length)
    throw usageError('members of a squad cannot be added or taken away in a replay')
  const warnings: string[] = []
  const [first, ...others] = configuration.members.map((member, place): CallMember => {
    const given = list[place]
    if (!isObject(given) || !isObject(given.assistant))
      throw usageError(`members[${place}] has no assistant after the change`)
    const modern = modernise(given.assistant)
    warnings.push(...modern.warnings)
    const { assistantDestinations } = given
    return {
      ...member,
      assistant: parseAssistant(modern.configuration, '--set'),
      destinations: Array.isArray(assistantDestinations) ? assistantDestinations.filter(isObject) : [],
    }
  })
  if (first === undefined) throw new Error('a call has at least one assistant')
  return { recipe: { ...recipe, configuration: { ...configuration, members: [first, ...others] } }, warnings }
}

/** What is told of the changed configuration and was not told of the recorded one. */
function newWarnings(before: RestoredCall, after: RestoredCall): string[] {
  const known = new Set(before.plan.members[0].warnings)
  const told = after.plan.members[0].warnings.filter(warning => !known.has(warning))
  const [was, is] = [before.members.compiled[0], after.members.compiled[0]]
  if (JSON.stringify(was.transcribers) !== JSON.stringify(is.transcribers))
    told.push('the transcriber is not asked again: the words are those of the recorded call')
  return told
}

async function hearBoth(
  log: CallLog,
  before: RestoredCall,
  after: RestoredCall,
  warnings: string[],
): Promise<{ before: OutsideEvents; after: OutsideEvents }> {
  const [was, is] = [before.members.compiled, after.members.compiled]
  const asRecorded = outsideEvents(log)
  if (!hearsOtherwise(was, is)) return { before: asRecorded, after: asRecorded }
  if (log.sound.length === 0) {
    warnings.push('the saved call has no sound: how that is heard and judged changes nothing')
    return { before: asRecorded, after: asRecorded }
  }
  return {
    before: outsideEvents(log, await hearAgain(log, was)),
    after: outsideEvents(log, await hearAgain(log, is)),
  }
}
