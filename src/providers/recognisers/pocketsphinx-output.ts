/** One recognised utterance. Times are seconds in the stream that the program was fed. */
export interface Utterance {
  text: string
  endSeconds: number
  /** 0 to 1. */
  confidence: number
}

/** Takes the program's standard output in any pieces; gives the utterances that are complete. */
export type UtteranceReader = (output: string) => Utterance[]

interface Word {
  text: string
  endSeconds: number
  confidence: number
}

/** `word(2) 1.030 1.140 0.977651`: word and pronunciation, start, end, probability. */
const WORD_LINE = /^(\S+?)(?:\(\d+\))? \d+\.\d+ (\d+\.\d+) (\S+)$/
/** Sentence marks, silence and noises: `<s>`, `<sil>`, `[NOISE]`, `++COUGH++`. */
const FILLER = /^(?:<.*>|\[.*\]|\+\+.*\+\+)$/

/**
 * Reads what `pocketsphinx_continuous -time yes` prints: an utterance's text on one line, then a line for every
 * word. The program flushes once per utterance, after its last word, which is mostly `</s>`.
 */
export function createWordTimeReader(): UtteranceReader {
  let rest = ''
  let words: Word[] = []
  return output => {
    const lines = (rest + output).split('\n')
    rest = lines.pop() ?? ''
    const utterances: Utterance[] = []
    const finish = () => {
      const utterance = joined(words)
      if (utterance) utterances.push(utterance)
      words = []
    }
    for (const line of lines) {
      const word = WORD_LINE.exec(line)
      if (!word || word[1] === '</s>') finish()
      else if (!FILLER.test(word[1])) {
        words.push({ text: word[1], endSeconds: Number(word[2]), confidence: Number(word[3]) })
      }
    }
    if (rest === '') finish()
    return utterances
  }
}

function joined(words: readonly Word[]): Utterance | undefined {
  const last = words.at(-1)
  if (!last) return undefined
  const mean = words.reduce((sum, word) => sum + word.confidence, 0) / words.length
  return {
    text: words.map(word => word.text).join(' '),
    endSeconds: last.endSeconds,
    confidence: probability(mean),
  }
}

/**
 * Reads what `pocketsphinx live -` of PocketSphinx 5 prints: an object per line, whose fields its manual page
 * names: `b` start in seconds, `d` duration, `p` probability, `t` text.
 */
export function createJsonLineReader(): UtteranceReader {
  let rest = ''
  return output => {
    const lines = (rest + output).split('\n')
    rest = lines.pop() ?? ''
    return lines.flatMap(line => {
      if (!line.startsWith('{')) return []
      const { b, d, p, t } = JSON.parse(line) as { b: number; d: number; p: number; t: string }
      return t.trim() === '' ? [] : [{ text: t.trim(), endSeconds: b + d, confidence: probability(p) }]
    })
  }
}

/** The programs' logarithms are coarse: a certain word may print as 1.0003. */
function probability(value: number): number {
  return Math.min(1, Math.max(0, value))
}
