import { resolve } from 'node:path'
import { type CompiledAssistant, compileAssistant } from '../../assistant/compile.ts'
import type { Json } from '../../assistant/overrides.ts'
import { parseAssistant } from '../../assistant/schema.ts'
import type { DenoiserKind } from '../../audio/denoise/denoiser.ts'
import { createMicrophone } from '../../audio/devices/microphone.ts'
import type { OutputDevice } from '../../audio/devices/output-device.ts'
import { createSilentOutput } from '../../audio/devices/silent-output.ts'
import { createSpeaker } from '../../audio/devices/speaker.ts'
import { createPipeInput, createSampleInput, readSoundFile } from '../../audio/plane/file-input.ts'
import type { TranscriptOrigin } from '../../engine/inputs.ts'
import type { Semantics } from '../../engine/plan.ts'
import type { AudioFrame, AudioInput } from '../../engine/ports/audio-input.ts'
import type { Clock } from '../../engine/ports/clock.ts'
import { createScriptedModel } from '../../engine/ports/language-model.scripted.ts'
import { createScriptedTools } from '../../engine/ports/tool-runner.scripted.ts'
import type { Transcriber } from '../../engine/ports/transcriber.ts'
import { createToolRunner } from '../../messages/tool-runner.ts'
import type { HttpClient } from '../../net/http.ts'
import type { FliteEngine } from '../../providers/embedded/flite-engine.ts'
import { findLocalRecogniser } from '../../providers/recognisers/local-recognisers.ts'
import { createListener } from '../caller/listening.ts'
import { createSpokenCaller } from '../caller/spoken.ts'
import { createTypist } from '../caller/typed.ts'
import type { Customer } from '../ports.ts'
import { createRealClock } from '../real-clock.ts'
import type { CallerStep, Scenario } from '../scenario.ts'
import { callId, prepareFiles } from './folder.ts'
import type { LiveCall } from './live-call.ts'
import {
  applyChoices,
  type Environment,
  localToolsOnly,
  type PartChoices,
  selectModel,
  selectTranscriber,
  selectVoices,
} from './parts.ts'

/** Who talks to the assistant. */
export type CustomerChoice =
  | { type: 'microphone'; device: string | null }
  | { type: 'file'; path: string }
  | { type: 'pipe'; stream: AsyncIterable<Uint8Array> }
  | { type: 'typed'; lines: AsyncIterable<string>; takeTurns: boolean }
  /** A scripted person who speaks with the embedded voice. */
  | { type: 'scripted'; steps: readonly CallerStep[] }

/** Where the assistant is heard. */
export type OutputChoice =
  | { type: 'speaker'; device: string | null }
  | { type: 'file'; path: string }
  | { type: 'none' }

export interface CallRequest {
  assistant: Json
  /** Names the assistant's file in errors. */
  origin: string
  choices: Omit<PartChoices, 'listening'>
  variables: Json
  semantics: Semantics
  customer: CustomerChoice
  output: OutputChoice
  /** Paths for files that shall not lie in the call's folder. */
  files: { recording?: string; report?: string; events?: string }
  maximumDurationMs: number | null
  warnings: string[]
  /** Scripted replies in place of the model, and answers in place of tool servers. */
  script: { replies: Scenario['model'] | null; tools: NonNullable<Scenario['tools']> } | null
}

export interface CallSurroundings {
  http: HttpClient
  flite: FliteEngine
  env: Environment
  workingDirectory: string
  signal: AbortSignal
}

/** A typed line counts as speech for this much longer than an interruption needs, in milliseconds. */
const TYPED_MARGIN_MS = 50

/** The light denoiser is the one for calls; it takes 2 % of a core. */
const SMART_DENOISER: DenoiserKind = 'rnnoise'

/** Chooses and makes the parts of a call. Nothing is opened but the call's folder. Throws VapiError. */
export async function prepareCall(request: CallRequest, surroundings: CallSurroundings): Promise<LiveCall> {
  const { http, flite, env, signal } = surroundings
  const clock = createRealClock()
  const epochMs = Date.now()
  const seed = Math.floor(Math.random() * 2 ** 31)
  const id = callId(epochMs, seed)
  // Without sound there is nothing to record.
  const soundless =
    request.customer.type === 'typed' &&
    request.output.type === 'none' &&
    request.files.recording === undefined
  if (!soundless) void flite.warmUp().catch(() => {})

  const chosen = await applyChoices(request.assistant, partChoices(request, soundless), http, env, signal)
  const assistant = parseAssistant(chosen.assistant, request.origin)
  const compiled = await compileAssistant(assistant, {
    semantics: request.semantics,
    variables: request.variables,
    epochMs,
  })
  if (request.maximumDurationMs !== null) compiled.plan.maximumDurationMs = request.maximumDurationMs

  const about = { id, type: 'webCall', status: 'in-progress', startedAt: new Date(epochMs).toISOString() }
  const { script } = request
  const replies = script?.replies ?? null
  const model =
    replies === null
      ? selectModel(compiled, http, env, () => about)
      : createScriptedModel({
          name: 'scripted/replies',
          replies: replies.map(({ reply = '', ...rest }) => ({ reply, ...rest })),
          latencyMs: 0,
          clock,
        })
  const voices = selectVoices(compiled, flite, clock)
  const heard = await chooseCustomer(request, compiled, clock, surroundings)
  const device = soundless ? null : openOutput(request.output, clock, env)
  const { output } = request
  const toolServers = () => {
    const runner = createToolRunner({ http, envelope: () => ({ call: about }), now: () => Date.now() })
    return request.choices.offline ? localToolsOnly(runner) : runner
  }
  return {
    id,
    seed,
    epochMs,
    compiled,
    clock,
    model,
    voices,
    tools: script === null ? toolServers() : createScriptedTools(script.tools, 0, clock),
    customer: heard.make,
    device,
    assistantFile: output.type === 'file' ? resolve(surroundings.workingDirectory, output.path) : null,
    files: await prepareFiles(surroundings.workingDirectory, id, request.files),
    parts: {
      input: heard.input,
      transcriber: heard.transcriber,
      model: model.name,
      voice: voices.map(({ name }) => name).join(', '),
      output: device === null ? 'text' : output.type === 'file' ? output.path : device.name,
    },
    warnings: [...request.warnings, ...chosen.warnings, ...heard.warnings],
  }
}

/** Parts that a customer or an output without sound does not need are not looked for. */
function partChoices({ choices, customer }: CallRequest, soundless: boolean): PartChoices {
  return {
    ...choices,
    voice: choices.voice ?? (soundless ? 'silent' : null),
    listening: customer.type !== 'typed',
  }
}

interface ChosenCustomer {
  make: (tap: (frame: AudioFrame) => void) => Customer
  input: string
  transcriber: string
  warnings: string[]
}

async function chooseCustomer(
  { customer }: CallRequest,
  compiled: CompiledAssistant,
  clock: Clock,
  { flite, env, workingDirectory }: CallSurroundings,
): Promise<ChosenCustomer> {
  const denoiser = compiled.denoise ? SMART_DENOISER : null
  const listen = (input: AudioInput, transcriber: Transcriber, origin: TranscriptOrigin): ChosenCustomer => ({
    make: tap => createListener({ input, transcriber, origin, denoiser, clock, tap }),
    input: input.name,
    transcriber: transcriber.name,
    warnings: [],
  })
  switch (customer.type) {
    case 'typed': {
      const { lines, takeTurns } = customer
      const lastsMs = compiled.plan.interruption.voiceMs + TYPED_MARGIN_MS
      return {
        make: () => createTypist({ lines, takeTurns, lastsMs, clock }),
        input: 'the keyboard',
        transcriber: 'none',
        warnings: [],
      }
    }
    case 'scripted': {
      const found = await findLocalRecogniser(env)
      const caller = createSpokenCaller(customer.steps, flite.voice({ voice: 'rms' }), clock)
      const transcriber = found?.create() ?? caller.scriptedWords
      const chosen = listen(caller.input, transcriber, found === null ? 'script' : 'recognition')
      return {
        ...chosen,
        make: tap => caller.follow(chosen.make(tap)),
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
      return listen(
        createSampleInput(customer.path, samples, clock),
        await selectTranscriber(compiled, env),
        'recognition',
      )
    }
    case 'pipe':
      return listen(
        createPipeInput(customer.stream, clock),
        await selectTranscriber(compiled, env),
        'recognition',
      )
    case 'microphone': {
      const { device } = customer
      const transcriber = await selectTranscriber(compiled, env)
      const microphone = createMicrophone({ clock, env, ...(device !== null && { deviceName: device }) })
      return listen(microphone, transcriber, 'recognition')
    }
  }
}

function openOutput(output: OutputChoice, clock: Clock, env: Environment): OutputDevice {
  if (output.type !== 'speaker') return createSilentOutput({ clock })
  return createSpeaker({ env, ...(output.device !== null && { deviceName: output.device }) })
}
