import type { VoiceMarkup } from '../../assistant/pronunciation.ts'
import type { Voice, VoicePiece, WordTiming } from '../../engine/ports/voice.ts'
import { readMarkup, SSML_TAGS } from '../../format/markup.ts'
import type { FormattedSpan } from '../../format/plan.ts'
import { createPronouncer } from '../../format/pronunciation.ts'

/**
 * The voice with its pronunciation dictionaries applied and markup as it can take it. A voice that reads SSML itself gets
 * the tags that its provider honours. For the others they are taken out: spelled words become letters, and where the provider has breaks (simulated
 * voices stand for such) they become silence of that length; tags without effect are told once. Word times lead back to
 * the text that was asked for.
 */
export function withMarkup(voice: Voice, markup: VoiceMarkup): Voice {
  const pronounce = createPronouncer(markup.rules)
  const told = new Set<string>()
  return {
    name: voice.name,
    capabilities: voice.capabilities,
    close: () => voice.close(),
    async *speak(request, signal) {
      const { text, spans } = markup.rules.length === 0 ? unchanged(request.text) : pronounce(request.text)
      if (!text.includes('<') && text === request.text) {
        yield* voice.speak(request, signal)
        return
      }
      const inRequest = (words: readonly WordTiming[]) => words.map(word => wordInSource(word, spans))
      if (voice.capabilities.markup) {
        const honoured = honouredMarkup(text, markup)
        let warning = tellOnce(honoured.dropped)
        for await (const piece of voice.speak({ ...request, text: honoured.text }, signal)) {
          const words = piece.words?.map(word => wordInSource(word, honoured.spans))
          yield { ...piece, ...(words !== undefined && { words: inRequest(words) }), ...warning }
          warning = {}
        }
        return
      }
      const plain = plainSpeech(text, markup)
      const dressed = (piece: VoicePiece): VoicePiece => {
        if (piece.audio.type !== 'silent') return piece
        const { durationMs, words } = timed(plain, piece.audio.durationMs)
        return { ...piece, audio: { type: 'silent', durationMs }, words: inRequest(words) }
      }
      if (!/[\p{L}\p{N}]/u.test(plain.text)) {
        // A voice that is asked for no words would be a failed one.
        yield {
          audio: { type: 'silent', durationMs: Math.max(1, timed(plain, 0).durationMs) },
          ...tellOnce(plain.dropped),
        }
        return
      }
      let isFirst = true
      for await (const piece of voice.speak({ ...request, text: plain.text }, signal)) {
        // Silence cannot be put between words that are sounded already.
        const lost = piece.audio.type === 'pcm' && plain.breaks.length > 0 ? ['break'] : []
        yield isFirst ? { ...dressed(piece), ...tellOnce([...plain.dropped, ...lost]) } : piece
        isFirst = false
      }
    },
  }

  function tellOnce(dropped: readonly string[]): { warning?: string } {
    const fresh = [...new Set(dropped)].filter(name => !told.has(name))
    for (const name of fresh) told.add(name)
    if (fresh.length === 0) return {}
    const names = fresh.map(name => (name === '' ? '<<…>>' : `<${name}>`)).join(', ')
    return { warning: `the voice ${voice.name} does not honour ${names}; the tags were taken out` }
  }
}

/** The text with the markup that is honoured; of other tags that which they enclose. `spans` lead back to the text with all. */
function honouredMarkup(text: string, { breaks, spell, phonemes }: VoiceMarkup) {
  const dropped: string[] = []
  if (breaks && spell && phonemes) return { ...unchanged(text), dropped }
  const spans: FormattedSpan[] = []
  let kept = ''
  for (const piece of readMarkup(text)) {
    const { from, to } = piece
    let spoken = text.slice(from, to)
    if (piece.type === 'sub') spoken = piece.alias
    const isLost =
      (piece.type === 'break' && !breaks) ||
      (piece.type === 'spell' && !spell) ||
      (piece.type === 'phoneme' && !phonemes)
    if (isLost) {
      dropped.push(piece.type)
      spoken = piece.type === 'break' ? '' : piece.text
    }
    spans.push({ from: kept.length, to: kept.length + spoken.length, sourceFrom: from, sourceTo: to })
    kept += spoken
  }
  return { text: kept, spans, dropped }
}

/** Text without markup, and what the markup said of it. */
interface PlainSpeech {
  text: string
  words: { at: number; end: number; from: number; to: number }[]
  /** Silences before the character `at`. */
  breaks: { at: number; durationMs: number }[]
  /** Names of tags without effect. */
  dropped: string[]
}

function plainSpeech(text: string, { breaks, spell, phonemes }: VoiceMarkup): PlainSpeech {
  const plain: PlainSpeech = { text: '', words: [], breaks: [], dropped: [] }
  for (const piece of readMarkup(text)) {
    const { from, to } = piece
    const at = plain.text.length
    const say = (spoken: string) => {
      plain.text += spoken
      if (spoken.trim() !== '') plain.words.push({ at, end: plain.text.length, from, to })
    }
    switch (piece.type) {
      case 'text':
        for (const word of piece.text.matchAll(/\S+/g)) {
          const start = word.index
          const end = start + word[0].length
          plain.words.push({ at: at + start, end: at + end, from: from + start, to: from + end })
        }
        plain.text += piece.text
        break
      case 'break':
        if (breaks) plain.breaks.push({ at, durationMs: piece.durationMs })
        else plain.dropped.push('break')
        break
      case 'spell':
        if (!spell) plain.dropped.push('spell')
        say(spell ? [...piece.text].filter(letter => letter.trim()).join(' ') : piece.text)
        break
      case 'phoneme':
        if (!phonemes) plain.dropped.push('phoneme')
        say(piece.text)
        break
      case 'sub':
        say(piece.alias)
        break
      case 'tag':
        // What is no markup of voices (`<flush/>` without chunking) is spoken as it stands.
        if (piece.name === '' || SSML_TAGS.has(piece.name)) plain.dropped.push(piece.name)
        else say(text.slice(from, to))
    }
  }
  return plain
}

/** The length of plain speech with its breaks, and its words in proportion to their letters. */
function timed({ text, words, breaks }: PlainSpeech, spokenMs: number) {
  const breaksBefore = (place: number, inclusive: boolean) =>
    breaks
      .filter(({ at }) => (inclusive ? at <= place : at < place))
      .reduce((sum, { durationMs }) => sum + durationMs, 0)
  const timeAt = (place: number) => (text === '' ? 0 : (spokenMs * place) / text.length)
  return {
    durationMs: spokenMs + breaks.reduce((sum, { durationMs }) => sum + durationMs, 0),
    words: words.map(({ at, end, from, to }) => ({
      from,
      to,
      startMs: timeAt(at) + breaksBefore(at, true),
      endMs: timeAt(end) + breaksBefore(end, false),
    })),
  }
}

function wordInSource({ from, to, ...times }: WordTiming, spans: readonly FormattedSpan[]): WordTiming {
  return { from: inSource(from, spans, 'start'), to: inSource(to, spans, 'end'), ...times }
}

/** Where a character of the spoken text stands in the text that was asked for. Of a replacement that is said in part, nothing is. */
function inSource(position: number, spans: readonly FormattedSpan[], edge: 'start' | 'end'): number {
  const span = spans.findLast(({ from }) => (edge === 'start' ? from <= position : from < position))
  if (span === undefined) return 0
  const { from, to, sourceFrom, sourceTo } = span
  if (to - from === sourceTo - sourceFrom) return sourceFrom + Math.min(position, to) - from
  return position >= to ? sourceTo : sourceFrom
}

function unchanged(text: string): { text: string; spans: FormattedSpan[] } {
  return { text, spans: [{ from: 0, to: text.length, sourceFrom: 0, sourceTo: text.length }] }
}
