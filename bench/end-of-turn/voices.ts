import { createEspeak, createFestival, createFlite, type Speak } from './speech.ts'

export interface NamedVoice {
  name: string
  speak: Speak
}

/** What the judge of sound learns from: two voices of Flite, three of eSpeak NG. Null where eSpeak NG is not installed. */
export async function trainingVoices(flitePath: string, espeakScript: string): Promise<NamedVoice[] | null> {
  const flite = await createFlite(flitePath)
  const espeak = createEspeak(espeakScript)
  if (espeak === null) return null
  return [
    { name: 'flite slt', speak: flite('slt') },
    { name: 'flite kal16', speak: flite('kal16') },
    ...['en-us', 'en-gb+f2', 'en-gb-scotland+m3'].map(voice => ({
      name: `espeak ${voice}`,
      speak: espeak(voice),
    })),
  ]
}

/**
 * Voices that it never heard: two of Flite, learned from recordings of two other men; where they are installed, two accents of
 * eSpeak NG and Festival (a synthesiser of its own, with the speaker of Flite's kal16).
 */
export async function heldOutVoices(
  flitePath: string,
  espeakScript: string,
  all: boolean,
): Promise<NamedVoice[]> {
  const flite = await createFlite(flitePath)
  const voices = ['rms', 'awb'].map(voice => ({ name: `flite ${voice}`, speak: flite(voice) }))
  if (!all) return voices
  const espeak = createEspeak(espeakScript)
  const festival = createFestival()
  if (espeak !== null) {
    for (const voice of ['en-gb-x-gbclan', 'en-us+f4'])
      voices.push({ name: `espeak ${voice}`, speak: espeak(voice) })
  }
  if (festival !== null) voices.push({ name: 'festival kal', speak: festival })
  return voices
}
