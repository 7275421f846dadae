import { VapiError } from '../../../errors.ts'

/** Text to token numbers. */
export interface Tokenizer {
  encode(text: string): number[]
  /** The number of a special token, or undefined. */
  special(token: string): number | undefined
}

interface Split {
  pattern: RegExp
  /** The matches are the pieces, or what is between them; each digit by itself. */
  behaviour: 'pieces' | 'isolated'
}

/**
 * Reads a `tokenizer.json` of the Hugging Face format as far as byte-level BPE goes (GPT-2, Qwen, SmolLM, Llama 3):
 * `model.type` BPE, pre-tokenizer ByteLevel alone or after Split and Digits, added tokens.
 * Throws VapiError `tokenizer-not-supported` on anything else, naming it.
 */
export function readTokenizer(json: unknown): Tokenizer {
  const root = objectOf(json)
  const model = objectOf(root.model)
  if (model.type !== 'BPE') throw notSupported(`its model is ${String(model.type)}, not BPE`)
  const normalize = normalizerOf(root.normalizer)
  const splits = splitsOf(root.pre_tokenizer)
  const vocabulary = new Map<string, number>(Object.entries(objectOf(model.vocab)) as [string, number][])
  const ranks = new Map<string, number>()
  for (const [rank, merge] of arrayOf(model.merges).entries()) {
    ranks.set(Array.isArray(merge) ? merge.join(' ') : String(merge), rank)
  }
  const added = new Map<string, number>()
  for (const token of arrayOf(root.added_tokens)) {
    const { content, id } = objectOf(token)
    if (typeof content === 'string' && typeof id === 'number' && content !== '') added.set(content, id)
  }
  const bytes = byteLetters()
  const known = new Map<string, number[]>()

  function encodePlain(text: string): number[] {
    return splits
      .reduce((pieces, split) => pieces.flatMap(piece => cut(piece, split)), [normalize(text)])
      .flatMap(encodePiece)
  }

  function encodePiece(piece: string): number[] {
    const found = known.get(piece)
    if (found !== undefined) return found
    let parts = [...Buffer.from(piece, 'utf8')].map(byte => bytes[byte] ?? '')
    for (;;) {
      let [best, place] = [Number.POSITIVE_INFINITY, -1]
      for (let index = 0; index + 1 < parts.length; index++) {
        const rank = ranks.get(`${parts[index]} ${parts[index + 1]}`)
        if (rank !== undefined && rank < best) [best, place] = [rank, index]
      }
      if (place < 0) break
      parts = [...parts.slice(0, place), `${parts[place]}${parts[place + 1]}`, ...parts.slice(place + 2)]
    }
    const numbers = parts.map(part => {
      const number = vocabulary.get(part)
      if (number === undefined) throw notSupported(`it has no token for “${part}”`)
      return number
    })
    if (known.size < 10_000) known.set(piece, numbers)
    return numbers
  }

  const specials = [...added.keys()].sort((left, right) => right.length - left.length)
  const anySpecial = specials.length === 0 ? null : new RegExp(`(${specials.map(escapeRegex).join('|')})`)
  return {
    encode: text =>
      (anySpecial === null ? [text] : text.split(anySpecial)).flatMap(part => {
        const special = added.get(part)
        if (special !== undefined) return [special]
        return part === '' ? [] : encodePlain(part)
      }),
    special: token => added.get(token),
  }
}

function normalizerOf(value: unknown): (text: string) => string {
  if (value === null || value === undefined) return text => text
  const { type, normalizers } = objectOf(value)
  if (type === 'NFC' || type === 'NFKC' || type === 'NFD' || type === 'NFKD')
    return text => text.normalize(type)
  if (type === 'Lowercase') return text => text.toLowerCase()
  if (type === 'Sequence') {
    const steps = arrayOf(normalizers).map(normalizerOf)
    return text => steps.reduce((done, step) => step(done), text)
  }
  throw notSupported(`its normalizer is ${String(type)}`)
}

/** What GPT-2 splits by. */
const GPT2 = /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+/gu

function splitsOf(value: unknown): Split[] {
  const step = objectOf(value)
  switch (step.type) {
    case 'Sequence':
      return arrayOf(step.pretokenizers).flatMap(splitsOf)
    case 'ByteLevel':
      if (step.add_prefix_space === true) throw notSupported('it adds a space in front')
      return step.use_regex === false ? [] : [{ pattern: GPT2, behaviour: 'pieces' }]
    case 'Digits':
      return [{ pattern: step.individual_digits === true ? /\p{N}/gu : /\p{N}+/gu, behaviour: 'isolated' }]
    case 'Split': {
      const source = objectOf(step.pattern).Regex
      if (typeof source !== 'string' || step.behavior !== 'Isolated' || step.invert === true)
        throw notSupported('it splits in a way that is not known here')
      return [{ pattern: regexOf(source), behaviour: 'isolated' }]
    }
    default:
      throw notSupported(`its pre-tokenizer is ${String(step.type)}`)
  }
}

/** Oniguruma's inline flag for a group is not JavaScript's before Node 23: the letters of contractions get both cases. */
function regexOf(source: string): RegExp {
  const plain = source.replace(
    /\(\?i:([^()]*)\)/g,
    (_, inside: string) => `(?:${inside.replace(/[a-z]/g, bothCases)})`,
  )
  try {
    return new RegExp(plain, 'gu')
  } catch (cause) {
    throw notSupported('its pattern cannot be read', cause)
  }
}

function bothCases(letter: string): string {
  return `[${letter}${letter.toUpperCase()}]`
}

function cut(piece: string, { pattern, behaviour }: Split): string[] {
  const pieces: string[] = []
  let from = 0
  for (const match of piece.matchAll(pattern)) {
    if (match[0] === '') continue
    if (behaviour === 'isolated' && match.index > from) pieces.push(piece.slice(from, match.index))
    pieces.push(match[0])
    from = match.index + match[0].length
  }
  if (from < piece.length) pieces.push(piece.slice(from))
  return pieces
}

/** The letter that stands for each byte: printable ones for themselves, the others from U+0100 on. */
function byteLetters(): string[] {
  const letters: string[] = []
  let next = 256
  for (let byte = 0; byte < 256; byte++) {
    const printable = (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174
    letters.push(String.fromCodePoint(printable ? byte : next++))
  }
  return letters
}

function escapeRegex(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}

function objectOf(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw notSupported('it is not of the known form')
  return value as Record<string, unknown>
}

function arrayOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}

function notSupported(reason: string, cause?: unknown): VapiError {
  return new VapiError({
    code: 'tokenizer-not-supported',
    message: `tokenizer.json cannot be used: ${reason}`,
    hint: 'byte-level BPE tokenizers work (GPT-2, Qwen, SmolLM, Llama 3)',
    cause,
  })
}
