/** The model providers that speak OpenAI's chat completions, as data. One row is one provider. */
import { Exit, usageError, VapiError } from '../../errors.ts'

export interface OpenAiProvider {
  /** As in `model.provider` of an assistant. */
  id: string
  /** As written for people. */
  label: string
  /** Where it answers; null where only the user can know. */
  baseUrl: string | null
  /** Environment variables that replace `baseUrl`, the first set one wins. */
  baseUrlVariables: readonly string[]
  /** A variable that names the host alone, the path that belongs behind it, and the port of a bare host name. */
  host?: { variable: string; path: string; port?: number }
  /** Environment variables of the key, the first set one wins. */
  keyVariables: readonly string[]
  /** False where it answers without a key. */
  keyRequired: boolean
  /** The header of the key. `authorization` takes it as a bearer token. */
  keyHeader: 'authorization' | 'api-key'
  /** Its name in `endedReason` values. */
  endedReasonName: string
  maxTokensField: 'max_tokens' | 'max_completion_tokens'
  /** It is known to take `stream_options.include_usage`. Mistral answers 422 to it. */
  streamUsage: boolean
  /** Models that refuse a temperature unless their reasoning effort is `none`. */
  fixedTemperature?: RegExp
  /** A stream may end without `finish_reason` and `[DONE]`: the hosted platform takes such answers from own servers. */
  mayEndSilently: boolean
  /** Its error codes that have an `endedReason` of their own, and the suffix of that. */
  errorSuffixes: Readonly<Record<string, string>>
  /** Limit to the first token, in milliseconds. Local servers load the model first. */
  firstTokenMs: number
  /** Runs on the user's machine. */
  local: boolean
  /** How to start it, where it is local. */
  startHint?: string
}

const DEFAULTS = {
  keyRequired: true,
  keyHeader: 'authorization',
  maxTokensField: 'max_tokens',
  streamUsage: false,
  mayEndSilently: false,
  errorSuffixes: {},
  firstTokenMs: 30_000,
  local: false,
} as const

/** Of api.openai.com and Azure: models that reason take the default temperature alone; `-chat` ones do not reason. */
const OPENAI_MODELS = {
  maxTokensField: 'max_completion_tokens',
  streamUsage: true,
  fixedTemperature: /^(o\d|gpt-5(?!.*chat))/,
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
    host: { variable: 'AZURE_OPENAI_ENDPOINT', path: '/openai/v1' },
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
  },
  {
    id: 'anyscale',
    label: 'Anyscale',
    baseUrl: 'https://api.endpoints.anyscale.com/v1',
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
    maxTokensField: 'max_completion_tokens',
    streamUsage: true,
  },
  {
    id: 'mistral',
    label: 'Mistral',
    baseUrl: 'https://api.mistral.ai/v1',
    baseUrlVariables: ['MISTRAL_BASE_URL'],
    keyVariables: ['MISTRAL_API_KEY'],
  },
  {
    id: 'deep-seek',
    label: 'DeepSeek',
    baseUrl: 'https://api.deepseek.com/v1',
    baseUrlVariables: ['DEEPSEEK_BASE_URL'],
    keyVariables: ['DEEPSEEK_API_KEY'],
    streamUsage: true,
  },
  {
    id: 'minimax',
    label: 'MiniMax',
    baseUrl: 'https://api.minimax.io/v1',
    baseUrlVariables: ['MINIMAX_BASE_URL'],
    keyVariables: ['MINIMAX_API_KEY'],
    maxTokensField: 'max_completion_tokens',
  },
  {
    id: 'inflection-ai',
    label: 'Inflection AI',
    baseUrl: 'https://api.inflection.ai/external/api/inference/openai/v1',
    baseUrlVariables: ['INFLECTION_BASE_URL'],
    keyVariables: ['INFLECTION_API_KEY'],
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
  ...row,
}))

export function findOpenAiProvider(id: string): OpenAiProvider | undefined {
  return OPENAI_PROVIDERS.find(provider => provider.id === id)
}

export type Environment = Readonly<Record<string, string | undefined>>

/**
 * Where the provider is and the key to it: the environment, then the assistant's `model.url`, then the usual address.
 * A key is demanded only at the provider's own address. Throws VapiError `model-key-missing` (exit 4), or a usage
 * error where no address is known.
 */
export function resolveOpenAiProvider(
  provider: OpenAiProvider,
  environment: Environment,
  assistantUrl?: string,
): { baseUrl: string; key: string | null } {
  const ownUrl =
    fromEnvironment(environment, provider.baseUrlVariables) ?? hostUrl(provider, environment) ?? assistantUrl
  const baseUrl = ownUrl ?? provider.baseUrl
  if (!baseUrl) {
    const variable = provider.host?.variable ?? provider.baseUrlVariables[0]
    throw usageError(`the address of ${provider.label} is not known`, `set model.url, or ${variable}, to it`)
  }
  const key = fromEnvironment(environment, provider.keyVariables) ?? null
  if (key === null && provider.keyRequired && (ownUrl === undefined || provider.baseUrl === null))
    throw new VapiError({
      code: 'model-key-missing',
      message: `${provider.label} needs a key and none is set`,
      exit: Exit.notLoggedIn,
      endedReason: `call.in-progress.error-vapifault-${provider.endedReasonName}-401-unauthorized`,
      hint: `set ${provider.keyVariables[0]}`,
    })
  return { baseUrl, key }
}

/** The address of `POST …/chat/completions`; some pages tell people to write the suffix into the URL themselves. */
export function chatCompletionsUrl(baseUrl: string): string {
  return endpointUrl(baseUrl, 'chat/completions')
}

/** The address of `GET …/models`. */
export function modelsUrl(baseUrl: string): string {
  return endpointUrl(baseUrl, 'models')
}

function endpointUrl(baseUrl: string, endpoint: string): string {
  const [, address = '', query = ''] = /^([^?#]*)(\?[^#]*)?/.exec(baseUrl.trim()) ?? []
  return `${address.replace(/\/+$/, '').replace(/\/chat\/completions$/, '')}/${endpoint}${query}`
}

function fromEnvironment(environment: Environment, names: readonly string[]): string | undefined {
  return names.map(name => environment[name]?.trim()).find(value => value)
}

/** `OLLAMA_HOST` also holds the address that the server binds to: a bare host, `0.0.0.0`, `:port`. */
function hostUrl({ host }: OpenAiProvider, environment: Environment): string | undefined {
  const value = host && fromEnvironment(environment, [host.variable])
  if (!value) return undefined
  const named = /^[a-z]+:\/\//i.test(value)
  const address = named ? value : `http://${value.startsWith(':') ? '127.0.0.1' : ''}${value}`
  if (!URL.canParse(address)) return address
  const url = new URL(address)
  if (!named && url.port === '' && host.port && !/:80$/.test(value)) url.port = String(host.port)
  if (url.hostname === '0.0.0.0' || url.hostname === '[::]') url.hostname = '127.0.0.1'
  if (!url.pathname.includes(host.path)) url.pathname = url.pathname.replace(/\/$/, '') + host.path
  return url.href
}
