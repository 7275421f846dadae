import type { Command } from '../commands.ts'
import type { Fact, TurnTimes } from '../facts.ts'
import { type Outcome, type Owner, observe, type Surroundings } from '../owner.ts'
import { isSounding, type SpeakingState, type Utterance } from '../state.ts'
import {
  blankUtterance,
  edit,
  editChunk,
  insert,
  insertFirst,
  voiceName,
  withCommands,
} from './speech/edit.ts'
import { fallBack } from './speech/fallback.ts'
import { isSpeakable, pump, WAIT_TIMER } from './speech/queue.ts'
import { chunkOf, heardText, workOf } from './speech/utterance.ts'

type Result = Outcome<SpeakingState>

/**
 * The one queue of everything that the assistant says. Text becomes chunks, chunks are formatted and voiced one
 * after the other, and the head of the queue plays when its time has come. No other owner commands a voice.
 */
export const speaking: Owner<'speaking'> = {
  name: 'speaking',
  on: {
    say: (slice, event, surroundings) => {
      const utterance = { ...blankUtterance(slice, event, surroundings), complete: true }
      const put = event.first === true ? insertFirst : insert
      return pump({ ...put(slice, utterance), nextUtterance: slice.nextUtterance + 1 }, surroundings)
    },

    'reply.started': (slice, event, surroundings) => {
      // The reply before it was cancelled: what it had not said is void, what is being said ends where it is.
      const unfinished = (utterance: Utterance) => utterance.replyId !== null && !utterance.complete
      const stale = (utterance: Utterance) =>
        utterance.times !== null && utterance.times.turn < event.times.turn && !isSounding(utterance)
      const cleared = clear(
        slice,
        utterance => isSounding(utterance) || !(unfinished(utterance) || stale(utterance)),
      )
      const ended = edit(cleared.slice ?? slice, unfinished, utterance => ({
        ...utterance,
        complete: true,
        buffer: '',
      }))
      const base = {
        text: '',
        source: 'model',
        interruptible: true,
        endsCall: null,
        times: event.times,
      } as const
      const utterance = { ...blankUtterance(ended, base, surroundings), replyId: event.replyId }
      const queue = [...ended.queue, utterance]
      return after(cleared, pump({ ...ended, nextUtterance: ended.nextUtterance + 1, queue }, surroundings))
    },

    // The reply of the assistant before was cancelled: what is heard of it ends where it is.
    'assistant.changed': (slice, _event, surroundings) =>
      endReplies(slice, utterance => !isUnfinished(utterance), surroundings),
    'call.forwarded': (slice, _event, surroundings) => endReplies(slice, () => false, surroundings),

    'reply.text': (slice, event, surroundings) =>
      pump(
        edit(slice, byReply(event.replyId), utterance => ({
          ...utterance,
          buffer:
            utterance.chunks.length > 0
              ? utterance.buffer + event.text
              : (utterance.buffer + event.text).trimStart(),
        })),
        surroundings,
      ),

    'reply.completed': (slice, event, surroundings) =>
      pump(
        edit(slice, byReply(event.replyId), utterance => ({ ...utterance, complete: true })),
        surroundings,
      ),

    'format.done': (slice, event, surroundings) => {
      const formatted = editChunk(slice, event.workId, chunk => ({
        ...chunk,
        formatted: event.text,
        spans: event.spans,
        workId: null,
        stage: isSpeakable(event.text) ? 'formatted' : 'voiced',
        durationMs: isSpeakable(event.text) ? null : 0,
      }))
      if (formatted === null) return undefined
      const outcome = pump(formatted, surroundings)
      if (!event.timedOut) return outcome
      const message = 'the formatting of a chunk took over 50 ms; its text is spoken as it is'
      return withCommands([observe(surroundings.atMs, { type: 'warning', message })], outcome)
    },

    'voice.ready': (slice, event, surroundings) => {
      const found = chunkOf(slice, event.workId)
      if (found === null) return undefined
      const ready = edit(slice, found.utterance.id, utterance => ({
        ...utterance,
        readyMs: utterance.readyMs ?? surroundings.atMs,
        stage: utterance.stage === 'preparing' ? 'waiting' : utterance.stage,
      }))
      const observed = observe(surroundings.atMs, {
        type: 'voice.ready',
        voice: voiceName(slice, found.utterance.member, surroundings),
      })
      return withCommands([observed], pump(ready, surroundings))
    },

    'voice.words': (slice, event) => {
      const timed = editChunk(slice, event.workId, chunk => ({
        ...chunk,
        words: [...chunk.words, ...event.words],
      }))
      return timed === null ? undefined : { slice: timed }
    },

    'voice.done': (slice, event, surroundings) => {
      const { durationMs, words } = event
      const voiced = editChunk(slice, event.workId, chunk => ({
        ...chunk,
        stage: 'voiced',
        durationMs,
        words,
      }))
      return voiced === null ? undefined : pump(voiced, surroundings)
    },

    'voice.failed': (slice, event, surroundings) => fallBack(slice, event, surroundings),

    'speech.stopped': (slice, _event, surroundings) => pump(slice, surroundings),
    timer: (slice, event, surroundings) =>
      event.timerId === WAIT_TIMER ? pump(slice, surroundings) : undefined,

    'playback.started': (slice, event, { atMs }) => {
      const head = slice.queue[0]
      if (head?.id !== event.utteranceId || head.stage !== 'starting') return undefined
      const text = heardText(head, null)
      const commands = [observe(atMs, { type: 'assistant.speech.started', text, source: head.source })]
      const turn = head.times?.turn ?? slice.answeredTurn
      const latency = turn <= slice.answeredTurn ? null : latencyOf(head, atMs)
      if (latency !== null) commands.push(observe(atMs, { type: 'turn.latency', turn, ...latency }))
      const facts: Fact[] = [
        { type: 'utterance.started', utteranceId: head.id, text, turn: head.times?.turn ?? null, latency },
      ]
      return {
        slice: {
          ...edit(slice, head.id, utterance => ({ ...utterance, stage: 'speaking', startedMs: atMs })),
          answeredTurn: Math.max(turn, slice.answeredTurn),
        },
        commands,
        facts,
      }
    },

    'playback.drained': (slice, event, surroundings) => {
      const head = slice.queue[0]
      if (head?.id !== event.utteranceId || head.stage !== 'speaking') return undefined
      return finish(slice, head, heardText(head, null), 'completed', surroundings)
    },

    'playback.cleared': (slice, event, surroundings) => {
      const head = slice.queue[0]
      if (head?.id !== event.utteranceId || head.stage !== 'clearing') return undefined
      return finish(slice, head, heardText(head, event.heard), 'interrupted', surroundings)
    },

    // Only what is being said goes; nothing that waits behind it.
    'speech.cut': slice => {
      const cut = slice.queue.find(utterance => isSounding(utterance) && utterance.source !== 'ending')
      if (cut === undefined) return undefined
      const cleared = clear(slice, utterance => utterance !== cut)
      const { times, startedMs } = cut
      const settled: Fact[] =
        times === null || startedMs !== null ? [] : [{ type: 'turn.settled', turn: times.turn }]
      return { ...cleared, facts: [...(cleared.facts ?? []), ...settled] }
    },

    // Last words, what may not be interrupted, and what hooks have to say to it stay.
    interrupted: (slice, _event, surroundings) =>
      clearAndGoOn(
        slice,
        utterance =>
          utterance.source === 'ending' ||
          ((!utterance.interruptible || utterance.source === 'hook') && utterance.startedMs === null),
        surroundings,
      ),
    'say.withdrawn': (slice, event, surroundings) => {
      const isKept = ({ source, stage }: Utterance) =>
        !isOfHooks(source) || (event.what === 'unheard' && stage === 'speaking')
      return clearAndGoOn(slice, isKept, surroundings)
    },
    // The call ends with words that are there: what the customer adds takes them back no more.
    'turn.reopened': (slice, _event, surroundings) => {
      const isLast = surroundings.others.lifecycle.phase === 'speaking-last'
      return clearAndGoOn(
        slice,
        ({ times, stage, complete }) => times === null || stage === 'speaking' || (isLast && complete),
        surroundings,
      )
    },
    'voicemail.detected': slice => clear(slice, () => false),
    'call.ending': slice => clear(slice, () => false),
    'call.closing': slice => clear(slice, () => false),
  },
}

function isOfHooks(source: Utterance['source']): boolean {
  return source === 'hook' || source === 'idle'
}

function byReply(replyId: string): (utterance: Utterance) => boolean {
  return utterance => utterance.replyId === replyId
}

function finish(
  slice: SpeakingState,
  head: Utterance,
  text: string,
  reason: 'completed' | 'interrupted',
  surroundings: Surroundings,
): Result {
  const { atMs } = surroundings
  const heard = head.startedMs !== null
  const spokenText = heard ? text : ''
  const commands = heard ? [observe(atMs, { type: 'assistant.speech.stopped', spokenText, reason })] : []
  if (spokenText !== '') {
    commands.push(
      observe(atMs, {
        type: 'transcript',
        role: 'assistant',
        transcriptType: 'final',
        transcript: spokenText,
      }),
    )
  }
  const endsCall = reason === 'completed' ? head.endsCall : null
  const finished: Fact = {
    type: 'utterance.finished',
    utteranceId: head.id,
    source: head.source,
    spokenText,
    heard,
    endsCall,
    tag: head.tag,
  }
  const next = pump({ ...slice, queue: slice.queue.slice(1) }, surroundings)
  return {
    ...next,
    commands: [...commands, ...(next.commands ?? [])],
    facts: [finished, ...(next.facts ?? [])],
  }
}

/** Empties the queue but for what is kept. What is playing stays until it is known how much of it was heard. */
function clear(slice: SpeakingState, keep: (utterance: Utterance) => boolean): Result {
  const commands: Command[] = []
  const facts: Fact[] = []
  const queue = slice.queue.flatMap(utterance => {
    if (utterance.stage === 'clearing' || keep(utterance)) return [utterance]
    const unheard = utterance.startedMs === null
    if (unheard) facts.push({ type: 'utterance.dropped', tag: utterance.tag })
    for (const workId of workOf(utterance)) commands.push({ type: 'cancel', workId })
    if (utterance.readyMs !== null) commands.push({ type: 'playback.clear', utteranceId: utterance.id })
    const playing = utterance.stage === 'speaking' || utterance.stage === 'starting'
    const tag = unheard ? null : utterance.tag
    return playing ? [{ ...utterance, stage: 'clearing' as const, endsCall: null, tag }] : []
  })
  commands.push({ type: 'timer.clear', timerId: WAIT_TIMER })
  return { slice: { ...slice, queue }, commands, facts }
}

/** Ends the replies that have not come to their end. Keeps what is heard, and what is picked of the rest. */
function endReplies(
  slice: SpeakingState,
  keep: (utterance: Utterance) => boolean,
  surroundings: Surroundings,
): Result {
  const cleared = clear(slice, utterance => utterance.stage === 'speaking' || keep(utterance))
  const ended = edit(cleared.slice ?? slice, isUnfinished, utterance => ({
    ...utterance,
    complete: true,
    buffer: '',
  }))
  return after(cleared, pump(ended, surroundings))
}

function isUnfinished({ replyId, complete }: Utterance): boolean {
  return replyId !== null && !complete
}

/** What stays in the queue moves on: another may be at its head now, and its time has to be set again. */
function clearAndGoOn(
  slice: SpeakingState,
  keep: (utterance: Utterance) => boolean,
  surroundings: Surroundings,
): Result {
  const cleared = clear(slice, keep)
  return after(cleared, pump(cleared.slice ?? slice, surroundings))
}

/** Two outcomes of one event, the slice being the later one's. */
function after(first: Result, second: Result): Result {
  return {
    ...second,
    commands: [...(first.commands ?? []), ...(second.commands ?? [])],
    facts: [...(first.facts ?? []), ...(second.facts ?? [])],
  }
}

function latencyOf(head: Utterance, startedMs: number) {
  const times: TurnTimes | null = head.times
  if (times === null || times.speechEndMs === null || head.requestedMs === null || head.readyMs === null)
    return null
  return {
    endpointingMs: times.turnEndedMs - times.speechEndMs,
    modelMs: head.requestedMs - times.turnEndedMs,
    voiceMs: head.readyMs - head.requestedMs,
    waitMs: startedMs - head.readyMs,
    totalMs: startedMs - times.speechEndMs,
    ...(times.transcribedMs !== undefined && {
      transcriberMs: Math.max(0, times.transcribedMs - times.speechEndMs),
    }),
  }
}
