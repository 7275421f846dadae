const OPENING = '<think>'
const CLOSING = '</think>'

export interface ThinkingFilter {
  /** Takes the next text of the answer, gives what is to be spoken of it. */
  push(text: string): string
  /** The answer is over: gives what was held back. */
  end(): string
}

/**
 * Takes out the `<think>…</think>` block that reasoning models put before their answer where the server does not
 * separate it (MiniMax, DeepSeek and Qwen models on local servers). Only at the very beginning of an answer.
 */
export function createThinkingFilter(): ThinkingFilter {
  let stage: 'start' | 'thinking' | 'gap' | 'answer' = 'start'
  let held = ''

  return {
    push(text) {
      if (stage === 'answer') return text
      held += text
      if (stage === 'start') {
        const begun = held.trimStart()
        if (begun.length < OPENING.length && OPENING.startsWith(begun)) return ''
        stage = begun.startsWith(OPENING) ? 'thinking' : 'answer'
      }
      if (stage === 'thinking') {
        const end = held.indexOf(CLOSING)
        if (end < 0) {
          held = held.slice(-(CLOSING.length - 1))
          return ''
        }
        stage = 'gap'
        held = held.slice(end + CLOSING.length)
      }
      if (stage === 'gap') {
        held = held.trimStart()
        if (held === '') return ''
        stage = 'answer'
      }
      const given = held
      held = ''
      return given
    },
    end() {
      return stage === 'start' ? held : ''
    },
  }
}
