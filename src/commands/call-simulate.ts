import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { loadDocument } from '../assistant/load.ts'
import { type Json, mergeOverrides } from '../assistant/overrides.ts'
import { loadPrices } from '../call/costs/prices.ts'
import { parseScenario, type Scenario } from '../call/scenario.ts'
import { validateExpectations } from '../call/simulation/expectations.ts'
import { renderJunit } from '../call/simulation/junit.ts'
import { type SimulationOptions, type SimulationOutcome, simulate } from '../call/simulation/simulate.ts'
import type { Context } from '../cli/context.ts'
import { defineCommand } from '../cli/definition.ts'
import type { EndOfTurnModel } from '../engine/ports/end-of-turn-model.ts'
import { asVapiError, Exit, fileFaultOf, usageError, VapiError } from '../errors.ts'
import { loadChecks } from './call-checks.ts'
import { asSemantics, callOptions, customerOf, storedLoader, variablesOf } from './call-options.ts'
import { priceOptions } from './call-outcome.ts'
import { CallView } from './call-view.ts'

/** Simulated calls begin at this wall clock unless told otherwise, so that they come out the same every time. */
const DEFAULT_DATE = '2026-01-05T09:00:00Z'

export default defineCommand(
  {
    name: 'call simulate',
    summary: 'run scripted calls on a virtual clock and check what comes of them',
    description:
      'A simulation file says what a caller does and what the providers answer; the call runs on the assistant’s own configuration, to the millisecond and in no time. Exits with 3 when an expectation of a file does not hold.',
    args: [{ name: 'file', summary: 'simulation files (YAML or JSON)', required: true, variadic: true }],
    options: {
      ...callOptions,
      junit: { type: 'string', placeholder: 'FILE', summary: 'write the results as JUnit XML' },
      seed: { type: 'number', placeholder: 'N', summary: 'seed of random choices (default 1)' },
      date: {
        type: 'string',
        placeholder: 'TIME',
        default: DEFAULT_DATE,
        summary: 'wall clock at the begin of the call',
      },
      'end-of-turn-model': {
        type: 'string',
        placeholder: 'estimator|FILE.onnx',
        summary:
          'judge the words of steps without finished: by the estimator of local calls, or by this turn-detection model',
      },
      save: {
        type: 'string',
        placeholder: 'FILE.vapicall',
        summary: 'keep the call of one simulation file, for vapi call replay',
      },
      ...priceOptions,
    },
    formats: ['table', 'json', 'jsonl'],
    examples: [
      { command: 'vapi call simulate appointment.yaml', does: 'one call, turn by turn' },
      { command: 'vapi call simulate tests/*.yaml --quiet --junit results.xml', does: 'a suite for CI' },
      { command: 'vapi call simulate appointment.yaml --json', does: 'every event as a JSON line' },
    ],
    needsLogin: false,
    destructive: false,
  },
  async ({ args, options }, context) => {
    const epochMs = Date.parse(options.date)
    if (Number.isNaN(epochMs))
      throw usageError(`--date ${options.date} is not a time`, `for example ${DEFAULT_DATE}`)
    const simulation: SimulationOptions = {
      semantics: asSemantics(options.semantics),
      variables: variablesOf(options.var),
      epochMs,
      seed: options.seed ?? 1,
      signal: context.signal,
      loadStored: storedLoader(context),
      check: await loadChecks(),
      prices: await loadPrices(
        options.prices === undefined ? null : resolve(context.workingDirectory, options.prices),
        context.env,
      ),
    }
    if (options.save !== undefined) {
      if (args.length > 1) throw usageError('--save keeps one call: name one simulation file')
      simulation.save = resolve(context.workingDirectory, options.save)
    }
    const judge = options['end-of-turn-model']
    if (judge !== undefined) simulation.endOfTurnModel = await loadJudge(judge, context)
    const customer = customerOf(options)
    const results: FileResult[] = []
    for (const file of args) {
      if (context.signal.aborted) break
      const result = await runFile(file, customer, simulation, context)
      if (result === null) break
      results.push(result)
    }
    if (options.junit !== undefined)
      await writeJunit(resolve(context.workingDirectory, options.junit), results)
    summarise(results, args.length, context)
    return exitOf(results)
  },
)

/** `estimator`, or the model in a file. Throws VapiError where that cannot be used. */
async function loadJudge(judge: string, { workingDirectory }: Context): Promise<EndOfTurnModel> {
  if (judge !== 'estimator') {
    const { createOnnxEndOfTurnModel } = await import('../providers/end-of-turn/onnx/model.ts')
    return createOnnxEndOfTurnModel(resolve(workingDirectory, judge))
  }
  const { createTextEndOfTurnModel } = await import('../providers/end-of-turn/estimator.ts')
  return createTextEndOfTurnModel()
}

/** What became of one file: an outcome, or the error that kept it from running. */
interface FileResult {
  file: string
  expectations: number
  outcome: SimulationOutcome | null
  error: VapiError | null
}

/** Runs one file; null where the user broke it off. */
async function runFile(
  file: string,
  customer: Json,
  simulation: SimulationOptions,
  context: Context,
): Promise<FileResult | null> {
  const { output } = context
  const path = resolve(context.workingDirectory, file)
  try {
    const given = parseScenario(await loadDocument(path), file)
    const scenario = { ...given, customer: mergeOverrides(given.customer ?? {}, customer) }
    validateExpectations(scenario.expect ?? [], file)
    const view = await CallView.create(output, false)
    if (!output.isJson && !output.options.quiet) output.text(`${file}\n`)
    const events: Promise<void>[] = []
    const outcome = await simulate(scenario, path, simulation, {
      observation: observation => {
        if (output.isJson) events.push(output.event({ file, ...observation }))
        else if (!output.options.quiet || observation.type === 'warning') view.show(observation)
      },
    })
    await Promise.all(events)
    for (const { index, expectation, reason } of outcome.failed) {
      if (output.isJson) await output.event({ file, type: 'expectation.failed', index, expectation, reason })
      else output.text(`${file}: expect[${index}] ${JSON.stringify(expectation)} does not hold: ${reason}\n`)
    }
    const error = brokenCall(scenario, outcome, file)
    if (error !== null) output.error(error)
    return { file, expectations: scenario.expect?.length ?? 0, outcome, error }
  } catch (thrown) {
    if (context.signal.aborted) return null
    const error = asVapiError(thrown)
    output.error(error)
    return { file, expectations: 0, outcome: null, error }
  }
}

/** A call that broke although nobody asked for it is no pass, whatever its expectations say. */
function brokenCall(scenario: Scenario, { result }: SimulationOutcome, file: string): VapiError | null {
  const { failure, endedReason } = result
  const asked = scenario.expect?.some(line => line.endedReason === endedReason)
  if (failure === null || asked || (scenario.failures?.length ?? 0) > 0) return null
  return new VapiError({ code: failure.code, message: `${file}: the call broke: ${failure.message}` })
}

function summarise(results: readonly FileResult[], files: number, { output }: Context): void {
  const passed = results.filter(isPassed).length
  const expectations = results.reduce((sum, result) => sum + result.expectations, 0)
  if (!output.isJson)
    output.note(
      `${passed} of ${results.length} simulations passed (${expectations} expectation${expectations === 1 ? '' : 's'})${results.length < files ? `; stopped before the other ${files - results.length}` : ''}`,
    )
}

function isPassed({ outcome, error }: FileResult): boolean {
  return error === null && outcome !== null && outcome.failed.length === 0
}

/** A file that could not run weighs more than an expectation that does not hold. */
function exitOf(results: readonly FileResult[]) {
  const broken = results.find(({ error }) => error !== null)
  if (broken?.error) return broken.error.exit
  return results.every(isPassed) ? Exit.done : Exit.checkFailed
}

async function writeJunit(path: string, results: readonly FileResult[]): Promise<void> {
  const cases = results.map(({ file, outcome, error }) => ({
    name: file,
    seconds: (outcome?.observations.at(-1)?.atMs ?? 0) / 1000,
    error: error?.message ?? null,
    failures:
      outcome?.failed.map(
        ({ index, expectation, reason }) => `expect[${index}] ${JSON.stringify(expectation)}: ${reason}`,
      ) ?? [],
  }))
  try {
    await writeFile(path, renderJunit(cases))
  } catch (error) {
    throw usageError(`--junit ${path} cannot be written: ${fileFaultOf(error)}`)
  }
}
