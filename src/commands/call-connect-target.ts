import { findId, findOne } from '../api/lookup.ts'
import type { Api, JsonObject } from '../api/types.ts'
import type { AudioFormat } from '../api/websocket-call.ts'
import { defaultRate } from '../api/websocket-call.ts'
import { isFile } from '../assistant/target.ts'
import { HIGHEST_RATE, LOWEST_RATE } from '../audio/resample.ts'
import type { Context } from '../cli/context.ts'
import { asVapiError, usageError, VapiError } from '../errors.ts'
import { readSpeaker } from './call-request.ts'

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/**
 * Whom a person names as the speaker of a hosted call: a file (an assistant, a squad, the body of a call; `-` is standard
 * input), else a stored assistant or squad by its id or name. Gives that part of the call's body. Throws VapiError.
 */
export async function readCallTarget(target: string, context: Context, api: Api): Promise<JsonObject> {
  if (await isFile(target, context.workingDirectory))
    return readSpeaker({ assistant: undefined, squad: undefined, file: target }, context, api)
  // An id alone does not tell of what it is.
  const idOf = async (words: string) =>
    UUID.test(target) ? String((await findOne(api, words, target)).id) : findId(api, words, target)
  try {
    return { assistantId: await idOf('assistant') }
  } catch (error) {
    if (asVapiError(error).code !== 'not-found') throw error
  }
  try {
    return { squadId: await idOf('squad') }
  } catch (error) {
    const { code, exit } = asVapiError(error)
    if (code !== 'not-found') throw error
    throw new VapiError({
      code,
      message: `there is no file, no assistant and no squad ${target}`,
      exit,
      hint: 'vapi assistant list, vapi squad list',
      cause: error,
    })
  }
}

/** `--audio-format FORMAT[/HERTZ]`; null where it is left out. Throws a usage error. */
export function readAudioFormat(text: string | undefined): AudioFormat | null {
  if (text === undefined) return null
  const [, name = '', rate] = /^(pcm|pcm_s16le|mulaw)(?:\/(\d+))?$/.exec(text) ?? []
  if (name === '')
    throw usageError(
      `--audio-format ${text} is not pcm or mulaw`,
      'for example pcm/16000, pcm/24000, mulaw/8000',
    )
  const format = name === 'mulaw' ? 'mulaw' : 'pcm_s16le'
  const sampleRate = rate === undefined ? defaultRate(format) : Number(rate)
  if (sampleRate < LOWEST_RATE || sampleRate > HIGHEST_RATE)
    throw usageError(`--audio-format ${text}: rates are from ${LOWEST_RATE} to ${HIGHEST_RATE} Hz`)
  return { format, sampleRate }
}
