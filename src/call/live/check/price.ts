import type { CompiledAssistant } from '../../../assistant/compile.ts'
import { type PriceTable, priceOf } from '../../costs/prices.ts'
import { estimateTokens } from '../../costs/tokens.ts'
import type { CheckedPart, PriceAssumptions } from './types.ts'

/** A customer and an assistant who take turns: four answers a minute, half of it spoken by the assistant. */
export const ASSUMED: PriceAssumptions = {
  requestsPerMinute: 4,
  historyTokens: 300,
  charactersPerMinute: 450,
}

/**
 * Tokens of sound in a minute, half of which each speaks: one is 100 ms of the customer's sound and 50 ms of the assistant's
 * (OpenAI, Realtime API, Managing costs). `heard`: of a minute before, which each answer takes in again.
 */
const SOUND = { customer: 300, assistant: 600, heard: 900 }

const MILLION = 1_000_000

/** US dollars for a minute of a call; null where the table has no price. */
export function pricePerMinute(...given: Parameters<typeof reckon>): number | null {
  const amount = reckon(...given)
  return amount === null ? null : roundDollars(amount)
}

/** To a millionth of a dollar. */
export function roundDollars(amount: number): number {
  return Math.round(amount * MILLION) / MILLION
}

function reckon(
  stage: CheckedPart['stage'],
  name: string,
  { plan }: CompiledAssistant,
  prices: PriceTable,
): number | null {
  if (stage === 'transcriber') return priceOf(prices.transcribers, name)?.perMinute ?? null
  if (stage === 'voice') {
    const price = priceOf(prices.voices, name)
    return price === undefined ? null : (ASSUMED.charactersPerMinute / 1000) * price.perThousandCharacters
  }
  const price = priceOf(prices.models, name)
  if (price === undefined) return null
  const { systemMessages, examples, tools } = plan.model
  const own = [...systemMessages, ...[...examples, ...tools].map(one => JSON.stringify(one))].join('\n')
  if (stage === 'realtime' && price.audio !== undefined) {
    const { audio, cachedInput = price.input } = price
    const again = SOUND.heard * (audio.cachedInput ?? audio.input) + estimateTokens(own) * cachedInput
    const said = SOUND.customer * audio.input + SOUND.assistant * audio.output
    return (said + ASSUMED.requestsPerMinute * again) / MILLION
  }
  const prompt = estimateTokens(own) + ASSUMED.historyTokens
  const answered = ASSUMED.charactersPerMinute / 4
  return (ASSUMED.requestsPerMinute * prompt * price.input + answered * price.output) / MILLION
}
