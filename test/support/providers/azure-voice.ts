/**
 * Azure's speech endpoint as its documentation has it (learn.microsoft.com: Text to speech REST API; SSML overview): markup
 * in, bare samples out. Errors have no body.
 */
import { bytesOf, pieces, type SpeechProtocol, toneFor } from './speech-server.ts'

export const AZURE_KEY = '0123456789abcdef0123456789abcdef'

const RATE = 24_000

export function azureVoiceProtocol(): SpeechProtocol {
  const error = (status: number) => ({ error: { code: status, message: `status ${status}` } })
  return {
    contentType: 'audio/basic',
    error,
    check({ method, path, headers, text }) {
      if (method !== 'POST' || path !== '/cognitiveservices/v1') return { status: 404, body: error(404) }
      if (headers['ocp-apim-subscription-key'] !== AZURE_KEY) return { status: 401, body: error(401) }
      if (headers['content-type'] !== 'application/ssml+xml') return { status: 415, body: error(415) }
      const isKnown = headers['x-microsoft-outputformat'] === 'raw-24khz-16bit-mono-pcm'
      const isRight = isKnown && Boolean(headers['user-agent']) && isSsml(text)
      return isRight ? null : { status: 400, body: error(400) }
    },
    speak({ text }, silent) {
      return pieces(bytesOf(toneFor(silent ? '' : spokenOf(text), RATE)), RATE / 5)
    },
  }
}

/** The text between the tags, without entities. */
export function spokenOf(ssml: string): string {
  return ssml
    .replace(/<[^>]*>/g, '')
    .replace(/&(amp|lt|gt|quot|apos);/g, (_, name: string) => ENTITIES[name] ?? '')
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

/** Well formed: every tag is closed in its order, no bare sign stands in a text. */
export function isSsml(document: string): boolean {
  const open: string[] = []
  let at = 0
  for (const { index, 0: tag, 1: close, 2: name = '' } of document.matchAll(
    /<(\/?)([\w:-]+)(?: [\w:-]+="[^"<]*")*>/g,
  )) {
    if (/[<>]|&(?!(amp|lt|gt|quot|apos);)/.test(document.slice(at, index))) return false
    at = index + tag.length
    if (close === '') open.push(name)
    else if (open.pop() !== name) return false
  }
  return open.length === 0 && at === document.length && document.startsWith('<speak version="1.0" ')
}
