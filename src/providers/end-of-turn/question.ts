/** What the assistant's last message asks for. */
export interface Question {
  kind: QuestionKind
  /** How many digits a whole answer has; null where that is not known. */
  digits: number | null
}

export type QuestionKind =
  | 'none'
  | 'statement'
  | 'phone'
  | 'code'
  | 'spelling'
  | 'email'
  | 'birth'
  | 'address'
  | 'name'
  | 'quantity'
  | 'when'
  | 'choice'
  | 'yes-no'
  | 'open'
  | 'wh'

const CODES: readonly (readonly [RegExp, number | null])[] = [
  [/\blast four\b/, 4],
  [/\b(zip|postal) ?code\b|\bzip\b/, 5],
  [/\bsocial security\b|\bsocial\b|\bssn\b/, 9],
  [/\b(expiration|expiry)\b/, 4],
  [/\b(security code|cvv|cvc)\b/, 3],
  [/\bpin\b/, 4],
  [/\b(card) number\b/, 16],
  [/\b(number|code|digits|id|reading|mileage|licen[cs]e plate)\b/, null],
]

const KINDS: readonly (readonly [RegExp, QuestionKind])[] = [
  [/\bspell/, 'spelling'],
  [/\be-?mail address|\byour e-?mail|\bwebsite/, 'email'],
  [/\bdate of birth|\bbirth ?da(y|te)/, 'birth'],
  [/\baddress\b|\bstreet\b|\b(which|what) (city|state)/, 'address'],
  [/\b(your|full|last|first|the) name\b|\bwho am i speaking\b|\bname of\b/, 'name'],
  [/\bhow (many|much|old|tall|long|far|often)\b|\bbudget\b|\bscale of\b/, 'quantity'],
  [/\bwhen\b|\bwhat (time|day|date|month|year)\b/, 'when'],
  [
    /\bhelp you\b|\bhow can i\b|\bwhat happen|\btell me\b|\bdescribe\b|\bwhat seems\b|\bwhat brings\b|\blike to know\b/,
    'open',
  ],
]

const YES_NO =
  /^(?:(?:and|so|okay|but) )?(is|are|was|were|am|do|does|did|have|has|had|can|could|will|would|should|shall|may|any)\b/

/** Reads the last question of the assistant's last message. */
export function questionOf(assistantText: string): Question {
  const text = assistantText.toLowerCase().replace(/[’‘]/g, "'").trim().slice(-400)
  if (text === '') return { kind: 'none', digits: null }
  const sentences = text.split(/(?<=[.!?])\s+/)
  const asked = sentences.findLast(
    sentence => sentence.includes('?') || /\b(please|tell me|give me)\b/.test(sentence),
  )
  const sentence = asked ?? sentences.at(-1) ?? ''
  const isYesNo = YES_NO.test(sentence)
  if (asked !== undefined && !(isYesNo && !/^(and |so |okay )?(can|could|may|would)\b/.test(sentence))) {
    if (/\bspell/.test(sentence)) return { kind: 'spelling', digits: null }
    if (
      /\b(phone|telephone|cell|mobile|callback|call back)\b.*\bnumber|\bnumber to reach|\bbest number/.test(
        sentence,
      )
    )
      return { kind: 'phone', digits: 10 }
    const code = CODES.find(([pattern]) => pattern.test(sentence))
    if (code !== undefined && !/\bhow (many|much)\b|\b(text|call) (this|that) number\b/.test(sentence))
      return { kind: 'code', digits: code[1] }
    const kind = KINDS.find(([pattern]) => pattern.test(sentence))
    if (kind !== undefined) return { kind: kind[1], digits: null }
  }
  if (isYesNo) return { kind: /\bor\b/.test(sentence) ? 'choice' : 'yes-no', digits: null }
  if (asked?.includes('?')) return { kind: 'wh', digits: null }
  return { kind: 'statement', digits: null }
}
