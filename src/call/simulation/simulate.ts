import { CallMembers, plansOf } from '../../assistant/call-members.ts'
import type { Json } from '../../assistant/overrides.ts'
import { type LoadStored, noAccount } from '../../assistant/sources.ts'
import type { Observation } from '../../engine/observations.ts'
import type { AssistantRequestPlan, Semantics } from '../../engine/plan.ts'
import { createVirtualOutput } from '../../engine/ports/audio-output.virtual.ts'
import type { Clock } from '../../engine/ports/clock.ts'
import { VirtualClock } from '../../engine/ports/clock.virtual.ts'
import type { EndOfTurnModel } from '../../engine/ports/end-of-turn-model.ts'
import {
  createScript,
  createScriptedModel,
  type FailurePlan,
} from '../../engine/ports/language-model.scripted.ts'
import type { OutgoingMessage } from '../../engine/ports/message-sink.ts'
import { createScriptedTools } from '../../engine/ports/tool-runner.scripted.ts'
import { createSimulatedVoice } from '../../engine/ports/voice.simulated.ts'
import { VapiError } from '../../errors.ts'
import type { Aftermath } from '../after.ts'
import { answerCall, callTypeOf } from '../answer.ts'
import { createAssistants } from '../assistants.ts'
import { createSimulatedCaller } from '../caller/simulated.ts'
import { createMeter, type Meter } from '../costs/meter.ts'
import type { PriceTable } from '../costs/prices.ts'
import { type CallRecording, recordCall } from '../replay/recording.ts'
import { type CallListener, type CallResult, CallRuntime } from '../runtime.ts'
import type { Scenario, ScenarioFailure } from '../scenario.ts'
import { withMarkup } from '../speech/voice-markup.ts'
import { withExtraction } from '../tools/extraction.ts'
import { type SimulatedMessages, simulateAftermath, simulateMessages } from './aftermath.ts'
import { readSpeaker, scriptedServer, simulatedSounds } from './configuration.ts'
import { createScriptedEndpointing } from './endpointing.ts'
import { checkExpectations, type FailedExpectation } from './expectations.ts'
import { findUnmeant, type UnusedScript } from './unmeant.ts'

const DEFAULT_CHARACTERS_PER_SECOND = 15

export interface SimulationOptions {
  /** Virtual unless given; on the wall clock the call takes as long as a real one. */
  clock?: Clock
  semantics: Semantics
  variables: Json
  /** Wall clock at the call's begin, seed and time zone: the same values give the same call. */
  epochMs: number
  seed: number
  /** Fetches what is stored; without it, whatever needs it is refused. */
  loadStored?: LoadStored
  /** Further warnings of an assistant's configuration. */
  check?: (assistant: Json) => string[]
  /** Judges the words of steps that do not say how `finished` they are; without it they are finished. */
  endOfTurnModel?: EndOfTurnModel
  /** What providers charge; without it costs are not estimated. */
  prices?: PriceTable
  /** Save the call to this file, for replay. */
  save?: string
  /** Keep what a client would get, too. */
  clientMessages?: boolean
  /** Breaks the call off: `simulate` then rejects with its reason. */
  signal?: AbortSignal
}

export interface SimulationOutcome {
  /** What the engine told: a replay gives the same. */
  observations: Observation[]
  /** What was told after the end: warnings, `call.report`. */
  afterwards: Observation[]
  result: CallResult
  failed: FailedExpectation[]
  /** Entries of the file that came to nothing and cannot be meant so, in words. */
  unmeant: string[]
  /** What was made of the call after its end. */
  aftermath: Aftermath
  /** The messages that a server, and a client where one was asked for, would have got. */
  messages: readonly OutgoingMessage[]
}

/** Runs a simulation on the virtual clock and checks what it expects. `path` is the scenario's file. */
export async function simulate(
  scenario: Scenario,
  path: string,
  options: SimulationOptions,
  listener: CallListener = {},
): Promise<SimulationOutcome> {
  const { members, request, numberServer } = await loadMembers(scenario, path, options)
  const observations: Observation[] = []
  const meter = createMeter()
  const observeInto = (events: Observation[]) => (observation: Observation) => {
    events.push(observation)
    listener.observation?.(observation)
  }
  const run = await runScenario(scenario, { members, request, numberServer }, options, meter, {
    ...listener,
    observation: observeInto(observations),
  })
  const { result, messages, unused } = run
  const { epochMs, prices = null } = options
  const call = { result, observations, epochMs, meter, prices, messages }
  const afterwards: Observation[] = []
  const aftermath = await simulateAftermath(scenario, members.compiled, call, observeInto(afterwards))
  const failed = checkExpectations(
    scenario.expect ?? [],
    [...observations, ...afterwards],
    result.ended.artifact,
  )
  const unmeant = findUnmeant(scenario, members.compiled, { ...unused, observations, result })
  // Told of the file, not of the call: expectations do not see it.
  for (const message of unmeant) listener.observation?.({ type: 'warning', message, atMs: result.ended.atMs })
  return {
    observations,
    result,
    afterwards,
    failed,
    unmeant,
    aftermath,
    messages: messages?.messages ?? [],
  }
}

/** Who speaks in the scenario, fetched, merged and compiled. */
async function loadMembers(scenario: Scenario, path: string, options: SimulationOptions) {
  const { loadStored = noAccount, check } = options
  const { body, origin } = await readSpeaker(scenario, path, loadStored)
  const { made, request, numberServer } = await answerCall(body, {
    origin,
    loadStored,
    ...(check !== undefined && { check }),
    ask: scriptedServer(scenario, path),
    make: configuration => {
      const { semantics, variables, epochMs, seed } = options
      const call = { id: `simulated-${seed}`, type: callTypeOf(body) }
      return CallMembers.create(configuration, {
        semantics,
        variables,
        epochMs,
        ...call,
        loadStored,
        ...(scenario.mcp !== undefined && { listMcpTools: async () => scenario.mcp ?? [] }),
      })
    },
  })
  return { members: made, request, numberServer }
}

async function runScenario(
  scenario: Scenario,
  { members: made, request, numberServer }: Awaited<ReturnType<typeof loadMembers>>,
  options: SimulationOptions,
  meter: Meter,
  listener: CallListener,
): Promise<{ result: CallResult; messages: SimulatedMessages | null; unused: UnusedScript }> {
  const { compiled: members } = made
  const [first] = members
  const clock = options.clock ?? new VirtualClock()
  const { transcriberMs = 0, modelMs = 800, voiceMs = 500, toolMs = 0 } = scenario.latencies ?? {}
  const charactersPerSecond = scenario.voice?.charactersPerSecond ?? DEFAULT_CHARACTERS_PER_SECOND
  const fails = failurePlan(scenario.failures ?? [])
  let finished: number | null = null
  const judgesEnds = fails('endOfTurn')
  const methodOf = (member: number) => made.compiled[member]?.plan.endpointing.method.type
  // One script for the whole call, whoever speaks.
  const replies = createScript((scenario.model ?? []).map(({ reply = '', ...rest }) => ({ reply, ...rest })))
  const { members: ports, assistants } = createAssistants(
    made,
    ({ plan, voiceMarkup, endpointingServer }) => ({
      models: plan.model.models.map(({ name }) =>
        createScriptedModel({ name, replies, latencyMs: modelMs, clock, fails: fails('model') }),
      ),
      voices: plan.voice.voices.map(({ name }, place) =>
        withMarkup(
          createSimulatedVoice({
            name,
            latencyMs: voiceMs,
            charactersPerSecond,
            clock,
            fails: fails('voice'),
          }),
          voiceMarkup[place],
        ),
      ),
      endOfTurn: {
        name: 'scripted',
        finished: async (request, signal) => {
          if (judgesEnds('livekit') !== null)
            throw new VapiError({ code: 'end-of-turn-failed', message: 'livekit failed, as the script says' })
          return finished ?? options.endOfTurnModel?.finished(request, signal) ?? 1
        },
      },
      endpointing:
        endpointingServer === null
          ? null
          : createScriptedEndpointing(
              scenario.endpointing ?? [],
              clock,
              endpointingServer.timeoutSeconds,
              () => judgesEnds('custom-endpointing-model') !== null,
            ),
    }),
    each => meter.measure(each),
  )
  const recording = options.save === undefined ? null : saveSimulation(options.save, made, request)
  const sounds = members.flatMap(({ plan: { firstMessage } }) =>
    firstMessage.type === 'sound' ? [firstMessage.url] : [],
  )
  const runtime = new CallRuntime(
    { members: plansOf(members), ...(request !== null && { request }) },
    {
      clock,
      customer: createSimulatedCaller({
        steps: scenario.caller ?? [],
        clock,
        transcriberMs,
        charactersPerSecond,
        joinsMs: Math.round((scenario.joinsAfter ?? 0) * 1000),
        finished: probability => {
          finished = probability
        },
        judges: member => methodOf(member) === 'krisp' && judgesEnds('krisp') === null,
        moreToCome: () => toCome.size > 0,
        turnsOf: (place, member) =>
          methodOf(member) === 'transcriber' ? (first.transcribers[place]?.turns ?? null) : null,
        transcriberFails: place => {
          const { name } = first.plan.transcribers[place] ?? { name: 'none' }
          const failure = fails('transcriber')(name)
          return failure === null ? null : { ...failure, error: transcriberFailure(name) }
        },
      }),
      output: createVirtualOutput(clock),
      tools: withExtraction(createScriptedTools(scenario.tools ?? {}, toolMs, clock), options.epochMs),
      sounds: simulatedSounds(scenario, sounds),
      members: ports,
      assistants: recording?.follow(assistants) ?? assistants,
    },
    {
      ...listener,
      input: input => {
        recording?.listener.input(input)
        listener.input?.(input)
      },
      decided: (commands, plan) => {
        recording?.listener.decided(commands, plan)
        listener.decided?.(commands, plan)
      },
      stepped: (input, step, state, plan) => {
        messages?.messenger.stepped(input, step, state, plan)
        listener.stepped?.(input, step, state, plan)
      },
    },
  )
  const toCome = new Set<object>([...(scenario.control ?? []), ...(scenario.keys ?? [])])
  const schedule = (entry: { at: number }, action: () => void) =>
    clock.at(Math.round(entry.at * 1000), () => {
      toCome.delete(entry)
      action()
    })
  for (const entry of scenario.control ?? []) schedule(entry, () => runtime.control(entry.send))
  for (const entry of scenario.keys ?? []) schedule(entry, () => runtime.press(entry.press))
  const messages: SimulatedMessages | null = simulateMessages(
    members,
    {
      id: `simulated-${options.seed}`,
      type: 'webCall',
      epochMs: options.epochMs,
      toClient: options.clientMessages ?? false,
      numberServer,
    },
    (messageType, status) => {
      runtime.delivered(messageType, status)
    },
  )
  const { seed, epochMs, signal } = options
  const abort = () => runtime.abort(signal?.reason)
  signal?.throwIfAborted()
  signal?.addEventListener('abort', abort)
  const result = await runtime.run({ seed, epochMs, timeZone: 'UTC' }).finally(() => {
    signal?.removeEventListener('abort', abort)
    return recording?.finish()
  })
  return { result, messages, unused: { replies: replies.unused(), notReached: toCome } }
}

function saveSimulation(
  path: string,
  { recipe }: CallMembers,
  request: AssistantRequestPlan | null,
): CallRecording {
  return recordCall(path, {
    source: 'simulation',
    recipe,
    planChanges: { warnings: [], maximumDurationMs: null, withoutOpening: [] },
    request,
    denoiser: null,
    parts: null,
  })
}

function transcriberFailure(name: string): VapiError {
  return new VapiError({ code: 'transcriber-failed', message: `${name} failed, as the script says` })
}

/** Counts the scripted failures of each kind of provider by name. */
function failurePlan(
  failures: readonly ScenarioFailure[],
): (kind: 'voice' | 'model' | 'transcriber' | 'endOfTurn') => FailurePlan {
  const left = failures.map(({ times, afterRequests, ...failure }) => ({
    ...failure,
    times: times ?? Number.POSITIVE_INFINITY,
    before: afterRequests ?? 0,
  }))
  return kind => name => {
    const failure = left.find(candidate => candidate[kind] === name && candidate.times > 0)
    if (failure === undefined) return null
    if (failure.before > 0) {
      failure.before--
      return null
    }
    failure.times--
    return { afterWords: failure.afterWords ?? null }
  }
}
