import type { CompiledAssistant } from '../../assistant/compile.ts'
import type { Input } from '../../engine/inputs.ts'
import type { ChunkReference } from '../../engine/ports/audio-output.ts'
import type { Clock } from '../../engine/ports/clock.ts'
import type { EndOfTurnModel } from '../../engine/ports/end-of-turn-model.ts'
import type { EndpointingServer } from '../../engine/ports/endpointing-server.ts'
import type { LanguageModel } from '../../engine/ports/language-model.ts'
import type { ToolOutcome, ToolRunner } from '../../engine/ports/tool-runner.ts'
import type { Voice, VoiceAudio } from '../../engine/ports/voice.ts'
import {
  type Diverge,
  type Divergence,
  endpointingKey,
  errorOf,
  giveAnswers,
  modelKey,
  predictionKey,
  type RecordedAnswers,
  toolKey,
  voiceKey,
} from './answers.ts'
import type { RecordedWork, RecordedWorld } from './works.ts'

/** What the providers of a call that is played again share. */
export interface ReplaySurroundings {
  clock: Clock
  answers: RecordedAnswers
  world: RecordedWorld
  diverge: Diverge
  /** The recorded chunk that a piece of sound comes from. */
  origins: WeakMap<VoiceAudio, ChunkReference>
  /** Judges ends of turns that were not judged before; null where nobody can. */
  judge: (compiled: CompiledAssistant) => EndOfTurnModel | null
}

/** What an assistant thinks, speaks and judges with: the recorded answers to what was asked before. */
export function replayParts(compiled: CompiledAssistant, surroundings: ReplaySurroundings) {
  return {
    models: compiled.models.map((_, place) => replayModel(compiled, place, surroundings)),
    voices: compiled.plan.voice.voices.map((_, place) => replayVoice(compiled, place, surroundings)),
    endOfTurn: replayJudge(compiled, surroundings),
    endpointing: replayEndpointing(surroundings),
  }
}

function replayModel(
  compiled: CompiledAssistant,
  place: number,
  surroundings: ReplaySurroundings,
): LanguageModel {
  const settings = compiled.models[place]
  const { answers, diverge } = surroundings
  const name = compiled.plan.model.models[place]?.name ?? 'a model'
  return {
    name,
    async *respond({ messages, tools }, signal) {
      const key = modelKey(settings, messages, tools)
      const work = answers.take(key)
      if (work === null) return diverge(notAsked(answers, key, `the model ${name} was not asked this before`))
      for await (const input of giveAnswers(work, surroundings, signal)) {
        if (input.type === 'model.text') yield { type: 'text', text: input.text }
        if (input.type === 'model.done')
          for (const call of input.toolCalls) yield { type: 'tool-call', call: structuredClone(call) }
        if (input.type === 'model.failed') throw errorOf(input.failure)
      }
    },
  }
}

function replayVoice(compiled: CompiledAssistant, place: number, surroundings: ReplaySurroundings): Voice {
  const name = compiled.plan.voice.voices[place]?.name ?? 'a voice'
  const markup = compiled.voiceMarkup[place]
  return {
    name,
    capabilities: { wordTiming: true, markup: true },
    async *speak({ text, settings }, signal) {
      const { answers, diverge } = surroundings
      const key = voiceKey(name, markup, settings, text)
      const work = answers.take(key)
      if (work === null)
        return diverge(notAsked(answers, key, `the voice ${name} did not speak “${text}” before`))
      yield* speakAgain(work, surroundings, signal)
    },
    close: async () => {},
  }
}

function notAsked(answers: RecordedAnswers, key: string, reason: string): Divergence {
  const difference = answers.differenceOf(key)
  return { kind: 'request', reason, ...(difference !== null && { difference }) }
}

async function* speakAgain(work: RecordedWork, surroundings: ReplaySurroundings, signal: AbortSignal) {
  for await (const input of giveAnswers(work, surroundings, signal)) {
    if (input.type === 'voice.ready') {
      const { durationMs, words } = soundOf(work)
      const audio: VoiceAudio = { type: 'silent', durationMs }
      if (work.command.type === 'voice.request') surroundings.origins.set(audio, work.command)
      yield { audio, words }
    }
    if (input.type === 'voice.failed') throw errorOf(input.failure)
  }
}

/** All sound of a chunk; of one that was cut off, what is known to have come. */
function soundOf({ answers, receivedMs }: RecordedWork) {
  const last = answers.at(-1)?.input
  if (last?.type === 'voice.done') return { durationMs: last.durationMs, words: [...last.words] }
  if (last?.type === 'voice.failed') return { durationMs: last.receivedMs, words: [...last.words] }
  const words = answers.flatMap(({ input }) => (input.type === 'voice.words' ? input.words : []))
  return { durationMs: Math.max(1, receivedMs ?? 0), words }
}

/** Sound files that were played before, by their addresses. */
export function replaySounds({
  world,
  origins,
  diverge,
}: ReplaySurroundings): ReadonlyMap<string, VoiceAudio> {
  const sounds = new Map<string, VoiceAudio>()
  for (const work of world.works) {
    const { command } = work
    if (command.type !== 'voice.request' || command.sound !== true || sounds.has(command.text)) continue
    const audio: VoiceAudio = { type: 'silent', durationMs: soundOf(work).durationMs }
    origins.set(audio, command)
    sounds.set(command.text, audio)
  }
  const known = sounds.get.bind(sounds)
  sounds.get = address => {
    if (!sounds.has(address))
      void diverge({ kind: 'request', reason: `the sound file ${address} was not played before` })
    return known(address)
  }
  return sounds
}

function replayJudge(compiled: CompiledAssistant, surroundings: ReplaySurroundings): EndOfTurnModel | null {
  const { answers, diverge } = surroundings
  const own = surroundings.judge(compiled)
  return {
    name: own?.name ?? 'recorded',
    async finished(request, signal) {
      const work = answers.take(predictionKey(compiled, request))
      if (work === null) {
        if (own !== null) return own.finished(request, signal)
        return diverge({ kind: 'request', reason: 'the end of this turn was not judged before' })
      }
      const input = await lastAnswer(work, surroundings, signal)
      if (input?.type === 'predict.failed') throw errorOf(input.failure)
      return input?.type === 'predict.done' ? input.finished : 1
    },
  }
}

function replayEndpointing(surroundings: ReplaySurroundings): EndpointingServer {
  const { answers, diverge } = surroundings
  return {
    async timeoutSeconds(request, signal) {
      const key = endpointingKey(request)
      const work = answers.take(key)
      if (work === null)
        return diverge(notAsked(answers, key, 'the endpointing server was not asked this before'))
      const input = await lastAnswer(work, surroundings, signal)
      if (input?.type === 'predict.failed') throw errorOf(input.failure)
      return input?.type === 'endpointing.answered' ? input.timeoutSeconds : 0
    },
  }
}

/** Tools that were run before answer as they did then; nothing is run. */
export function replayTools(surroundings: ReplaySurroundings): ToolRunner {
  const { answers, diverge, world } = surroundings
  return {
    async run({ call, purpose }, signal): Promise<ToolOutcome> {
      const key = toolKey(call, purpose)
      const work = answers.take(key)
      if (work === null)
        return diverge(
          notAsked(answers, key, `the tool ${call.name} was not called with these arguments before`),
        )
      const input = await lastAnswer(work, surroundings, signal)
      if (input?.type !== 'tool.done') throw new Error('the call of the tool was cancelled')
      const { outcome } = input
      if (outcome.type !== 'destination') return outcome
      // As the server named it: it is compiled anew.
      return { ...outcome, destination: world.destinations.get(input.workId) ?? {} }
    },
  }
}

async function lastAnswer(
  work: RecordedWork,
  surroundings: ReplaySurroundings,
  signal: AbortSignal,
): Promise<Input | null> {
  let last: Input | null = null
  for await (const input of giveAnswers(work, surroundings, signal)) last = input
  return last
}
