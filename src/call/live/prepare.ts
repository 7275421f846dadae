import { resolve } from 'node:path'
import type { CompiledAssistant } from '../../assistant/compile.ts'
import { headphonesWarning } from '../../assistant/denoising.ts'
import type { DenoiserKind } from '../../audio/denoise/denoiser.ts'
import type { EchoChoice } from '../../audio/devices/echo.ts'
import { createPipeInput, createSampleInput, readSoundFile } from '../../audio/plane/file-input.ts'
import { giveHeapRoom } from '../../audio/plane/heap-room.ts'
import type { TranscriptOrigin } from '../../engine/inputs.ts'
import type { AudioInput } from '../../engine/ports/audio-input.ts'
import type { Clock } from '../../engine/ports/clock.ts'
import { createScript, createScriptedModel } from '../../engine/ports/language-model.scripted.ts'
import { createScriptedTools } from '../../engine/ports/tool-runner.scripted.ts'
import type { Transcriber } from '../../engine/ports/transcriber.ts'
import type { HttpClient } from '../../net/http.ts'
import type { FliteEngine } from '../../providers/embedded/flite-engine.ts'
import { findLocalRecogniser } from '../../providers/recognisers/local-recognisers.ts'
import { callTypeOf } from '../answer.ts'
import { createListener } from '../caller/listening.ts'
import { createSpokenCaller } from '../caller/spoken.ts'
import { createTypist } from '../caller/typed.ts'
import { createRealClock } from '../real-clock.ts'
import type { CallerStep, Scenario } from '../scenario.ts'
import { withExtraction } from '../tools/extraction.ts'
import { chooseEcho, openMicrophone, openOutput } from './devices.ts'
import { callId, prepareFiles } from './folder.ts'
import type { LiveCall } from './live-call.ts'
import { loadMembers, type SpeakerRequest } from './members.ts'
import { type OutcomeRequest, prepareOutcome } from './outcome.ts'
import type { Environment, PartChoices } from './parts/choices.ts'
import { createCallKeys, type FindKeptKey } from './parts/keys.ts'
import { modelWarnings, selectModels } from './parts/models.ts'
import { createRealtimeCall, type RealtimeCall } from './parts/realtime.ts'
import { selectTranscribers } from './parts/transcribers.ts'
import { selectVoices } from './parts/voices.ts'
import { fetchBackground, fetchSounds } from './sounds.ts'
import { createLiveTools } from './tools.ts'
import { createTurnParts } from './turns.ts'

/** Who talks to the assistant. */
export type CustomerChoice =
  | { type: 'microphone'; device: string | null }
  | { type: 'file'; path: string }
  | { type: 'pipe'; stream: AsyncIterable<Uint8Array> }
  | { type: 'typed'; lines: AsyncIterable<string>; takeTurns: boolean; note?: (text: string) => void }
  /** A scripted person who speaks with the embedded voice. */
  | { type: 'scripted'; steps: readonly CallerStep[] }

/** Where the assistant is heard. */
export type OutputChoice =
  | { type: 'speaker'; device: string | null }
  | { type: 'file'; path: string }
  | { type: 'none' }

export interface CallRequest extends Omit<SpeakerRequest, 'choices' | 'id' | 'epochMs'>, OutcomeRequest {
  choices: Omit<PartChoices, 'listening'>
  customer: CustomerChoice
  output: OutputChoice
  /** The user says that the customer wears headphones. */
  headphones: boolean
  /** What keeps the assistant from hearing itself; absent: found out. */
  echo?: EchoChoice
  /** The microphone counts only while a key says so. */
  pushToTalk?: boolean
  /** A turn-detection model in place of the shipped estimator. */
  endOfTurnModel?: string | null
  /** What runs where smart denoising is on. */
  denoiser: DenoiserKind
  /** Paths for files that shall not lie in the call's folder. */
  files: { recording?: string; report?: string; events?: string }
  maximumDurationMs: number | null
  /** A file that keeps the call for replay, or null. */
  save?: string | null
  /** The call is steered and heard through a port of this machine (0: any that is free); null or absent: it is not. */
  control?: { port: number } | null
  /** Tools may run code of the configuration on this machine. */
  allowCode: boolean
  warnings: string[]
  /** Scripted replies in place of the model, and answers in place of tool servers. */
  script: { replies: Scenario['model'] | null; tools: NonNullable<Scenario['tools']> } | null
}

export interface CallSurroundings {
  http: HttpClient
  flite: FliteEngine
  env: Environment
  /** The keys that the user keeps for providers; absent: there are none. */
  findKeptKey?: FindKeptKey
  workingDirectory: string
  signal: AbortSignal
}

/** A typed line counts as speech for this much longer than an interruption needs, in milliseconds. */
const TYPED_MARGIN_MS = 50

/** Chooses and makes the parts of a call. Nothing is opened but the call's folder. Throws VapiError. */
export async function prepareCall(request: CallRequest, surroundings: CallSurroundings): Promise<LiveCall> {
  const { http, flite, env, signal } = surroundings
  giveHeapRoom()
  const clock = createRealClock()
  const epochMs = Date.now()
  const seed = Math.floor(Math.random() * 2 ** 31)
  const id = callId(epochMs, seed)
  const soundless = isSoundless(request)
  if (!soundless) void flite.warmUp().catch(() => {})
  // Some systems take a second to list their devices.
  const echoing = chooseEcho(request, env)

  const choices = partChoices(request, soundless)
  // Messages to servers describe the call as it is then; until it is made, by what is known of it.
  const described: { envelope: () => Readonly<Record<string, unknown>> } = {
    envelope: () => ({ call: { id } }),
  }
  const liveTools = createLiveTools({
    http,
    envelope: () => described.envelope(),
    epochMs,
    offline: choices.offline,
    allowCode: request.allowCode,
    program: { name: 'vapi', version: '1' },
  })
  const keys = createCallKeys(env, surroundings.findKeptKey ?? null, {
    transcriber: choices.listening,
    model: (request.script?.replies ?? null) === null,
  })
  const loaded = await loadMembers(
    { ...request, choices, id, epochMs },
    { ...surroundings, learnKeys: keys.learn },
    tool => liveTools.listMcpTools(tool, signal),
  )
  const [first] = loaded.compiled
  const nobody = loaded.request?.ends != null
  if (request.maximumDurationMs !== null)
    for (const { plan } of loaded.compiled) plan.maximumDurationMs = request.maximumDurationMs
  const { sounds, warnings } = await fetchSounds(loaded.compiled, http, choices.offline, signal)

  const startedAt = new Date(epochMs).toISOString()
  const { customer, phoneNumber } = loaded.configuration
  const type = callTypeOf(request.speaker.body)
  const about = { id, type, status: 'in-progress', startedAt, customer, phoneNumber }
  const { script } = request
  const replies = nobody ? [] : (script?.replies ?? null)
  // One script for the whole call, whoever speaks.
  const scripted = createScriptedModel({
    name: 'scripted/replies',
    replies: createScript((replies ?? []).map(({ reply = '', ...rest }) => ({ reply, ...rest }))),
    latencyMs: 0,
    clock,
  })
  const realtime = createRealtimeCall(http)
  const partsOf = (compiled: CompiledAssistant) => {
    const keyed = keys.environmentOf(compiled.configuration)
    const own = realtime.partsOf(compiled, keyed)
    const models =
      replies === null
        ? (own?.models ?? selectModels(compiled, http, keyed, () => about))
        : compiled.plan.model.models.map(() => scripted)
    const voices =
      own?.voices ??
      selectVoices(compiled, {
        flite,
        http,
        env: keyed,
        clock,
        envelope: () => described.envelope(),
        warn: message => void warnings.push(message),
      })
    return { models, voices, analysts: own?.analysts ?? models }
  }
  const members = loaded.compiled.map(compiled => ({ compiled, ...partsOf(compiled) }))
  const turns = await createTurnParts({
    http,
    envelope: () => described.envelope(),
    offline: choices.offline,
    modelFile: request.endOfTurnModel ?? null,
    workingDirectory: surroundings.workingDirectory,
  })
  const judgeTurns = loaded.compiled.some(({ plan }) => plan.endpointing.method.type === 'krisp')
  const heard = nobody
    ? silentCustomer
    : await chooseCustomer(request, first, judgeTurns, clock, {
        ...surroundings,
        realtime,
        keyed: keys.environmentOf(first.configuration),
      })
  const device = soundless ? null : openOutput(request.output, clock, env)
  const { output } = request
  const echo = await echoing
  const mixed = await fetchBackground(first.artifacts.background, seed, http, choices.offline, signal)
  const devices = request.customer.type === 'microphone' ? [heard.input, device?.name ?? null] : []
  const worn = headphonesWarning(first.denoise, request.headphones, devices)
  const outcome = await prepareOutcome({
    ...request,
    identity: { id, type, epochMs, customer, phoneNumber },
    configurations: loaded.compiled.map(({ configuration }) => configuration),
    numberServer: loaded.numberServer,
    models: replies === null ? members.map(({ analysts }) => analysts) : null,
    transcribers: heard.transcriber === 'none' ? null : first.transcribers,
    // Who names a file wants a recording.
    recording: first.artifacts.recording || request.files.recording !== undefined,
    offline: choices.offline,
    http,
    env,
    workingDirectory: surroundings.workingDirectory,
  })
  described.envelope = () => outcome.current.envelope?.() ?? { call: about }
  return {
    id,
    seed,
    epochMs,
    members,
    assistants: loaded.assistants,
    partsOf,
    turns,
    closeTools: () => liveTools.close(),
    realtime,
    request: loaded.request,
    sounds,
    clock,
    tools: script === null ? liveTools : withExtraction(createScriptedTools(script.tools, 0, clock), epochMs),
    customer: heard.make,
    control: request.control ?? null,
    device,
    echo,
    pushToTalk: request.pushToTalk ?? false,
    background: mixed.background,
    assistantFile: output.type === 'file' ? resolve(surroundings.workingDirectory, output.path) : null,
    files: await prepareFiles(surroundings.workingDirectory, id, request.files),
    outcome,
    save: saveRequest(request, surroundings.workingDirectory),
    parts: {
      input: heard.input,
      transcriber: heard.transcriber,
      model: [...new Set(members.flatMap(({ models }) => models.map(({ name }) => name)))].join(', '),
      voice: [...new Set(members.flatMap(({ voices }) => voices.map(({ name }) => name)))].join(', '),
      output: device === null ? 'text' : output.type === 'file' ? output.path : device.name,
    },
    warnings: [
      ...request.warnings,
      ...loaded.warnings,
      ...warnings,
      ...mixed.warnings,
      ...heard.warnings,
      ...(replies === null ? loaded.compiled.flatMap(modelWarnings) : []),
      ...listeningWarnings(loaded.compiled),
      ...outcome.warnings,
      ...(worn === null ? [] : [worn]),
    ],
  }
}

function saveRequest(
  { save = null, denoiser, maximumDurationMs }: CallRequest,
  workingDirectory: string,
): LiveCall['save'] {
  return save === null ? null : { path: resolve(workingDirectory, save), denoiser, maximumDurationMs }
}

/** One transcriber listens for the whole call. */
function listeningWarnings([first, ...others]: readonly CompiledAssistant[]): string[] {
  const nameOf = (compiled: CompiledAssistant | undefined) => JSON.stringify(compiled?.transcribers)
  return others
    .filter(other => nameOf(other) !== nameOf(first))
    .map(
      ({ plan }) =>
        `the transcriber of ${plan.assistantName ?? 'another assistant'} has no effect in a local call: that of the first assistant listens`,
    )
}

/** Nobody hears anything, and there is nothing to record. */
export function isSoundless({ customer, output, files }: CallRequest): boolean {
  return customer.type === 'typed' && output.type === 'none' && files.recording === undefined
}

/** Parts that a customer or an output without sound does not need are not looked for. */
export function partChoices({ choices, customer }: CallRequest, soundless: boolean): PartChoices {
  return {
    ...choices,
    voice: choices.voice ?? (soundless ? 'silent' : null),
    listening: customer.type !== 'typed',
  }
}

interface ChosenCustomer {
  make: LiveCall['customer']
  input: string
  transcriber: string
  warnings: string[]
}

/** Whoever calls where nobody takes the call. */
const silentCustomer: ChosenCustomer = {
  make: () => ({ start: async () => {}, close: async () => {} }),
  input: 'nobody',
  transcriber: 'none',
  warnings: [],
}

/** What a customer is heard with. */
type ListeningSurroundings = CallSurroundings & { keyed: Environment; realtime: RealtimeCall }

async function chooseCustomer(
  { customer, denoiser }: CallRequest,
  compiled: CompiledAssistant,
  judgeTurns: boolean,
  clock: Clock,
  { http, flite, env, keyed, realtime, workingDirectory }: ListeningSurroundings,
): Promise<ChosenCustomer> {
  const { smart, fourier } = compiled.denoise
  const denoising = { smart: smart ? denoiser : null, fourier }
  const hearsBeeps = compiled.plan.voicemail !== null
  const warnings: string[] = []
  const warn = (message: string) => void warnings.push(message)
  const own =
    customer.type === 'typed' || customer.type === 'scripted' ? null : realtime.transcriberOf(compiled, keyed)
  const selected = () => (own === null ? selectTranscribers(compiled, { http, env: keyed, warn }) : [own])
  const listen = (
    input: AudioInput,
    transcribers: readonly Transcriber[],
    origin: TranscriptOrigin,
  ): ChosenCustomer => ({
    make: taps => {
      const hearing = { input, transcribers, origin, denoising, judgeTurns, hearsBeeps }
      return createListener({ ...hearing, clock, ...taps })
    },
    input: input.name,
    transcriber: [...new Set(transcribers.map(({ name }) => name))].join(', '),
    warnings,
  })
  switch (customer.type) {
    case 'typed': {
      const { type: _type, ...typing } = customer
      const lastsMs = compiled.plan.interruption.voiceMs + TYPED_MARGIN_MS
      return {
        make: () => createTypist({ ...typing, lastsMs, clock }),
        input: 'the keyboard',
        transcriber: 'none',
        warnings: [],
      }
    }
    case 'scripted': {
      const found = await findLocalRecogniser(env)
      const caller = createSpokenCaller(customer.steps, flite.voice({ voice: 'rms' }), clock)
      const transcriber = found?.create() ?? caller.scriptedWords
      const chosen = listen(caller.input, [transcriber], found === null ? 'script' : 'recognition')
      return {
        ...chosen,
        make: taps => caller.follow(chosen.make(taps)),
        warnings:
          found === null
            ? [
                'no speech recogniser is installed here: the caller’s words are passed on as scripted, not recognised',
              ]
            : [],
      }
    }
    case 'file': {
      const path = resolve(workingDirectory, customer.path)
      // The file's own faults come before a missing recogniser.
      const samples = await readSoundFile(path)
      return listen(createSampleInput(customer.path, samples, clock), await selected(), 'recognition')
    }
    case 'pipe':
      return listen(createPipeInput(customer.stream, clock), await selected(), 'recognition')
    case 'microphone': {
      const { device } = customer
      const transcribers = await selected()
      return listen(openMicrophone(device, clock, env), transcribers, 'recognition')
    }
  }
}
