import { plainWords } from './phrases.ts'

/** The greeting of a machine stands at the beginning; more of a text is not looked at. */
const MAXIMUM_CHARACTERS = 4000

/** Somebody who offers to take a message is a person. */
const OFFER =
  /\b(?:would you|do you|did you|you (?:want|wanna)|can i|could i|may i|shall i|should i|let me)\b[^.?!]{0,60}\bmessage\b/g

/** What hardly anybody says who answers in person: one of these is enough. */
const machineOnly: readonly RegExp[] = [
  /\b(?:after|at|following|wait for) the (?:tone|beep|signal)\b/,
  /\bleave (?:me |us |him |her |them )?(?:a|your|the) (?:[a-z]+ ){0,2}message\b/,
  /\bleave (?:me |us )?your (?:[a-z]+ )?name\b/,
  /\brecord (?:a|your|the) message\b/,
  /\b(?:voice ?mail(?:box)?|mail ?box)(?: (?:of|for|belonging|system|service|greeting|that)\b| (?:is|box) (?:full|has not))/,
  /\b(?:mail ?box|voice ?mail box) (?:is full|has not been set up)\b/,
  /\bautomat(?:ed|ic) (?:voice ?(?:mail|messaging|message)|answering|message system)/,
  /\banswering (?:machine|service)\b/,
  /\b(?:person|party|subscriber|customer|number|mobile) (?:that )?you(?: are|'re|'ve| have)? (?:calling|called|trying to (?:reach|call)|dialed|dialled|reached)\b/,
  /\byour call has been forwarded\b/,
  /\bfinished recording\b/,
  // German, Spanish, French.
  /\bnach dem (?:signal|pieps?|beep)?-?(?:ton|signal|piep|beep)\b/,
  /\b(?:hinterlassen sie|sprechen sie)\b.{0,40}\bnachricht\b/,
  /\b(?:mailbox|anrufbeantworter|sprachbox) (?:von|der|des)\b/,
  /\bdespués (?:del tono|de la señal|del pitido)\b/,
  /\bdej[ea](?:nos|me)? (?:un|su|tu) mensaje\b/,
  /\bbuzón de voz\b/,
  /\baprès (?:le (?:bip|signal)|la tonalité)/,
  /\blaiss(?:ez|e)(?:-moi|-nous)? (?:un|votre|ton) message\b/,
  /\b(?:messagerie|boîte) vocale\b/,
]

/** What people say too: two different ones make a machine. */
const machineLike: readonly RegExp[] = [
  /\byou(?:'ve| have) reached\b/,
  /\b(?:voice ?mail|mail ?box)\b/,
  /\b(?:not available|unavailable|away from (?:my|the|our) (?:phone|desk))\b/,
  /\b(?:can't|cannot|can not|unable to) (?:come to the phone|take your call|answer (?:your call|the phone))\b/,
  /\b(?:get back to you|call you back|return your call)\b/,
  /\bas soon as (?:i|we|possible)\b/,
  /\bthank(?:s| you) for calling\b/,
  /\b(?:please )?try (?:again|your call again|your call) later\b/,
  /\bpress (?:\d|one|two|three|pound|star|hash)\b/,
  /\boffice hours\b/,
]

/**
 * What in the other side's words sounds like an answering machine, or null where they may be a person's. An estimate from
 * phrases alone, in English, with a few of German, Spanish and French.
 */
export function machineWords(text: string): string | null {
  const words = plainWords(text.slice(0, MAXIMUM_CHARACTERS)).replace(OFFER, ' ')
  for (const pattern of machineOnly) {
    const found = pattern.exec(words)
    if (found !== null) return found[0]
  }
  const signs = machineLike.flatMap(pattern => pattern.exec(words)?.[0] ?? [])
  return signs.length >= 2 ? signs.slice(0, 2).join(' … ') : null
}
