import type { Device } from './list.ts'

/** What the user asked for: `auto` looks for headphones and an echo canceller. */
export const echoChoices = ['auto', 'half-duplex', 'none'] as const
export type EchoChoice = (typeof echoChoices)[number]

/** How a call keeps the assistant from hearing itself. */
export interface EchoDecision {
  /** `half-duplex`: the microphone counts as silence while the assistant is heard. `open`: it always counts. */
  mode: 'half-duplex' | 'open'
  /** Why, as the end of a sentence. */
  why: string
  /** How long after the assistant's last sound the microphone rests, in milliseconds. */
  tailMs: number
}

/** The room, and what a speaker still holds that it has confirmed, in milliseconds. */
const TAIL_MS = 80
/** The same of a speaker that is reached by Bluetooth: it plays later than it says. */
const WIRELESS_TAIL_MS = 300

export interface EchoFacts {
  choice: EchoChoice
  /** The user says that headphones are worn. */
  headphones: boolean
  /** The devices as the system lists them, and parts of names that the user chose by; null: the default ones. */
  microphones: readonly Device[]
  speakers: readonly Device[]
  microphone: string | null
  speaker: string | null
}

/** Names of what is worn on the ear, as systems and makers write them. */
const WORN_NAME =
  /head-?(?:phone|set)|ear-?(?:phone|piece)s?\b|ear-?buds?\b|air ?pods|\bbuds\d*\b|hands-?free|kopfhörer|auriculares|écouteurs|casque|cuffie|\b(?:wf|wh)-[a-z\d]|quietcomfort|jabra evolve|plantronics/i
const LOUD_NAME =
  /speaker|lautsprecher|haut-parleur|altavo[zc]|monitor|\bhdmi\b|displayport|\btv\b|soundbar|boom/i

/**
 * Decides whether the microphone may count while the assistant is heard. Without a sign of headphones or of an echo
 * canceller it may not: on speakers the assistant would interrupt and answer itself.
 */
export function decideEcho(facts: EchoFacts): EchoDecision {
  const speaker = inUse(facts.speakers, facts.speaker)
  return { ...judge(facts, speaker), tailMs: speaker?.wireless ? WIRELESS_TAIL_MS : TAIL_MS }
}

function judge(facts: EchoFacts, speaker: Device | null): Omit<EchoDecision, 'tailMs'> {
  const { choice, headphones } = facts
  if (choice === 'half-duplex') return { mode: 'half-duplex', why: '--echo half-duplex' }
  if (choice === 'none') return { mode: 'open', why: '--echo none' }
  if (headphones) return { mode: 'open', why: '--headphones' }
  const microphone = inUse(facts.microphones, facts.microphone)
  const heardOn = speaker?.name ?? facts.speaker
  if (speaker?.form === 'worn') return { mode: 'open', why: `${speaker.name} is worn on the ear` }
  if (heardOn !== null && WORN_NAME.test(heardOn))
    return { mode: 'open', why: `${heardOn} is worn on the ear` }
  if (microphone?.cancelsEcho) {
    // A canceller knows only what is played through its own sink; some listen to the speaker by themselves and have none.
    const own = facts.speakers.filter(({ cancelsEcho }) => cancelsEcho)
    if (own.length === 0 || speaker?.cancelsEcho)
      return { mode: 'open', why: `${microphone.name} cancels the echo` }
    return {
      mode: 'half-duplex',
      why: `${microphone.name} cancels the echo only of what is played on ${own[0]?.name}`,
    }
  }
  if (speaker?.wireless && speaker.form !== 'loudspeaker' && !LOUD_NAME.test(speaker.name))
    return { mode: 'open', why: `${speaker.name} is a Bluetooth device, taken for headphones` }
  const where = heardOn === null ? 'the default speaker' : heardOn
  return {
    mode: 'half-duplex',
    why: `no headphones and no echo canceller were found (the assistant is heard on ${where})`,
  }
}

/** The device that a part of its name means, or the default one, or the only one. */
function inUse(devices: readonly Device[], wanted: string | null): Device | null {
  if (wanted === null)
    return devices.find(one => one.default) ?? (devices.length === 1 ? (devices[0] ?? null) : null)
  const text = wanted.toLowerCase()
  const whole = devices.filter(({ name, id }) => name.toLowerCase() === text || id.toLowerCase() === text)
  const matches = whole.length > 0 ? whole : devices.filter(({ name }) => name.toLowerCase().includes(text))
  return matches.length === 1 ? (matches[0] ?? null) : null
}

/** The decision as a line for the user, with what it means. `keys`: a key interrupts. */
export function echoLine({ mode, why }: EchoDecision, keys: boolean): string {
  if (mode === 'open') return `echo: the microphone stays open while the assistant speaks (${why})`
  const how = keys ? 'space interrupts' : 'it cannot be interrupted by voice'
  return `echo: half-duplex, the microphone rests while the assistant speaks and ${how} (${why}; --headphones, --echo none)`
}
