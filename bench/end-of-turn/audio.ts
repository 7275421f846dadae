import { WEIGHTS } from '../../src/audio/end-of-turn/weights.ts'
import { type Cost, costOf, pausesLongerThan } from './cost.ts'
import { type Heard, listenTo, NOTICED_MS, prosodyOfScene } from './listen.ts'
import { makeScenes, type Scene, sentencesOf } from './scenes.ts'
import { areaAmong, areaUnderCurve } from './score.ts'
import { heldOutVoices } from './voices.ts'

const SEED = 106

export interface AudioPaths {
  data: string
  flite: string
  espeak: string
}

/** Scenes of sentences and voices that were not trained on. */
export async function heldOutScenes(paths: AudioPaths, sentences: number, all: boolean): Promise<Scene[]> {
  const texts = sentencesOf(paths.data, ['held-out'], sentences)
  const scenes: Scene[] = []
  for (const [index, { name, speak }] of (await heldOutVoices(paths.flite, paths.espeak, all)).entries())
    scenes.push(...(await makeScenes(name, speak, texts, SEED + index)))
  return scenes
}

/** The judge's cost where its cut-ins are as frequent as asked for: the threshold is what is moved. */
export function judgeAtCutIns(heard: readonly Heard[], cutIns: number): Cost & { threshold: number } {
  let [low, high] = [0, 1]
  const costAt = (threshold: number) =>
    costOf(heard.map(one => ({ waitMs: one.waitMs(threshold), complete: one.complete })))
  for (let round = 0; round < 30; round++) {
    const middle = (low + high) / 2
    if (costAt(middle).cutIns > cutIns) low = middle
    else high = middle
  }
  return { ...costAt(high), threshold: high }
}

/** The wait after which so many pauses inside a turn are cut into, by the length of the silence alone. */
export function silenceAtCutIns(cutIns: number): number {
  let [low, high] = [NOTICED_MS, 20_000]
  for (let round = 0; round < 60; round++) {
    const middle = (low + high) / 2
    if (pausesLongerThan(middle) > cutIns) low = middle
    else high = middle
  }
  return high
}

/** Prints everything about the judge of sound. */
export async function printAudio(paths: AudioPaths): Promise<void> {
  const scenes = await heldOutScenes(paths, 60, true)
  const started = performance.now()
  const heard = scenes.map(listenTo)
  const seconds = scenes.reduce((sum, { samples }) => sum + samples.length, 0) / 16_000
  const share = (performance.now() - started) / 10 / seconds
  console.log(
    'synthetic speech only: it says that the judge hears pitch, level and rhythm, little of how people speak',
  )
  const alike = (left: Heard, right: Heard) =>
    left.voice === right.voice && Math.abs(Math.log(left.speechMs / right.speechMs)) < 0.25
  for (const voice of new Set(heard.map(one => one.voice))) {
    const those = heard.filter(one => one.voice === voice)
    const ends = scenes.filter(one => one.voice === voice)
    console.log(
      `${voice.padEnd(24)} ${String(those.length).padStart(4)} endings  AUC ${areaUnderCurve(those).toFixed(3)}, ` +
        `between equally long ones ${areaAmong(those, alike).toFixed(3)}; pitch alone ${areaUnderCurve(ends.flatMap(pitchOf)).toFixed(3)}; the bare edge ${areaUnderCurve(ends.map(edgeOf)).toFixed(3)}`,
    )
  }
  console.log(
    `all: AUC ${areaUnderCurve(heard).toFixed(3)}, between equally long ones of a voice ${areaAmong(heard, alike).toFixed(3)}; silence of equal length says nothing: 0.500`,
  )
  console.log('\nmean added wait at equal cut-ins (pauses inside a turn as above)')
  for (const cutIns of [0.05, 0.1, 0.2, 0.3]) {
    const judge = judgeAtCutIns(heard, cutIns)
    console.log(
      `  ${(cutIns * 100).toFixed(0).padStart(2)} % cut in: silence alone ${(silenceAtCutIns(cutIns) / 1000).toFixed(2)} s,` +
        ` judge ${(judge.waitMs / 1000).toFixed(2)} s (threshold ${judge.threshold.toFixed(2)})`,
    )
  }
  console.log(`\n${share.toFixed(1)} % of a core while listening`)
}

/** What the judge's pitch features say without level, length and voice: no cut of ours shows in them. */
function pitchOf(scene: Scene): { finished: number; complete: boolean }[] {
  const prosody = prosodyOfScene(scene)
  if (prosody === null) return []
  const keys = ['endPitch', 'overFloor', 'fall', 'rise'] as const
  const finished = keys.reduce((sum, key) => {
    const { weight, mean, spread } = WEIGHTS[key]
    return sum + (weight * (prosody[key] - mean)) / spread
  }, 0)
  return [{ finished, complete: scene.complete }]
}

/** The level of the last 50 ms against the 200 ms before them: what an abrupt edge would show. */
function edgeOf({ samples, speechEndMs, complete }: Scene): { finished: number; complete: boolean } {
  const end = Math.round(speechEndMs * 16)
  const power = (from: number, to: number) => {
    let sum = 0
    for (let index = from; index < to; index++) sum += (samples[index] ?? 0) ** 2
    return sum / (to - from)
  }
  return { finished: -power(end - 800, end) / (power(end - 4000, end - 800) + 1), complete }
}
