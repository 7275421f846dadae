/**
 * What a call would use, found out before it begins: each part is made as the call makes it, and thrown away. What is of
 * this machine is tried: microphone and speaker are opened and closed, a local model server is asked whether it is there. Of
 * the rest only who takes the call is found out for real: something stored is fetched, a number's server is asked. A further
 * kind of part is a row of `partsOf`.
 */
import { resolve } from 'node:path'
import type { CompiledAssistant } from '../../../assistant/compile.ts'
import { Exit, type ExitCode, VapiError } from '../../../errors.ts'
import { loadPrices } from '../../costs/prices.ts'
import { createRealClock } from '../../real-clock.ts'
import { callId } from '../folder.ts'
import { type LoadedMembers, loadMembers } from '../members.ts'
import { createCallKeys } from '../parts/keys.ts'
import { modelWarnings } from '../parts/models.ts'
import { type CallRequest, type CallSurroundings, isSoundless, partChoices } from '../prepare.ts'
import { endpointingOf, soundOf } from './engines.ts'
import { expectedLatency } from './latency.ts'
import { askLocalServers, askVendors } from './online.ts'
import {
  checkModels,
  checkTranscribers,
  checkVoices,
  type FoundPart,
  type PartSurroundings,
  problemOf,
} from './parts.ts'
import { ASSUMED, roundDollars } from './price.ts'
import { checkRealtime } from './realtime.ts'
import type { CallCheck, CheckedAssistant, CheckedPart, Problem } from './types.ts'

/**
 * Checks a call. `online`: vendors are asked whether they take the keys, with one cheap request each. Throws VapiError
 * where it cannot be found out who takes the call, or its configuration has a fault.
 */
export async function checkCall(
  request: CallRequest,
  surroundings: CallSurroundings,
  online: boolean,
): Promise<CallCheck> {
  const { http, flite, env, workingDirectory, signal } = surroundings
  const warnings: string[] = []
  const warn = (message: string): void => void warnings.push(message)
  const choices = partChoices(request, isSoundless(request))
  const keys = createCallKeys(env, surroundings.findKeptKey ?? null, {
    transcriber: choices.listening,
    model: true,
  })
  const { loaded, noModel, refusals } = await load(request, choices, {
    ...surroundings,
    learnKeys: keys.learn,
  })
  const taken = loaded.request?.ends == null
  if (!taken) warn(`nobody takes the call: ${loaded.request?.detail}`)
  const prices = await loadPrices(
    request.prices === null ? null : resolve(workingDirectory, request.prices),
    env,
  )
  const parts: Omit<PartSurroundings, 'member'> = {
    http,
    flite,
    clock: createRealClock(),
    keys,
    prices,
    warn,
  }
  const found = await Promise.all(
    loaded.compiled.map((compiled, member) =>
      partsOf(
        compiled,
        { ...parts, member },
        { listens: taken && member === 0 && choices.listening, thinks: taken },
      ),
    ),
  )
  if (noModel !== null)
    for (const { part } of found.flat()) if (part.stage === 'model') part.problem = noModel
  if (online) await askVendors(found.flat(), keys, http, signal)
  else await askLocalServers(found.flat(), keys, http, signal)
  for (const one of found) settle(one.map(({ part }) => part))
  const lost = refusals.filter(refusal => !tellRefusal(found[refusal.member] ?? [], refusal))
  const engines = [
    ...(await endpointingOf(loaded, request, surroundings, choices.offline)),
    ...(await soundOf(request, loaded, surroundings)),
  ]
  const checked = found.flat().map(({ part }) => part)
  const problems = [...checked, ...engines, ...lost].flatMap(({ problem }) => problem ?? [])
  const blocking = problems.filter(({ blocks }) => blocks)
  warnings.push(
    ...request.warnings,
    ...loaded.warnings,
    ...loaded.compiled.flatMap(({ plan }) => plan.warnings),
    ...loaded.compiled.flatMap(modelWarnings),
  )
  return {
    ready: blocking.length === 0,
    exit: exitOf(blocking),
    assistants: loaded.compiled.map((compiled, member) =>
      summaryOf(
        compiled,
        (found[member] ?? []).map(({ part }) => part),
      ),
    ),
    parts: checked,
    engines,
    problems,
    warnings: [...new Set(warnings)],
    prices: { date: prices.date, sources: prices.sources, assumed: ASSUMED },
  }
}

/** The parts of one assistant, in the order of a turn. */
async function partsOf(
  compiled: CompiledAssistant,
  surroundings: PartSurroundings,
  { listens, thinks }: { listens: boolean; thinks: boolean },
): Promise<FoundPart[]> {
  const realtime = thinks ? await checkRealtime(compiled, surroundings) : []
  if (realtime.length > 0) return realtime
  const rows = await Promise.all([
    listens ? checkTranscribers(compiled, surroundings) : [],
    thinks ? checkModels(compiled, surroundings) : [],
    checkVoices(compiled, surroundings),
  ])
  return rows.flat()
}

/** Voices that a member's models refuse: the call cannot begin with them, whatever else could speak. */
interface Refusal {
  member: number
  problem: Problem
}

/** False where the assistant has no part that it could be told of. */
function tellRefusal(found: readonly FoundPart[], { problem }: Refusal): boolean {
  const told = found.find(({ part }) => part.stage === 'realtime' || part.stage === 'voice')
  if (told !== undefined) told.part.problem = problem
  return told !== undefined
}

/** Without a model on this machine an offline call cannot begin; what else is missing is found out all the same. */
async function load(
  request: CallRequest,
  choices: ReturnType<typeof partChoices>,
  surroundings: Parameters<typeof loadMembers>[1],
): Promise<{ loaded: LoadedMembers; noModel: Problem | null; refusals: Refusal[] }> {
  const epochMs = Date.now()
  const refusals: Refusal[] = []
  const refused = (member: number, error: VapiError) =>
    void refusals.push({ member, problem: problemOf(error) })
  const told = { ...request, id: callId(epochMs, 0), epochMs, refused }
  // Tool servers are not asked for their tools.
  const noTools = async () => []
  try {
    const loaded = await loadMembers({ ...told, choices }, surroundings, noTools)
    return { loaded, noModel: null, refusals }
  } catch (error) {
    if (!(error instanceof VapiError) || error.code !== 'no-local-model') throw error
    const model = request.choices.model ?? 'ollama/none'
    const loaded = await loadMembers({ ...told, choices: { ...choices, model } }, surroundings, noTools)
    return { loaded, noModel: problemOf(error), refusals }
  }
}

/** A part that fails is no obstacle where another one of its kind takes over; of models all must be there. */
function settle(parts: readonly CheckedPart[]): void {
  for (const stage of ['transcriber', 'voice'] as const) {
    const such = parts.filter(part => part.stage === stage)
    if (such.every(({ problem }) => problem !== null)) continue
    for (const { problem } of such) if (problem !== null) problem.blocks = false
  }
}

/** 2 where the configuration or the machine has to be changed, 4 where keys alone are missing or refused. */
function exitOf(blocking: readonly Problem[]): ExitCode {
  const order: ExitCode[] = [Exit.usage, Exit.notLoggedIn, Exit.failed]
  const found = order.find(exit => blocking.some(problem => problem.exit === exit))
  return found ?? blocking[0]?.exit ?? Exit.done
}

function summaryOf(compiled: CompiledAssistant, parts: readonly CheckedPart[]): CheckedAssistant {
  // The first of each kind that works; a model of the first turns gives way to the assistant's own.
  const used = (['realtime', 'transcriber', 'model', 'voice'] as const).flatMap(stage => {
    const such = parts.filter(part => part.stage === stage && part.role !== 'fast')
    return such.find(({ problem }) => problem === null) ?? such[0] ?? []
  })
  const perMinute = used.reduce((sum, part) => sum + (part.pricePerMinute ?? 0), 0)
  return {
    name: compiled.plan.assistantName,
    latency: expectedLatency(compiled, used),
    price: {
      perMinute: roundDollars(perMinute),
      unknown: used.flatMap(({ provider, name, pricePerMinute }) =>
        pricePerMinute === null ? [name === null ? provider : `${provider}/${name}`] : [],
      ),
    },
  }
}
