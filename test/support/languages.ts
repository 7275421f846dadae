import { runSimulation, type SimulatedCall } from './simulation.ts'

/** A transcriber that detects languages. */
export const deepgram = '{ provider: deepgram, model: nova-2, language: multi }'

const words = {
  en: 'Hello.',
  es: 'Buenas tardes.',
  fr: 'Bonjour.',
  de: 'Guten Tag.',
  ja: 'Konnichiwa.',
}
export type Code = keyof typeof words

/** A caller who says something in each of these languages, after the answer to what came before. */
export function inTurn(...codes: Code[]): string {
  const steps = codes.map((code, place) => {
    const when = place === 0 ? 'at: 0' : 'after: assistant, plus: 1'
    return `{ ${when}, say: "${words[code]}", lasts: 1, language: ${code} }`
  })
  const replies = codes.map(code => `{ reply: "Answer ${code}." }`)
  return `
caller: [${steps.join(', ')}]
model: [${replies.join(', ')}]`
}

/** A call with a transcriber; `more` are further fields of its assistant. */
export function follow(transcriber: string, rest: string, more = ''): Promise<SimulatedCall> {
  return runSimulation(`
assistant: { transcriber: ${transcriber}${more} }${rest}`)
}

/** The languages that were told, in their order. */
export function languagesOf(call: SimulatedCall): string[] {
  return call.all('language.changed').map(({ language }) => language)
}

/** Which voice said what. */
export function voicesOf(call: SimulatedCall): string[] {
  return call.all('voice.requested').map(({ text, voice }) => `${voice.split('/')[1]}: ${text}`)
}

/** Voices that name their languages (seed: Multilingual support), as YAML. */
export const pageVoices = JSON.stringify({
  provider: 'azure',
  voiceId: 'en-US-AriaNeural',
  fallbackPlan: {
    voices: [
      { provider: 'azure', voiceId: 'es-ES-ElviraNeural' },
      { provider: 'azure', voiceId: 'fr-FR-DeniseNeural' },
      { provider: 'azure', voiceId: 'de-DE-KatjaNeural' },
    ],
  },
})
