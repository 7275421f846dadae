/** The language models that a call reaches over the network. One row is one provider. */
import { anthropic } from '../anthropic/provider.ts'
import { google } from '../google/provider.ts'
import { openAiProviders } from '../openai-compatible/provider.ts'
import type { ModelProvider } from './types.ts'

export const MODELS: readonly ModelProvider[] = [...openAiProviders, anthropic, google]

export function findModelProvider(id: string): ModelProvider | undefined {
  return MODELS.find(provider => provider.id === id)
}

/** Providers of assistants that no adapter is made for, and why. */
export const MODELS_ELSEWHERE: Readonly<Record<string, string>> = {
  vapi: 'its models answer on the hosted platform alone',
  'anthropic-bedrock':
    'it takes requests that are signed for AWS; --model anthropic/NAME asks the same models',
  'anthropic-vertex': 'it takes tokens of Google Cloud; --model anthropic/NAME asks the same models',
}
