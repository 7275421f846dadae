import type { Command } from '../commands.ts'
import { leavesAfter } from '../control-state.ts'
import type { Fact } from '../facts.ts'
import type { TranscriptReceived } from '../inputs.ts'
import { isSameLanguage } from '../language.ts'
import { type Owner, observe, type Surroundings } from '../owner.ts'
import { audibleUtterance, type CustomerState, isAnswerUnderway, joinWords } from '../state.ts'

/** The turn of the customer: collects words, ends the turn, takes it up again when the customer goes on (ruling 9). */
export const customer: Owner<'customer'> = {
  name: 'customer',
  on: {
    'speech.started': (slice, event, { atMs }) => ({
      slice: {
        ...reopened(slice),
        talking: true,
        segmentStartMs: event.audioMs,
        segmentFinals: '',
        partial: '',
      },
      commands: [observe(atMs, { type: 'customer.speech.started', audioMs: event.audioMs })],
      facts: reopening(slice),
    }),

    'speech.stopped': (slice, event, { atMs }) => ({
      slice: { ...slice, talking: false, speechEndMs: event.audioMs },
      commands: [observe(atMs, { type: 'customer.speech.stopped', audioMs: event.audioMs })],
    }),

    transcript: (slice, event, surroundings) => {
      const { atMs, others } = surroundings
      const text = event.text.trim()
      const commands = [
        observe(atMs, {
          type: 'transcript',
          role: 'user',
          transcriptType: event.transcriptType,
          transcript: text,
          ...(event.confidence !== null && { confidence: event.confidence }),
          ...(event.language !== null && { language: event.language }),
          ...(event.origin !== 'recognition' && { origin: event.origin }),
        }),
      ]
      if (event.transcriptType === 'partial') {
        const facts: Fact[] = text !== '' && isAnswerUnderway(others) ? [{ type: 'turn.reopened' }] : []
        return { slice: { ...slice, partial: text }, commands, facts }
      }
      if (text === '') return { slice: { ...slice, partial: '' } }
      const open = reopened(slice)
      const changed = changeOfLanguage(slice, event, surroundings)
      return {
        slice: {
          ...open,
          ...(changed.length > 0 && { language: event.language }),
          finals: [...open.finals, text],
          segmentFinals: joinWords(open.segmentFinals, text),
          partial: '',
          speechEndMs: open.speechEndMs ?? event.audioMs,
          transcribedMs: atMs,
        },
        commands: [...commands, ...changed],
        facts: isAnswerUnderway(others) ? [{ type: 'turn.reopened' }] : reopening(slice),
      }
    },

    'transcript.dropped': (slice, { text, confidence, minimum }, { atMs }) => ({
      slice: { ...slice, partial: '' },
      commands: [observe(atMs, { type: 'transcript.dropped', transcript: text, confidence, minimum })],
    }),

    'transcript.self-heard': slice => ({ slice: { ...slice, partial: '' } }),

    // Nobody answers any more once hooks end the call: no turn ends then.
    'endpoint.reached': (slice, _event, { atMs, others }) => {
      if (slice.talking || slice.finals.length === 0 || others.lifecycle.phase === 'ending') return undefined
      if (audibleUtterance(others) !== null) return { slice: { ...slice, deferred: true } }
      return endTurn(slice, atMs)
    },

    acknowledged: slice => ({ slice: { ...slice, finals: slice.finals.slice(0, -1) } }),

    // Once its answer is heard, a turn cannot be taken up again.
    'utterance.started': (slice, event) =>
      slice.unanswered?.times.turn === event.turn ? { slice: answered(slice, slice.unanswered) } : undefined,

    'utterance.finished': (slice, { tag }, { atMs, others }) => {
      if (!slice.deferred || slice.talking || slice.finals.length === 0) return undefined
      return leavesAfter(others.control, tag) ? undefined : endTurn(slice, atMs)
    },

    // An empty reply has nothing that could still be taken back; after a tool call the answer is yet to come.
    'reply.completed': (slice, event) =>
      event.text.trim() === '' && event.toolCalls.length === 0 && slice.finals.length === 0
        ? { slice: { ...slice, unanswered: null } }
        : undefined,

    'turn.settled': (slice, event) =>
      slice.unanswered?.times.turn === event.turn ? { slice: { ...slice, unanswered: null } } : undefined,

    'call.ending': slice => ({ slice: { ...slice, deferred: false } }),
    'call.closing': slice => ({ slice: { ...slice, deferred: false } }),
  },
}

function endTurn(slice: CustomerState, atMs: number) {
  const known = slice.unanswered?.finals.length ?? 0
  const turn = slice.turn + 1
  const { speechEndMs, transcribedMs } = slice
  const times = { turn, speechEndMs, turnEndedMs: atMs, ...(transcribedMs !== null && { transcribedMs }) }
  const text = slice.finals.join(' ')
  const fact: Fact = { type: 'turn.ended', text, newText: slice.finals.slice(known).join(' '), times }
  return {
    slice: { ...slice, turn, finals: [], deferred: false, unanswered: { finals: slice.finals, times } },
    commands: [observe(atMs, { type: 'turn.ended', turn, text })],
    facts: [fact],
  }
}

/** What is told where the words are in another language than those before; a transcriber that is set to one does not leave it. */
function changeOfLanguage(
  { language: from }: CustomerState,
  { language }: TranscriptReceived,
  { plan, atMs }: Surroundings,
): Command[] {
  if (language === null || !plan.detectsLanguage) return []
  if (from !== null && isSameLanguage(from, language)) return []
  return [observe(atMs, { type: 'language.changed', language, from })]
}

/** The turn has its answer: its words, which may have been taken up again, are none of the next turn. */
function answered(slice: CustomerState, { finals }: NonNullable<CustomerState['unanswered']>): CustomerState {
  return { ...slice, finals: slice.finals.slice(finals.length), unanswered: null }
}

/** The slice with an unheard answer's words back in the current turn. */
function reopened(slice: CustomerState): CustomerState {
  if (slice.unanswered === null || slice.finals.length > 0) return { ...slice, deferred: false }
  return { ...slice, deferred: false, finals: slice.unanswered.finals }
}

function reopening(slice: CustomerState): Fact[] {
  return slice.unanswered === null || slice.finals.length > 0 ? [] : [{ type: 'turn.reopened' }]
}
