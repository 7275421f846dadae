import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { usageError, VapiError } from '../../errors.ts'
import { knownModels } from '../local-models/known.ts'
import { findKept, keptModels } from '../local-models/store.ts'

/** A voice's model on this machine, as sherpa-onnx is to be given it. */
export interface SherpaVoiceModel {
  /** `model` of the configuration of `OfflineTts`. */
  model: object
  /** Which of its speakers, from 0. */
  speaker: number
}

/**
 * Finds the voice `NAME`, `NAME/SPEAKER` (a speaker's name or number) or `FOLDER`: a pulled model, or an unpacked one; the
 * first pulled one where none is named (`default`).
 * @throws VapiError `voice-model-not-found`, `voice-model-incomplete`; a usage error where no voice or speaker is of that name.
 */
export function findVoiceModel(env: NodeJS.ProcessEnv, voiceId: string): SherpaVoiceModel {
  const first = keptModels(env).find(({ known }) => known?.kind === 'voice')
  const chosen = voiceId === '' || voiceId === 'default' ? (first?.name ?? '') : voiceId
  const [name = '', speakerName, ...more] = chosen.split('/')
  const kept = more.length === 0 ? findKept(env, name) : null
  if (kept !== null) {
    if (kept.known?.kind === 'transcriber')
      throw usageError(`${name} is a model that recognises speech`, hintOf(env))
    return { model: modelOf(kept.folder), speaker: speakerOf(speakerName, kept.known?.speakers, name) }
  }
  const known = knownModels(env).find(model => model.name === name && model.kind === 'voice')
  const folder = resolve(chosen)
  if (chosen !== '' && existsSync(folder)) return { model: modelOf(folder), speaker: 0 }
  throw new VapiError({
    code: 'voice-model-not-found',
    message:
      chosen === ''
        ? 'no voice of sherpa-onnx is on this machine'
        : `the voice ${known ? name : chosen} of sherpa-onnx is not on this machine`,
    endedReason: 'call.in-progress.error-vapifault-vapi-voice-failed',
    hint: known ? `vapi voice models pull ${name}` : hintOf(env),
  })
}

function hintOf(env: NodeJS.ProcessEnv): string {
  const here = keptModels(env).filter(({ known }) => known?.kind === 'voice')
  return here.length > 0
    ? `voices here: ${here.map(({ name }) => `sherpa-onnx/${name}`).join(', ')}`
    : 'vapi voice models list shows voices that can be had'
}

function speakerOf(text: string | undefined, speakers: readonly string[] | undefined, name: string): number {
  if (text === undefined) return 0
  const named = speakers?.indexOf(text) ?? -1
  if (named >= 0) return named
  if (/^\d{1,4}$/.test(text) && (speakers === undefined || Number(text) < speakers.length))
    return Number(text)
  const there = speakers === undefined ? 'a number, from 0' : speakers.join(', ')
  throw usageError(`the voice ${name} has no speaker ${text}`, `there are ${there}`)
}

/** What a folder holds: Kokoro has a file of voices, VITS has a lexicon, or the data of espeak-ng. */
function modelOf(folder: string): object {
  const at = (file: string) => (existsSync(join(folder, file)) ? join(folder, file) : undefined)
  const parts = { model: at('model.onnx'), tokens: at('tokens.txt') }
  const [dataDir, lexicon, voices] = [at('espeak-ng-data'), at('lexicon.txt'), at('voices.bin')]
  const missing = [
    ...(parts.model ? [] : ['model.onnx']),
    ...(parts.tokens ? [] : ['tokens.txt']),
    ...(dataDir || lexicon ? [] : ['lexicon.txt or espeak-ng-data']),
  ]
  if (missing.length > 0)
    throw new VapiError({
      code: 'voice-model-incomplete',
      message: `the voice in ${folder} lacks ${missing.join(', ')}`,
      endedReason: 'call.in-progress.error-vapifault-vapi-voice-failed',
      hint: 'vapi voice models pull NAME brings a voice, and mends one that was pulled',
    })
  const words = { ...(dataDir && { dataDir }), ...(lexicon && { lexicon }) }
  return voices ? { kokoro: { ...parts, voices, ...words } } : { vits: { ...parts, ...words } }
}
