/** A session of Gemini at the local server, as an assistant of a call has it. */
import type { HttpClient } from '../../../src/net/http.ts'
import { findModelProvider } from '../../../src/providers/models/table.ts'
import { resolveModelAccess } from '../../../src/providers/models/vendor.ts'
import { createGeminiSession } from '../../../src/providers/realtime/gemini-session.ts'
import { type RealtimeTalk, type TalkLimits, talkWith } from './realtime-talk.ts'
import { KEY } from './transcription-server.ts'

export function talkGemini(
  url: string,
  http: HttpClient,
  { key = KEY, firstTokenMs, idleMs }: TalkLimits & { key?: string } = {},
): RealtimeTalk {
  const vendor = findModelProvider('google')?.vendor
  if (vendor === undefined) throw new Error('there is no Google')
  const warnings: string[] = []
  const model = 'gemini-2.0-flash-realtime-exp'
  const access = resolveModelAccess(vendor, { GEMINI_BASE_URL: url, GEMINI_API_KEY: key })
  const session = createGeminiSession({
    context: { vendor: { ...vendor, ...(firstTokenMs !== undefined && { firstTokenMs }) }, model, ...access },
    http,
    settings: {
      model,
      instructions: 'Be kind.',
      tools: [],
      voice: { voiceId: 'Puck' },
      transcription: { model: 'none' },
      temperature: null,
      generation: {},
    },
    prompts: ['Be kind.'],
    warn: message => void warnings.push(message),
  })
  return talkWith(session, warnings, idleMs)
}
