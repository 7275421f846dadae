/**
 * Words that are not the model's own (first messages, messages of tools), said with the same voice: the Live API has no answers
 * beside the conversation, so that a second session says them, which is told to do no more than that.
 */
import type { VapiError } from '../../errors.ts'
import type { Pace } from './answer.ts'
import { createGeminiAnswer, type GeminiAnswer } from './gemini-answer.ts'
import { GEMINI_OUTPUT_RATE, type GeminiSettings, READER_INSTRUCTIONS, wordsOf } from './gemini-form.ts'
import { type GeminiLink, type GeminiLinkOptions, openGeminiLink } from './gemini-link.ts'
import { createRequest, type Request } from './requests.ts'
import { createSoundReader } from './sound.ts'

export interface GeminiReader {
  /** Connects beforehand. */
  prepare(): void
  say(words: string): Promise<Request>
  cancel(request: Request): void
  close(error: VapiError): void
}

/** `said` is told words that were said to their end. */
export function createGeminiReader(
  options: GeminiLinkOptions & { settings: GeminiSettings; pace: Pace },
  said: (words: string) => void,
  signal: AbortSignal,
): GeminiReader {
  const { context, pace } = options
  const settings: GeminiSettings = {
    ...options.settings,
    instructions: READER_INSTRUCTIONS,
    tools: [],
    transcription: null,
  }
  let link: Promise<GeminiLink> | null = null
  let answer: GeminiAnswer | null = null
  let names = 0

  function connect(): Promise<GeminiLink> {
    if (link !== null) return link
    const opening = openGeminiLink(
      options,
      settings,
      {
        told(told) {
          if (link === opening && told.type !== 'leaving') answer?.take(told)
        },
        lost(error) {
          if (link !== opening) return
          link = null
          answer?.request.end({ type: 'broken', error })
          answer = null
        },
      },
      signal,
    )
    opening.catch(() => {
      if (link === opening) link = null
    })
    link = opening
    return opening
  }

  function leave(): void {
    answer = null
    void link?.then(
      made => made.close(),
      () => {},
    )
    link = null
  }

  return {
    prepare: () => void connect().catch(() => {}),
    async say(words) {
      // What it still says is not wanted any more.
      if (answer !== null && !answer.isOver) leave()
      const sound = await createSoundReader(GEMINI_OUTPUT_RATE)
      const open = await connect()
      const name = `words_${++names}`
      const request = createRequest(name, words, { pace, sound, context })
      answer = createGeminiAnswer(request, name, true, null, {
        text: () => {},
        calls: () => {},
        over: () => {
          if (!request.isCancelled) said(words)
        },
      })
      open.send(wordsOf(words))
      return request
    },
    cancel(request) {
      if (request.isCancelled) return
      request.cancel()
      if (answer?.request === request && !answer.isOver) leave()
    },
    close(error) {
      answer?.request.cancel()
      answer?.request.end({ type: 'broken', error })
      leave()
    },
  }
}
