import type { Advice, PartName } from './explanation.ts'
import { largest, length, median, seconds, total, turnList } from './lengths.ts'
import type { MeasuredAnswer } from './parts.ts'
import type { ExaminedTurn } from './turns.ts'

type Draft = Omit<Advice, 'assistantName'>
type Measured = ExaminedTurn & { measured: MeasuredAnswer }

/** First words and first sounds that take longer than this in the median are remarked on, in milliseconds. */
const SLOW_MODEL_MS = 500
const SLOW_VOICE_MS = 400
/** Tools for which the customer waits at least so long are remarked on. */
const SLOW_TOOL_MS = 300
/** Less than this is not worth a word, in milliseconds. */
const LEAST_MS = 50
/** The fewest characters of a first chunk that still sound like speech. */
const SHORT_CHUNK = 10

/** What would make answers sound earlier once their turns have ended. */
export function adviseOnWork(examined: readonly ExaminedTurn[]): Draft[] {
  const answers = examined.filter((each): each is Measured => each.measured !== null && each.turn.number > 0)
  return [
    ...adviseOnWait(examined, answers),
    ...adviseOnOpening(examined),
    ...adviseOnChunks(answers),
    ...adviseOnTools(answers),
    ...adviseOnVoiceFailure(answers),
    ...adviseOnBackoff(answers),
    ...adviseOnOwnSpeech(examined, answers),
    ...adviseOnModel(answers),
    ...adviseOnVoice(answers),
  ]
}

function adviseOnWait(examined: readonly ExaminedTurn[], answers: readonly Measured[]): Draft[] {
  const saves = savesOf(answers, 'wait')
  if (total(saves) < LEAST_MS) return []
  const nowMs = answers[0]?.turn.settings?.waitMs ?? largest(saves.map(({ ms }) => ms))
  const inTime = examined.filter(
    ({ turn }) => turn.takenBack && turn.work.some(({ type }) => type === 'voice.ready'),
  )
  const evidence =
    inTime.length === 0
      ? 'In this call nobody did.'
      : `That happened in ${turnList(inTime.map(({ turn }) => turn.number))}.`
  return [
    {
      setting: 'startSpeakingPlan.waitSeconds',
      from: seconds(nowMs),
      to: 0,
      saves,
      certainty: 'exact',
      finding: 'The voice was ready; this wait alone kept the assistant silent.',
      risk: `In this wait a customer who goes on takes the answer back unheard; without it the assistant begins, and has to be interrupted. ${evidence}`,
    },
  ]
}

function adviseOnOpening([opening]: readonly ExaminedTurn[]): Draft[] {
  if (opening === undefined || opening.turn.number !== 0 || opening.measured === null) return []
  const { model, text } = opening.measured.ms
  if (opening.explanation.said[0]?.source !== 'model' || model + text < SLOW_TOOL_MS) return []
  return [
    {
      setting: 'firstMessage',
      from: null,
      to: null,
      saves: [{ turn: 0, ms: model + text }],
      certainty: 'exact',
      finding:
        'The model wrote the first words; a fixed text with firstMessageMode assistant-speaks-first needs no model.',
      risk: 'The first words are the same in every call, but for their variables.',
    },
  ]
}

function adviseOnChunks(answers: readonly Measured[]): Draft[] {
  const saves = savesOf(answers, 'text')
  const chunks = answers[0]?.turn.settings?.chunks
  if (total(saves) < 2 * LEAST_MS || chunks === undefined) return []
  if (!chunks.enabled) {
    return [
      {
        setting: 'voice.chunkPlan.enabled',
        from: false,
        to: true,
        saves,
        certainty: 'at-most',
        finding: 'The voice is asked only when the model has written its whole reply.',
        risk: 'With chunks the text is also formatted before it is spoken (formatPlan).',
      },
    ]
  }
  if (chunks.minimumCharacters <= SHORT_CHUNK) return []
  return [
    {
      setting: 'voice.chunkPlan.minCharacters',
      from: chunks.minimumCharacters,
      to: SHORT_CHUNK,
      saves,
      certainty: 'at-most',
      finding: 'So long it took from the model’s first words until there were enough of them for the voice.',
      risk: 'Short chunks sound choppy, and a slow model leaves gaps between them.',
    },
  ]
}

function adviseOnTools(answers: readonly Measured[]): Draft[] {
  const saves = savesOf(answers, 'tools').filter(({ ms }) => ms >= SLOW_TOOL_MS)
  if (saves.length === 0) return []
  return [
    {
      setting: 'model.tools[].messages',
      from: null,
      to: 'a message of type request-start',
      saves,
      certainty: 'at-most',
      finding: `The customer heard nothing while a tool ran in ${turnList(saves.map(({ turn }) => turn))}; with a message at its start they hear that first.`,
      risk: 'The message is heard each time, also when the tool is quick.',
    },
  ]
}

function adviseOnVoiceFailure(answers: readonly Measured[]): Draft[] {
  const saves = savesOf(answers, 'voice-failure')
  if (total(saves) < LEAST_MS) return []
  const events = answers.flatMap(({ turn }) => turn.work)
  const switched = events.find(event => event.type === 'voice.switched' && event.language === undefined)
  if (switched?.type !== 'voice.switched') return []
  return [
    {
      setting: 'voice',
      from: switched.from,
      to: switched.to,
      saves,
      certainty: 'at-most',
      finding: 'The first voice failed before a fallback spoke.',
      risk: 'If it was an outage of the moment, the first voice is back by now.',
    },
  ]
}

function adviseOnBackoff(answers: readonly Measured[]): Draft[] {
  const saves = savesOf(answers, 'backoff')
  const nowMs = answers[0]?.turn.settings?.interruption.backoffMs
  if (total(saves) < LEAST_MS || nowMs === undefined) return []
  const longestMs = largest(saves.map(({ ms }) => ms))
  return [
    {
      setting: 'stopSpeakingPlan.backoffSeconds',
      from: seconds(nowMs),
      to: seconds(Math.max(0, nowMs - longestMs)),
      saves,
      certainty: 'exact',
      finding: `After an interruption the answer was ready up to ${length(longestMs)} before the assistant was allowed to speak.`,
      risk: 'The assistant speaks sooner after it was interrupted, maybe into what the customer still wants to say.',
    },
  ]
}

function adviseOnOwnSpeech(examined: readonly ExaminedTurn[], answers: readonly Measured[]): Draft[] {
  // What a turn waits for was said before it.
  const lastBefore = new Map<number, string | undefined>()
  let last: string | undefined
  for (const { turn, explanation } of examined) {
    lastBefore.set(turn.number, last)
    last = explanation.said.at(-1)?.source ?? last
  }
  const saves = answers
    .filter(({ turn }) => lastBefore.get(turn.number) === 'first-message')
    .map(({ turn, measured: { ms } }) => ({ turn: turn.number, ms: ms['own-speech'] }))
    .filter(({ ms }) => ms > 0)
  if (total(saves) < LEAST_MS) return []
  return [
    {
      setting: 'firstMessageInterruptionsEnabled',
      from: false,
      to: true,
      saves,
      certainty: 'at-most',
      finding: 'The customer had spoken into the first message and was answered only after its end.',
      risk: 'A noise can then stop the first message.',
    },
  ]
}

function adviseOnModel(answers: readonly Measured[]): Draft[] {
  const saves = savesOf(answers, 'model')
  const middleMs = median(saves.map(({ ms }) => ms))
  if (saves.length === 0 || middleMs < SLOW_MODEL_MS) return []
  const model = answers[0]?.turn.settings?.model ?? null
  return [
    {
      setting: 'model.model',
      from: model,
      to: null,
      saves,
      certainty: 'unknown',
      finding: `The model’s first words took ${inMedian(middleMs, saves.length)}; a smaller model, a nearer region or a shorter prompt shortens that each time.`,
      risk: 'Smaller models follow prompts less well and call tools less reliably.',
    },
  ]
}

function adviseOnVoice(answers: readonly Measured[]): Draft[] {
  const saves = savesOf(answers, 'voice')
  const middleMs = median(saves.map(({ ms }) => ms))
  if (saves.length === 0 || middleMs < SLOW_VOICE_MS) return []
  return [
    {
      setting: 'voice',
      from: answers[0]?.turn.settings?.voices[0] ?? null,
      to: null,
      saves,
      certainty: 'unknown',
      finding: `The voice’s first sound took ${inMedian(middleMs, saves.length)}; a streaming or smaller model of the voice shortens that each time.`,
      risk: 'Faster voice models sound plainer.',
    },
  ]
}

function savesOf(answers: readonly Measured[], part: PartName): Advice['saves'] {
  return answers
    .map(({ turn, measured: { ms } }) => ({ turn: turn.number, ms: ms[part] }))
    .filter(({ ms }) => ms > 0)
}

function inMedian(ms: number, count: number): string {
  return count === 1 ? length(ms) : `${length(ms)} in the median of ${count} turns`
}
