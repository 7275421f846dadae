import type { CallPlan } from '../engine/plan.ts'
import { audibleUtterance, type CallState, type Utterance } from '../engine/state.ts'
import { heardCharacters } from '../engine/text/heard.ts'
import { countWords } from '../engine/text/phrases.ts'
import { assistantSpeechStarted, type SpeechStartedFields } from './fields.ts'

/** How far an utterance was told. */
export interface SpokenSoFar {
  utteranceId: string
  /** Characters of its text. */
  length: number
}

/**
 * The fields of `assistant.speechStarted` where the assistant began to speak, or where the text of what it is saying
 * grew; `fields` are null where nothing is to be told. Null where nothing changes. The turn is the caller's to add.
 */
export function speechProgress(
  before: SpokenSoFar | null,
  state: Readonly<CallState>,
  atMs: number,
  plan: CallPlan,
): { spoken: SpokenSoFar | null; fields: Record<string, unknown> | null } | null {
  const head = audibleUtterance(state)
  if (head === null) return before === null ? null : { spoken: null, fields: null }
  const text = textOf(head)
  if (text === '' || (before?.utteranceId === head.id && before.length === text.length)) return null
  return {
    spoken: { utteranceId: head.id, length: text.length },
    fields: assistantSpeechStarted({ ...fieldsOf(head, text, atMs), source: sourceOf(head, state, plan) }),
  }
}

function sourceOf(
  { source, member }: Utterance,
  { speaking }: Readonly<CallState>,
  plan: CallPlan,
): SpeechStartedFields['source'] {
  const voice = plan.members[member]?.voice.voices[speaking.voices[member] ?? 0]?.name ?? ''
  if (voice.startsWith('custom-voice/')) return 'custom-voice'
  return source === 'model' ? 'model' : 'force-say'
}

function fieldsOf(head: Utterance, text: string, atMs: number): Omit<SpeechStartedFields, 'source'> {
  const latest = head.chunks.at(-1)
  return {
    text,
    turn: 0,
    timing: {
      type: 'word-progress',
      wordsSpoken: countWords(heardSoFar(head, atMs)),
      totalWords: countWords(text),
      segment: (latest?.source ?? text).trim(),
      ...(latest?.durationMs != null && { segmentDurationMs: latest.durationMs }),
    },
  }
}

/** All that was given to the voice. */
function textOf({ chunks }: Utterance): string {
  return chunks
    .map(({ source }) => source)
    .join('')
    .trim()
}

/** What was heard until now, by the time since the first sound. */
function heardSoFar({ chunks, startedMs }: Utterance, atMs: number): string {
  let leftMs = startedMs === null ? 0 : atMs - startedMs
  let text = ''
  for (const chunk of chunks) {
    const { durationMs, source } = chunk
    const heardMs = Math.min(leftMs, durationMs ?? leftMs)
    const complete = durationMs !== null
    const receivedMs = durationMs ?? heardMs
    const characters = heardCharacters(chunk, {
      workId: chunk.workId ?? '',
      heardMs,
      receivedMs,
      complete,
    })
    text += source.slice(0, characters)
    leftMs -= heardMs
    if (leftMs <= 0) break
  }
  return text
}
