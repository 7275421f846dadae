import type { OutcomeRequest } from '../call/live/outcome.ts'
import type { OptionDefinition } from '../cli/definition.ts'

/** The price table, for every command that estimates what a call costs. */
export const priceOptions = {
  prices: {
    type: 'string',
    placeholder: 'FILE',
    summary: 'your own prices for the estimated costs (default: ~/.vapi/prices.yaml)',
  },
} as const satisfies Record<string, OptionDefinition>

/** Options about what a live call leaves. */
export const outcomeOptions = {
  'client-messages': {
    type: 'string',
    placeholder: 'FILE',
    summary: 'write the messages that a client would get, as JSON lines',
  },
  'skip-analysis': {
    type: 'boolean',
    summary: 'ask no model after the call (summary, structured data, success)',
  },
  ...priceOptions,
} as const satisfies Record<string, OptionDefinition>

/** What those options say. */
export function outcomeRequest(options: {
  'client-messages': string | undefined
  'skip-analysis': boolean
  prices: string | undefined
}): OutcomeRequest {
  return {
    clientMessages: options['client-messages'] ?? null,
    prices: options.prices ?? null,
    analyse: !options['skip-analysis'],
  }
}
