import { writeFileSync } from 'node:fs'
import { PROSODY_KEYS } from '../../src/audio/end-of-turn/prosody.ts'
import type { AudioPaths } from './audio.ts'
import { prosodyOfScene } from './listen.ts'
import { makeScenes, sentencesOf } from './scenes.ts'
import { type SpokenEnd, trainProsody } from './train-audio.ts'
import { trainingVoices } from './voices.ts'

const SEED = 101
const SENTENCES = 120

/** Speaks the training turns, listens to their ends and writes the weights. Throws where eSpeak NG or Python is missing. */
export async function makeAudioWeights(paths: AudioPaths, target: string): Promise<number> {
  const voices = await trainingVoices(paths.flite, paths.espeak)
  if (voices === null)
    throw new Error('training from sound needs espeak-ng and python3: apt-get install espeak-ng python3')
  const sentences = sentencesOf(paths.data, ['train', 'dev'], SENTENCES)
  const ends: SpokenEnd[] = []
  for (const [index, { name, speak }] of voices.entries()) {
    for (const scene of await makeScenes(name, speak, sentences, SEED + index)) {
      const prosody = prosodyOfScene(scene)
      if (prosody !== null) ends.push({ prosody, complete: scene.complete, voice: name })
    }
  }
  const { bias, weights } = trainProsody(ends)
  const rows = PROSODY_KEYS.map(key => {
    const { weight, mean, spread } = weights[key]
    return `  ${key}: { weight: ${weight}, mean: ${mean}, spread: ${spread} },`
  })
  writeFileSync(
    target,
    `// Written by scripts/train-end-of-turn.mjs audio; see README.md.
import type { Prosody } from './prosody.ts'

/** The logit of a turn's end: \`bias\` plus, for each feature, its weight times (value - mean) / spread. */
export const BIAS = ${bias}
export const WEIGHTS: Readonly<Record<keyof Prosody, { weight: number; mean: number; spread: number }>> = {
${rows.join('\n')}
}
`,
  )
  return ends.length
}
