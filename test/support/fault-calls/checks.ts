/** What must hold of every call, whatever went wrong in it. */
import type { Observation, ObservationType } from '../../../src/engine/observations.ts'
import { endedReasons } from '../ended-reasons.ts'
import type { CallSeen } from './run.ts'
import { wordsIn } from './words.ts'

const DEEPGRAM_REFUSED = 'call.in-progress.error-vapifault-deepgram-returning-401-invalid-credentials'
/** How a reason names a provider. */
const NAMES: Readonly<Record<string, string>> = {
  '11labs': 'eleven-labs',
  openai: 'openai',
  deepgram: 'deepgram',
}

/** What does not hold, in words; nothing where all does. */
export function faultsOf(call: CallSeen): string[] {
  const wrong: string[] = []
  const all = <Type extends ObservationType>(type: Type) =>
    call.observations.filter((seen): seen is Extract<Observation, { type: Type }> => seen.type === type)
  const expect = (holds: boolean, what: () => string) => {
    if (!holds) wrong.push(what())
  }
  const { plan, said, refused } = call
  // Without a transcriber to go over to, a call whose transcriber cannot be had does not begin.
  if (refused !== null) {
    const isNamed = plan.transcribers.length === 1 && /^(transcriber-|connection-|timeout)/.test(refused.code)
    return isNamed ? [] : [`it broke off: ${refused.code} ${refused.message}`]
  }
  const [ended, ...more] = all('call.ended')
  expect(!call.hangs, () => 'it hangs')
  expect(ended !== undefined && more.length === 0, () => 'it does not end once')
  const reason = ended?.endedReason ?? ''
  const isWhole = reason === 'customer-ended-call'
  expect(endedReasons.has(reason) || reason === DEEPGRAM_REFUSED, () => `no documented reason: ${reason}`)

  // Every failure is hidden by the plan, or it is the plan's last and names the end.
  const failures = {
    transcriber: all('transcriber.failed').map(seen => seen.transcriber),
    model: all('model.failed').map(seen => seen.model),
    voice: all('voice.failed').map(seen => seen.voice),
  }
  const lengths = {
    transcriber: plan.transcribers.length,
    model: plan.models.length,
    voice: plan.voices.length,
  }
  const exhausted = (['transcriber', 'model', 'voice'] as const).filter(
    kind => failures[kind].length >= lengths[kind],
  )
  for (const kind of ['transcriber', 'model', 'voice'] as const) {
    const names = failures[kind]
    expect(new Set(names).size === names.length, () => `asked again after it failed: ${names.join(', ')}`)
    const switches = all(`${kind}.switched`).length
    const left = exhausted.includes(kind) ? 1 : 0
    expect(switches === names.length - left, () => `${kind}: ${names.length} failed, ${switches} followed`)
  }
  if (isWhole) expect(exhausted.length === 0, () => `it went on without a ${exhausted.join()}`)
  else
    expect(
      exhausted.some(kind => reason.includes(NAMES[failures[kind].at(-1)?.split('/')[0] ?? ''] ?? 'nobody')),
      () => `it ended for ${reason}, but failed were ${JSON.stringify(failures)}`,
    )

  // The customer's words.
  const heard = all('transcript')
    .filter(({ role, transcriptType }) => role === 'user' && transcriptType === 'final')
    .flatMap(({ transcript }) => wordsIn(transcript))
  expect(isPrefix(heard, said), () => `said ${compare(said, heard)}`)
  if (isWhole) expect(heard.length === said.length, () => `lost: ${said.slice(heard.length).join(' ')}`)
  const messages = ended?.artifact.messages ?? []
  const kept = messages.flatMap(message => (message.role === 'user' ? wordsIn(message.message) : []))
  expect(isPrefix(kept, said), () => `kept in the artifact ${compare(said, kept)}`)
  if (isWhole) expect(kept.length === said.length, () => `not in the artifact: ${compare(said, kept)}`)

  // What the model is told.
  for (const conversation of call.asked) {
    const wordsOf = (role: string) =>
      conversation.flatMap(message => (message.role === role ? wordsIn(message.content ?? '') : []))
    expect(isPrefix(wordsOf('user'), said), () => `the model was told ${compare(said, wordsOf('user'))}`)
    const own = wordsOf('assistant')
    expect(new Set(own).size === own.length, () => `the model was told twice: ${repeated(own).join(' ')}`)
  }

  // The assistant's words.
  const stops = all('assistant.speech.stopped')
  const spoken = stops.flatMap(({ spokenText }) => wordsIn(spokenText))
  const written = call.written.map(wordsIn)
  expect(repeated(spoken).length === 0, () => `spoken twice: ${repeated(spoken).join(' ')}`)
  for (const { spokenText, reason: why } of stops) {
    const words = wordsIn(spokenText)
    const source = written.find(text => text[0] === words[0]) ?? []
    expect(
      isPrefix(words, source),
      () => `written “${source.join(' ')}”, spoken “${words.join(' ')}” (${why})`,
    )
    const broken = !isWhole && stops.at(-1)?.spokenText === spokenText
    if (why === 'completed' && !broken)
      expect(
        words.length === source.length,
        () => `written “${source.join(' ')}”, but spoken “${words.join(' ')}”`,
      )
  }
  for (const text of unspoken(call, written, new Set(spoken)))
    expect(!isWhole, () => `never spoken: “${text.join(' ')}”`)

  // And in the sound.
  const sounded = call.sounded.map(({ text }) => text)
  expect(repeated(sounded).length === 0, () => `heard twice: ${repeated(sounded).join(' ')}`)
  const unmarked = new Set(call.unmarked.flatMap(wordsIn))
  const missing = spoken.filter(word => !sounded.includes(word) && !unmarked.has(word))
  expect(missing.length === 0, () => `said to be spoken, but not heard: ${missing.join(' ')}`)
  const surplus = sounded.filter(word => !spoken.includes(word))
  const breaks = stops.filter(({ reason: why }) => why === 'interrupted').length + (isWhole ? 0 : 9)
  expect(surplus.length <= breaks, () => `heard, but not said to be spoken: ${surplus.join(' ')}`)
  return wrong
}

/** Answers of which nothing was spoken, though the customer did not go on before they could be. */
function unspoken({ observations }: CallSeen, written: readonly string[][], spoken: ReadonlySet<string>) {
  return written.filter(text => {
    const [first = ''] = text
    if (first === '' || spoken.has(first)) return false
    const done = observations.findIndex(
      seen => seen.type === 'model.completed' && wordsIn(seen.text)[0] === first,
    )
    return (
      done >= 0 &&
      !observations
        .slice(done)
        .some(({ type }) => type === 'customer.speech.started' || type === 'turn.ended')
    )
  })
}

function isPrefix(words: readonly string[], of: readonly string[]): boolean {
  return words.every((word, place) => word === of[place])
}

function repeated(words: readonly string[]): string[] {
  return words.filter((word, place) => words.indexOf(word) !== place)
}

/** From where on two lists differ. */
function compare(wanted: readonly string[], found: readonly string[]): string {
  const from = Math.max(
    0,
    found.findIndex((word, place) => word !== wanted[place]),
  )
  const part = (words: readonly string[]) => words.slice(Math.max(0, from - 2), from + 6).join(' ')
  return `…${part(wanted)}…, heard …${part(found)}… (word ${from} of ${wanted.length}, ${found.length} heard)`
}
