import { detectedLanguage, placeOfLanguage } from '../../language.ts'
import type { Surroundings } from '../../owner.ts'
import type { SpeakingState, Utterance } from '../../state.ts'
import { voiceOf } from './edit.ts'

export interface VoiceChoice {
  /** Place of the voice in the plan. */
  place: number
  /** The customer's language, where it is known; the voice was chosen for it as far as there is one. */
  language: string | null
}

/**
 * Which voice says the next words of an utterance. One that has begun keeps its voice; a new one gets the voice of the
 * customer's language (seed: Multilingual support), whose failed voices are passed over.
 */
export function chooseVoice(
  { voice, member, sound }: Utterance,
  slice: SpeakingState,
  surroundings: Surroundings,
): VoiceChoice {
  const plan = surroundings.call.members[member] ?? surroundings.plan
  const language = detectedLanguage(plan, surroundings.others)
  if (sound) return { place: voice ?? voiceOf(slice, member), language: null }
  if (voice !== null && !failedOf(slice, member).includes(voice)) return { place: voice, language }
  return { place: nextVoice(slice, member, surroundings) ?? voiceOf(slice, member), language }
}

/**
 * Place of the voice that is to speak now: the first that names the customer's language where the assistant's own voice
 * names another one, else the first of all, in the order of the plan and without those that have failed. Null where none
 * is left.
 */
export function nextVoice(
  slice: SpeakingState,
  member: number,
  { call, plan, others }: Surroundings,
): number | null {
  const own = call.members[member] ?? plan
  const failed = failedOf(slice, member)
  const languages = own.voice.voices.map(({ language }, place) => (failed.includes(place) ? null : language))
  const language = detectedLanguage(own, others)
  // A voice that names no language speaks all of them.
  const isTiedToOne = own.voice.voices[0]?.language != null
  const fitting = language === null || !isTiedToOne ? -1 : placeOfLanguage(languages, language)
  if (fitting !== -1) return fitting
  const first = own.voice.voices.findIndex((_, place) => !failed.includes(place))
  return first === -1 ? null : first
}

/** Name of a voice of an assistant's plan. */
export function voiceAt(place: number, member: number, { call }: Surroundings): string {
  return call.members[member]?.voice.voices[place]?.name ?? 'none'
}

/** The places of failed voices, with one more. */
export function withFailed(
  slice: SpeakingState,
  member: number,
  place: number,
  { call }: Surroundings,
): number[][] {
  return call.members.map((_, other) => {
    const failed = failedOf(slice, other)
    return other === member ? [...failed, place] : failed
  })
}

function failedOf({ failedVoices }: SpeakingState, member: number): number[] {
  return failedVoices[member] ?? []
}
