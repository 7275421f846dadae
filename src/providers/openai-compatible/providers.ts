/** The model providers that speak OpenAI's chat completions, as data. One row is one provider. */

import { endpointUrl, type ModelVendor } from '../models/vendor.ts'
import type { Proof } from '../proof.ts'
import type { Access } from '../vendors.ts'

export interface OpenAiProvider extends ModelVendor {
  /** What shows that this row is right: OpenAI's client, which the vendor's pages tell to use, or pages alone. */
  proof: Proof
  /** The header of the key. `authorization` takes it as a bearer token. */
  keyHeader: 'authorization' | 'api-key'
  maxTokensField: 'max_tokens' | 'max_completion_tokens'
  /** It is known to take `stream_options.include_usage`. */
  streamUsage: boolean
  /** Models that reason: they refuse a temperature unless their reasoning effort is `none`, and know such an effort. */
  reasons?: RegExp
  /** Models that take `prompt_cache_key` and `prompt_cache_retention`. */
  caches?: RegExp
  /** Tools with `strict: true` may not have checks such as `maxLength`. */
  strictSchemas: boolean
  /** Temperatures that it takes, where they are fewer than 0 to 2. */
  temperatures?: readonly [number, number]
  /** It refuses instructions in the middle, and two messages of one side in a row. */
  strictTurns: boolean
  /** The only ids of tool calls that it takes. */
  toolCallIds?: RegExp
  /** Its models want back what they thought before they called a tool (`reasoning_content`). */
  returnsThoughts: boolean
  /** Model names may end with a region of the hosted platform (`gpt-4o-2024-08-06:westus`), which it does not know. */
  hasRegions: boolean
  /** A stream may end without `finish_reason` and `[DONE]`: the hosted platform takes such answers from own servers. */
  mayEndSilently: boolean
  /** Runs on the user's machine. */
  local: boolean
}

/** The vendor's own pages say to use OpenAI's client library; our tests run it against the local server. */
const CLIENT: Proof = { by: 'client-library', name: 'openai' }

const DEFAULTS = {
  keyRequired: true,
  speaks: 'an OpenAI-compatible server',
  proof: CLIENT,
  strictSchemas: false,
  strictTurns: false,
  returnsThoughts: false,
  hasRegions: false,
  keyHeader: 'authorization',
  maxTokensField: 'max_tokens',
  streamUsage: false,
  mayEndSilently: false,
  errorSuffixes: {},
  // Under the usual silence time-out of 30 s, so that a fallback model gets its turn.
  firstTokenMs: 20_000,
  local: false,
} as const

/** Of api.openai.com and Azure: models that reason take the default temperature alone; `-chat` ones do not reason. */
const OPENAI_MODELS = {
  maxTokensField: 'max_completion_tokens',
  streamUsage: true,
  reasons: /^(o\d|gpt-5(?!.*chat))/,
  caches: /^(gpt-5|gpt-4\.1|chat-latest)/,
  strictSchemas: true,
  hasRegions: true,
} as const

const LOCAL = {
  keyRequired: false,
  endedReasonName: 'custom-llm',
  streamUsage: true,
  mayEndSilently: true,
  firstTokenMs: 120_000,
  local: true,
} as const

type Row = Pick<OpenAiProvider, 'id' | 'label' | 'baseUrl' | 'baseUrlVariables' | 'keyVariables'> &
  Partial<OpenAiProvider>

const ROWS: readonly Row[] = [
  {
    ...OPENAI_MODELS,
    id: 'openai',
    label: 'OpenAI',
    baseUrl: 'https://api.openai.com/v1',
    baseUrlVariables: ['OPENAI_BASE_URL', 'OPENAI_API_BASE'],
    keyVariables: ['OPENAI_API_KEY'],
    errorSuffixes: {
      invalid_api_key: '401-incorrect-api-key',
      rate_limit_exceeded: '429-rate-limit-reached',
      no_organization: '401-account-not-in-organization',
      invalid_organization: '401-account-not-in-organization',
      mismatched_organization: '401-account-not-in-organization',
    },
  },
  {
    ...OPENAI_MODELS,
    id: 'azure-openai',
    label: 'Azure OpenAI',
    baseUrl: null,
    baseUrlVariables: ['AZURE_OPENAI_BASE_URL'],
    host: {
      variable: 'AZURE_OPENAI_ENDPOINT',
      path: '/openai/v1',
      versioned: {
        variables: ['AZURE_OPENAI_API_VERSION', 'OPENAI_API_VERSION'],
        path: '/openai/deployments/{model}',
      },
    },
    keyVariables: ['AZURE_OPENAI_API_KEY', 'AZURE_API_KEY'],
    keyHeader: 'api-key',
  },
  {
    id: 'groq',
    label: 'Groq',
    baseUrl: 'https://api.groq.com/openai/v1',
    baseUrlVariables: ['GROQ_BASE_URL'],
    keyVariables: ['GROQ_API_KEY'],
    maxTokensField: 'max_completion_tokens',
    streamUsage: true,
  },
  {
    id: 'together-ai',
    label: 'Together AI',
    baseUrl: 'https://api.together.xyz/v1',
    baseUrlVariables: ['TOGETHER_BASE_URL'],
    keyVariables: ['TOGETHER_API_KEY', 'TOGETHERAI_API_KEY'],
    streamUsage: true,
  },
  {
    id: 'openrouter',
    label: 'OpenRouter',
    baseUrl: 'https://openrouter.ai/api/v1',
    baseUrlVariables: ['OPENROUTER_BASE_URL'],
    keyVariables: ['OPENROUTER_API_KEY'],
    streamUsage: true,
    // It lists models to everybody.
    keyTest: access => testRequest(access, endpointUrl(access.baseUrl, 'key', SUFFIX)),
  },
  {
    id: 'deepinfra',
    label: 'DeepInfra',
    baseUrl: 'https://api.deepinfra.com/v1/openai',
    baseUrlVariables: ['DEEPINFRA_BASE_URL'],
    keyVariables: ['DEEPINFRA_API_KEY', 'DEEPINFRA_TOKEN'],
    streamUsage: true,
  },
  {
    id: 'perplexity-ai',
    label: 'Perplexity',
    baseUrl: 'https://api.perplexity.ai',
    baseUrlVariables: ['PERPLEXITY_BASE_URL'],
    keyVariables: ['PERPLEXITY_API_KEY', 'PPLX_API_KEY'],
    strictTurns: true,
    // It has no cheaper request that tells: one token of the smallest model.
    keyTest: access => ({
      ...testRequest(access, chatCompletionsUrl(access.baseUrl)),
      body: JSON.stringify({ model: 'sonar', messages: [{ role: 'user', content: 'Hi' }], max_tokens: 1 }),
    }),
  },
  {
    // Shared endpoints ended on 1 August 2024 (Anyscale's page "Query a model"); services of one's own have own addresses.
    id: 'anyscale',
    label: 'Anyscale',
    baseUrl: null,
    proof: { by: 'documentation', url: 'https://docs.anyscale.com/endpoints/text-generation/query-a-model' },
    baseUrlVariables: ['ANYSCALE_BASE_URL'],
    keyVariables: ['ANYSCALE_API_KEY'],
  },
  {
    id: 'xai',
    label: 'xAI',
    baseUrl: 'https://api.x.ai/v1',
    baseUrlVariables: ['XAI_BASE_URL'],
    keyVariables: ['XAI_API_KEY'],
    maxTokensField: 'max_completion_tokens',
    streamUsage: true,
  },
  {
    id: 'cerebras',
    label: 'Cerebras',
    baseUrl: 'https://api.cerebras.ai/v1',
    baseUrlVariables: ['CEREBRAS_BASE_URL'],
    keyVariables: ['CEREBRAS_API_KEY'],
    temperatures: [0, 1.5],
    maxTokensField: 'max_completion_tokens',
    streamUsage: true,
  },
  {
    id: 'mistral',
    label: 'Mistral',
    baseUrl: 'https://api.mistral.ai/v1',
    baseUrlVariables: ['MISTRAL_BASE_URL'],
    keyVariables: ['MISTRAL_API_KEY'],
    proof: { by: 'documentation', url: 'https://docs.mistral.ai/api/endpoint/chat' },
    temperatures: [0, 1.5],
    strictTurns: true,
    toolCallIds: /^[a-zA-Z0-9]{9}$/,
  },
  {
    id: 'deep-seek',
    label: 'DeepSeek',
    baseUrl: 'https://api.deepseek.com/v1',
    baseUrlVariables: ['DEEPSEEK_BASE_URL'],
    keyVariables: ['DEEPSEEK_API_KEY'],
    returnsThoughts: true,
    streamUsage: true,
  },
  {
    id: 'minimax',
    label: 'MiniMax',
    baseUrl: 'https://api.minimax.io/v1',
    baseUrlVariables: ['MINIMAX_BASE_URL'],
    keyVariables: ['MINIMAX_API_KEY'],
    maxTokensField: 'max_completion_tokens',
    // Above 0.
    temperatures: [0.01, 1],
  },
  {
    id: 'inflection-ai',
    label: 'Inflection AI',
    baseUrl: 'https://api.inflection.ai/external/api/inference/openai/v1',
    baseUrlVariables: ['INFLECTION_BASE_URL'],
    keyVariables: ['INFLECTION_API_KEY'],
    // Their page shows a form of their own; that the address also takes OpenAI's is known from others' code alone.
    proof: { by: 'nothing' },
    temperatures: [0, 1],
  },
  {
    id: 'baseten',
    label: 'Baseten',
    baseUrl: 'https://inference.baseten.co/v1',
    baseUrlVariables: ['BASETEN_BASE_URL'],
    keyVariables: ['BASETEN_API_KEY'],
    streamUsage: true,
  },
  {
    // Each endpoint has its own address: https://api.runpod.ai/v2/ENDPOINT/openai/v1
    id: 'runpod',
    label: 'Runpod',
    baseUrl: null,
    baseUrlVariables: ['RUNPOD_BASE_URL'],
    keyVariables: ['RUNPOD_API_KEY'],
    streamUsage: true,
    firstTokenMs: 120_000,
  },
  {
    id: 'custom-llm',
    label: 'the custom LLM',
    baseUrl: null,
    baseUrlVariables: ['CUSTOM_LLM_BASE_URL'],
    keyVariables: ['CUSTOM_LLM_API_KEY'],
    keyRequired: false,
    mayEndSilently: true,
    firstTokenMs: 20_000,
  },
  {
    ...LOCAL,
    id: 'ollama',
    label: 'Ollama',
    baseUrl: 'http://127.0.0.1:11434/v1',
    baseUrlVariables: ['OLLAMA_BASE_URL'],
    host: { variable: 'OLLAMA_HOST', path: '/v1', port: 11434 },
    keyVariables: ['OLLAMA_API_KEY'],
    startHint: 'start it: ollama serve',
  },
  {
    ...LOCAL,
    id: 'lmstudio',
    label: 'LM Studio',
    baseUrl: 'http://127.0.0.1:1234/v1',
    baseUrlVariables: ['LMSTUDIO_BASE_URL'],
    keyVariables: ['LMSTUDIO_API_KEY'],
    startHint: 'start it: lms server start',
  },
  {
    ...LOCAL,
    id: 'llama.cpp',
    label: 'llama.cpp',
    baseUrl: 'http://127.0.0.1:8080/v1',
    baseUrlVariables: ['LLAMACPP_BASE_URL'],
    keyVariables: ['LLAMA_API_KEY'],
    startHint: 'start it: llama-server -m MODEL.gguf',
  },
]

export const OPENAI_PROVIDERS: readonly OpenAiProvider[] = ROWS.map(row => ({
  ...DEFAULTS,
  endedReasonName: row.id,
  keyTest: access => testRequest(access, modelsUrl(access.baseUrl), row.keyHeader),
  ...row,
}))

function testRequest({ key }: Access, url: string, keyHeader = 'authorization') {
  return { url, headers: keyHeaders(key, keyHeader) }
}

/** The header with the key; none without one. */
export function keyHeaders(key: string | null, keyHeader: string): Record<string, string> {
  if (key === null) return {}
  return { [keyHeader]: keyHeader === 'authorization' ? `Bearer ${key}` : key }
}

export function findOpenAiProvider(id: string): OpenAiProvider | undefined {
  return OPENAI_PROVIDERS.find(provider => provider.id === id)
}

const SUFFIX = /\/chat\/completions$/

/** The address of `POST …/chat/completions`; some pages tell people to write the suffix into the URL themselves. */
export function chatCompletionsUrl(baseUrl: string): string {
  return endpointUrl(baseUrl, 'chat/completions', SUFFIX)
}

/** The address of `GET …/models`. */
export function modelsUrl(baseUrl: string): string {
  return endpointUrl(baseUrl, 'models', SUFFIX)
}
