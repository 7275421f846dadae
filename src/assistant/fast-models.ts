/**
 * The smaller, faster model of a provider that answers the first turns (`model.numFastTurns`; the API document names
 * gpt-3.5-turbo of openai as its example, the others are ours: the smallest of the provider's models in the API document,
 * or of its own list where that has none).
 */
const FAST_MODELS: Readonly<Record<string, string>> = {
  openai: 'gpt-3.5-turbo',
  anthropic: 'claude-haiku-4-5-20251001',
  google: 'gemini-3.1-flash-lite',
  groq: 'llama-3.1-8b-instant',
  cerebras: 'llama3.1-8b',
  mistral: 'mistral-small-latest',
  xai: 'grok-4-fast-non-reasoning',
}

/** How the first turns of a call are answered. */
export interface FastTurns {
  /** Turns that the fast model answers; 0: none. */
  turns: number
  model: string
}

/** Null where the assistant wants none. `warnings` are told before the call. */
export function compileFastTurns(
  provider: string,
  model: string,
  numFastTurns: unknown,
): { fast: FastTurns | null; warnings: string[] } {
  const turns = typeof numFastTurns === 'number' ? Math.floor(numFastTurns) : 0
  if (turns <= 0) return { fast: null, warnings: [] }
  const found = FAST_MODELS[provider]
  if (found === undefined)
    return {
      fast: null,
      warnings: [
        `model.numFastTurns has no effect in a local call: no smaller model of ${provider} is known, ${model} answers all turns`,
      ],
    }
  return { fast: found === model ? null : { turns, model: found }, warnings: [] }
}
