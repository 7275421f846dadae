/**
 * Deepgram's models of the nova family, and older ones (developers.deepgram.com: Live Streaming Audio, Interim Results, Endpointing,
 * Finalize, Close Stream, Keywords, Keyterm Prompting, Multilingual Codeswitching).
 */
import { isObject } from '../../is-object.ts'
import { deepgramAddress, deepgramCloseStatus, each, type Query } from './deepgram-request.ts'
import type { Heard, ProtocolSession, StreamingProtocol } from './protocol.ts'
import type { TranscriberOptions } from './types.ts'
import { bytesOfSamples, textsIn } from './wire.ts'

export function deepgramNova(options: TranscriberOptions): StreamingProtocol {
  const { settings, language } = options
  const model = options.model ?? 'nova-3'
  const query: Query = [
    ['model', model],
    ['language', language],
    ['channels', '1'],
    ['interim_results', 'true'],
    // The end of a turn is judged by its punctuation.
    ['punctuate', 'true'],
    ['smart_format', String(settings.smartFormat === true)],
    ['endpointing', String(settings.endpointing ?? 10)],
    ...each('redact', textsIn(settings.redaction)),
    ...vocabulary(model, textsIn(settings.keywords), textsIn(settings.keyterm)),
  ]
  return {
    address: () => deepgramAddress(options, '/v1/listen', query),
    session: () => createNovaSession(),
    closeStatus: deepgramCloseStatus,
    answersSpeechWithinMs: ANSWER_MS,
  }
}

/** Nova-3 takes key terms in place of keywords, without a boost; those that are to be suppressed are not named to it. */
function vocabulary(model: string, keywords: readonly string[], keyterms: readonly string[]): Query {
  if (!model.startsWith('nova-3')) return each('keywords', keywords)
  const wanted = keywords.filter(word => !/:-/.test(word)).map(word => word.replace(/:[+\d]+$/, ''))
  return each('keyterm', [...new Set([...keyterms, ...wanted])])
}

/**
 * Its results follow each other without gaps, those without words too, and `Finalize` asks for those of the speech (Interim
 * Results, Finalize): after so long in milliseconds it does not listen any more, though it is still there.
 */
const ANSWER_MS = 4000

/** Pieces are final as soon as Deepgram says so, also in the middle of an utterance: the engine joins them. */
function createNovaSession(): ProtocolSession {
  return {
    sound: bytesOfSamples,
    read: readNova,
    speechStopped: () => JSON.stringify({ type: 'Finalize' }),
    finish: JSON.stringify({ type: 'CloseStream' }),
  }
}

function readNova(message: Readonly<Record<string, unknown>>): Heard[] {
  if (message.type === 'Metadata') return [{ type: 'ended' }]
  if (message.type === 'Error') {
    const said = [message.message, message.description].find(text => typeof text === 'string')
    return [{ type: 'error', status: null, message: String(said ?? 'an error') }]
  }
  if (message.type !== 'Results' || !isObject(message.channel)) return []
  const isFinal = message.is_final === true
  const streamMs = (Number(message.start ?? 0) + Number(message.duration ?? 0)) * 1000
  const [best]: unknown[] = Array.isArray(message.channel.alternatives) ? message.channel.alternatives : []
  const text = isObject(best) && typeof best.transcript === 'string' ? best.transcript : ''
  if (text === '' || !isObject(best)) return isFinal ? [{ type: 'covered', streamMs }] : []
  const language = mostSpoken(best)
  return [
    {
      type: 'transcript',
      transcriptType: isFinal ? 'final' : 'partial',
      text,
      streamMs,
      ...(typeof best.confidence === 'number' && { confidence: best.confidence }),
      ...(language !== null && { language }),
    },
  ]
}

/** Of most words, where it detects languages; else the first that it names. */
function mostSpoken({ words, languages }: Readonly<Record<string, unknown>>): string | null {
  const counts = new Map<string, number>()
  for (const word of Array.isArray(words) ? words : [])
    if (isObject(word) && typeof word.language === 'string')
      counts.set(word.language, (counts.get(word.language) ?? 0) + 1)
  const [most] = [...counts].sort(([, one], [, other]) => other - one)
  return most?.[0] ?? textsIn(languages)[0] ?? null
}
