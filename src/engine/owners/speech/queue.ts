import type { Command } from '../../commands.ts'
import type { Fact } from '../../facts.ts'
import { type Outcome, observe, type Surroundings } from '../../owner.ts'
import type { Chunk, SpeakingState, Utterance } from '../../state.ts'
import { nextCut, wordsSoFar } from '../../text/chunks.ts'
import { voiceOf } from './edit.ts'
import { heardText } from './utterance.ts'
import { chooseVoice, type VoiceChoice, voiceAt } from './voice-choice.ts'

/** Fires when the head of the queue may begin to play. */
export const WAIT_TIMER = 'speaking.wait'

interface Work {
  nextWork: number
  /** Places of the voices in use, as they are from now on. */
  voices: number[]
  commands: Command[]
  facts: Fact[]
}

/**
 * Moves the queue on as far as it can go now: cuts text into chunks, asks for formatting and for the next voice,
 * tells playback when an utterance is complete, drops empty ones, and starts the head when its time has come.
 */
export function pump(slice: SpeakingState, surroundings: Surroundings): Outcome<SpeakingState> {
  const work: Work = { nextWork: slice.nextWork, voices: slice.voices, commands: [], facts: [] }
  let busy = slice.queue.some(({ chunks }) => chunks.some(chunk => chunk.stage === 'voicing'))
  const queue: Utterance[] = []
  for (const waiting of slice.queue) {
    // What was taken back asks for nothing more.
    if (waiting.stage === 'clearing') {
      queue.push(waiting)
      continue
    }
    const cut = cutChunks(waiting, surroundings, work, busy)
    const voiced = busy ? cut : requestVoice(cut, slice, surroundings, work)
    busy ||= voiced !== cut || cut.chunks.some(chunk => chunk.stage !== 'voiced')
    const moved = finishText(voiced, work)
    if (isEmpty(moved)) work.facts.push(emptyFinished(moved))
    else queue.push(moved)
  }
  const head = queue[0]
  if (head !== undefined) queue[0] = start(head, slice, surroundings, work)
  const { nextWork, voices, commands, facts } = work
  return { slice: { ...slice, queue, nextWork, voices }, commands, facts }
}

function cutChunks(utterance: Utterance, { plan, call }: Surroundings, work: Work, busy: boolean): Utterance {
  const { chunks: chunkPlan } = (call.members[utterance.member] ?? plan).voice
  let { buffer } = utterance
  const added: Chunk[] = []
  for (;;) {
    const isFree = !busy && added.length === 0 && utterance.chunks.every(({ stage }) => stage === 'voiced')
    const cut = utterance.sound
      ? whole(buffer)
      : chunkPlan.asTheyCome
        ? wordsSoFar(buffer, utterance.complete, isFree)
        : nextCut(buffer, utterance.complete, chunkPlan)
    if (cut === null) break
    buffer = cut.rest
    added.push({
      source: cut.text,
      formatted: cut.text,
      spans: [],
      words: [],
      durationMs: null,
      workId: null,
      stage: 'waiting',
    })
  }
  const chunks = [...utterance.chunks, ...added].map((chunk): Chunk => {
    if (chunk.stage !== 'waiting') return chunk
    const text = chunk.source.trim()
    if (!isSpeakable(text)) return { ...chunk, stage: 'voiced', durationMs: 0 }
    if (!chunkPlan.enabled || !chunkPlan.format || utterance.sound) return { ...chunk, stage: 'formatted' }
    const workId = `speech-${work.nextWork++}`
    work.commands.push({ type: 'format', workId, text: chunk.source, member: utterance.member })
    return { ...chunk, workId, stage: 'formatting' }
  })
  const grown = { ...utterance, buffer, chunks }
  if (added.length > 0 && utterance.stage === 'speaking') {
    work.facts.push({ type: 'utterance.extended', utteranceId: utterance.id, text: heardText(grown, null) })
  }
  return grown
}

/** The address of a sound is one piece. */
function whole(buffer: string) {
  return buffer === '' ? null : { text: buffer, rest: '' }
}

/** Asks for the next chunk's sound. One request is under way at a time, so that a failed voice leaves no gap. */
function requestVoice(
  utterance: Utterance,
  slice: SpeakingState,
  surroundings: Surroundings,
  work: Work,
): Utterance {
  const { member } = utterance
  const place = utterance.chunks.findIndex(chunk => chunk.stage !== 'voiced')
  const chunk = utterance.chunks[place]
  if (chunk === undefined || chunk.stage !== 'formatted') return utterance
  const workId = `speech-${work.nextWork++}`
  const text = chunk.formatted.trim()
  const choice = chooseVoice(utterance, slice, surroundings)
  takeVoice(choice, member, surroundings, work)
  const name = voiceAt(choice.place, member, surroundings)
  work.commands.push(observe(surroundings.atMs, { type: 'voice.requested', text, voice: name }), {
    type: 'voice.request',
    workId,
    utteranceId: utterance.id,
    text,
    voice: choice.place,
    ...(choice.language !== null && { language: choice.language }),
    ...(utterance.sound && { sound: true as const }),
    member,
  })
  const chunks = utterance.chunks.toSpliced(place, 1, { ...chunk, workId, stage: 'voicing' })
  const requestedMs = utterance.requestedMs ?? surroundings.atMs
  return { ...utterance, chunks, requestedMs, voice: choice.place }
}

/** Makes a voice the one in use of an assistant, and tells of a change. */
function takeVoice(
  { place, language }: VoiceChoice,
  member: number,
  surroundings: Surroundings,
  work: Work,
): void {
  const before = voiceOf(work, member)
  if (place === before) return
  const from = voiceAt(before, member, surroundings)
  const to = voiceAt(place, member, surroundings)
  if (language !== null)
    work.commands.push(observe(surroundings.atMs, { type: 'voice.switched', from, to, language }))
  work.voices = surroundings.call.members.map((_, other) => (other === member ? place : voiceOf(work, other)))
}

function isVoiced(utterance: Utterance): boolean {
  return (
    utterance.complete && utterance.buffer === '' && utterance.chunks.every(chunk => chunk.stage === 'voiced')
  )
}

function finishText(utterance: Utterance, work: Work): Utterance {
  if (
    utterance.finished ||
    utterance.stage === 'clearing' ||
    utterance.readyMs === null ||
    !isVoiced(utterance)
  )
    return utterance
  work.commands.push({ type: 'playback.finish', utteranceId: utterance.id })
  return { ...utterance, finished: true }
}

/** Nothing of it will ever sound. */
function isEmpty(utterance: Utterance): boolean {
  return isVoiced(utterance) && utterance.readyMs === null && utterance.stage === 'preparing'
}

function emptyFinished({ id, source, endsCall, tag }: Utterance): Fact {
  return { type: 'utterance.finished', utteranceId: id, source, spokenText: '', heard: false, endsCall, tag }
}

/** Plays the head now, or sets the timer for it. The wait counts from the first sound or the backoff's end (ruling 2). */
function start(
  head: Utterance,
  slice: SpeakingState,
  { plan, others, atMs }: Surroundings,
  work: Work,
): Utterance {
  if (head.stage !== 'waiting' || head.readyMs === null) return head
  // Answers and hooks do not begin over the customer; words void an answer, and after mere sound it goes on.
  const polite = head.times !== null || head.source === 'hook' || head.source === 'idle'
  if (polite && others.customer.talking && others.lifecycle.phase !== 'ending') return head
  const earliestMs = Math.max(head.readyMs, others.interruption.backoffUntilMs)
  const startMs = waits(head, slice) ? afterWait(earliestMs) : earliestMs
  if (startMs > atMs) {
    work.commands.push({ type: 'timer.set', timerId: WAIT_TIMER, atMs: startMs })
    return head
  }
  work.commands.push({ type: 'playback.play', utteranceId: head.id })
  return { ...head, stage: 'starting' }

  function afterWait(fromMs: number): number {
    if (plan.wait.mode === 'added') return fromMs + plan.wait.ms
    return Math.max(fromMs, (head.times?.speechEndMs ?? 0) + plan.wait.ms)
  }
}

/** The wait is for the first sound of an answer to speech; it is applied once a turn (ruling 2). */
function waits(head: Utterance, slice: SpeakingState): boolean {
  return head.times !== null && head.times.speechEndMs !== null && head.times.turn > slice.answeredTurn
}

/** Punctuation and pictures alone are no words: nothing of them is heard, and no voice is asked. */
export function isSpeakable(text: string): boolean {
  return /[\p{L}\p{N}]/u.test(text)
}
