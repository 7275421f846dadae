import type { DecisionGrounds } from '../../engine/observations.ts'
import type { TextSign } from '../../engine/text/heuristics.ts'
import type { CustomerSpeech, EndpointingDecision, Turn } from '../report/story.ts'
import { DECIDERS, inLine } from '../report/words.ts'
import type { Decision } from './explanation.ts'
import { length } from './lengths.ts'

const PLAN = 'startSpeakingPlan'

/** The setting behind each sign of the text heuristics. */
const SIGN_SETTINGS = {
  number: 'onNumberSeconds',
  punctuation: 'onPunctuationSeconds',
  'no-punctuation': 'onNoPunctuationSeconds',
} as const

const SIGN_WORDS: Readonly<Record<TextSign, string>> = {
  number: 'the words end with a number',
  punctuation: 'the words have punctuation',
  'no-punctuation': 'the words have no punctuation',
  'no-text': 'there were no words',
}

/** The decisions on a turn: the one that ended it, and those that the customer overtook. */
export function decisionsOf(turn: Turn): { decision: Decision | null; overtaken: Decision[] } {
  let speech: CustomerSpeech | null = null
  let decision: Decision | null = null
  let open: Decision | null = null
  const overtaken: Decision[] = []
  for (const item of turn.items) {
    if (item.type === 'customer') {
      if (open !== null && open.speechEndMs !== null) {
        overtaken.push({ ...open, pausedMs: Math.max(0, item.fromMs - open.speechEndMs) })
      }
      open = null
      speech = item
    } else if (item.type === 'decision') {
      const read = readDecision(item, speech)
      if (item.outcome === 'overtaken') open = read
      else decision = read
    }
  }
  return { decision, overtaken }
}

function readDecision(
  { by, waitMs, detail, fromMs: atMs, grounds: told }: EndpointingDecision,
  speech: CustomerSpeech | null,
): Decision {
  const grounds = { ...groundsOf(detail), ...told }
  const decision = {
    by,
    waitMs,
    atMs,
    speechEndMs: grounds.speechEndMs ?? speech?.toMs ?? null,
    detail,
    rule: grounds.rule ?? null,
    stillSpeaking: grounds.stillSpeaking ?? null,
    finished: grounds.finished ?? null,
    sign: grounds.sign ?? null,
    pausedMs: null,
  }
  return { ...decision, setting: settingOf(decision), reason: reasonOf(decision) }
}

/** What older records have in words alone. */
function groundsOf(detail: string): DecisionGrounds {
  const rule = /^rule (\d+)$/.exec(detail)?.[1]
  if (rule !== undefined) return { rule: Number(rule) }
  const x = /^x = (\d(?:\.\d+)?)/.exec(detail)?.[1]
  if (x !== undefined) return { stillSpeaking: Number(x) }
  const signs: Readonly<Record<string, TextSign>> = {
    'ends with a number': 'number',
    punctuation: 'punctuation',
    'no punctuation': 'no-punctuation',
    'no text': 'no-text',
  }
  return Object.hasOwn(signs, detail) ? { sign: signs[detail] } : {}
}

type Grounds = Pick<Decision, 'by' | 'waitMs' | 'detail' | 'rule' | 'stillSpeaking' | 'finished' | 'sign'>

function settingOf({ by, rule, sign }: Grounds): string | null {
  if (rule !== null) return `${PLAN}.customEndpointingRules[${rule}].timeoutSeconds`
  if (sign !== null)
    return sign === 'no-text' ? null : `${PLAN}.transcriptionEndpointingPlan.${SIGN_SETTINGS[sign]}`
  switch (by) {
    case 'livekit':
      return `${PLAN}.smartEndpointingPlan.waitFunction`
    case 'krisp':
      return `${PLAN}.smartEndpointingPlan.threshold`
    case 'custom-model':
      return `${PLAN}.smartEndpointingPlan.server`
    case 'transcriber':
      return 'transcriber'
    default:
      return null
  }
}

function reasonOf({ by, waitMs, detail, rule, stillSpeaking, finished, sign }: Grounds): string {
  const wait = length(waitMs)
  if (rule !== null) return `customEndpointingRules[${rule}] fits and waits ${wait}`
  if (stillSpeaking !== null) {
    const share = Math.round((1 - stillSpeaking) * 100)
    return `LiveKit held the words for ${share} % finished (x = ${stillSpeaking}), for which waitFunction waits ${wait}`
  }
  if (finished !== null) {
    const because = detail === '' ? '' : ` (${inLine(detail)})`
    return `Krisp held the sound for ${Math.round(finished * 100)} % finished, ${wait} after it had ended${because}`
  }
  if (by === 'transcriber')
    return `the transcriber reported the end of the turn${waitMs === 0 ? '' : `, ${wait} after the speech`}`
  if (sign === 'no-text') return 'there were no words to wait for'
  if (sign !== null) return `${SIGN_WORDS[sign]}, for which ${SIGN_SETTINGS[sign]} waits ${wait}`
  const name = DECIDERS[by] ?? inLine(by)
  const because = detail === '' ? '' : ` (${inLine(detail)})`
  return waitMs === 0
    ? `${name} ended the turn at once${because}`
    : `${name} asked for a wait of ${wait}${because}`
}
