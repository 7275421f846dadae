import { describe, expect, it } from 'vitest'
import { resolveModelAccess } from '../../../src/providers/models/vendor.ts'
import {
  chatCompletionsUrl,
  findOpenAiProvider,
  OPENAI_PROVIDERS,
  type OpenAiProvider,
} from '../../../src/providers/openai-compatible/providers.ts'

function row(id: string): OpenAiProvider {
  const provider = findOpenAiProvider(id)
  if (!provider) throw new Error(`no provider ${id}`)
  return provider
}

describe('the table', () => {
  it('has each provider once, with a full address or a variable for it', () => {
    const ids = OPENAI_PROVIDERS.map(provider => provider.id)
    expect(new Set(ids).size).toBe(ids.length)
    for (const { baseUrl, baseUrlVariables, keyVariables } of OPENAI_PROVIDERS) {
      if (baseUrl !== null) expect(baseUrl).toMatch(/^(https:\/\/|http:\/\/127\.0\.0\.1:\d+)\S*[^/]$/)
      for (const name of [...baseUrlVariables, ...keyVariables]) expect(name).toMatch(/^[A-Z][A-Z0-9_]+$/)
      expect(baseUrlVariables.length).toBeGreaterThan(0)
    }
  })
})

describe('address and key', () => {
  it('are the usual ones, with the key of the environment', () => {
    expect(resolveModelAccess(row('groq'), { GROQ_API_KEY: ' gsk-1\n' })).toEqual({
      baseUrl: 'https://api.groq.com/openai/v1',
      key: 'gsk-1',
      keyOrigin: { from: 'environment', variable: 'GROQ_API_KEY' },
    })
    expect(resolveModelAccess(row('deepinfra'), { DEEPINFRA_TOKEN: 't' }).key).toBe('t')
  })

  it('lack a key: exit 4, and the variable to set', () => {
    expect(() => resolveModelAccess(row('openai'), { OPENAI_API_KEY: '' })).toThrow(
      expect.objectContaining({
        code: 'model-key-missing',
        exit: 4,
        hint: 'set OPENAI_API_KEY, or keep a key with vapi provider-key set openai',
        endedReason: 'call.in-progress.error-vapifault-openai-401-unauthorized',
      }),
    )
  })

  it('may be elsewhere, and then need no key', () => {
    const environment = { OPENAI_BASE_URL: 'http://127.0.0.1:9000/v1' }
    expect(resolveModelAccess(row('openai'), environment)).toEqual({
      baseUrl: 'http://127.0.0.1:9000/v1',
      key: null,
    })
  })

  it('gives no key of a vendor to another host that an assistant names', () => {
    const environment = { OPENAI_API_KEY: 'sk-1', AZURE_OPENAI_API_KEY: 'az-1' }
    expect(() => resolveModelAccess(row('openai'), environment, 'http://api.openai.com/v1')).toThrow(
      /model\.url names http:\/\/api\.openai\.com, /,
    )
    for (const id of ['openai', 'azure-openai', 'ollama'])
      expect(() => resolveModelAccess(row(id), environment, 'https://models.example.net/v1')).toThrow(
        /model\.url names https:\/\/models\.example\.net, .* it does not get the key/,
      )
    expect(resolveModelAccess(row('openai'), environment, 'https://api.openai.com/v2').key).toBe('sk-1')
    expect(resolveModelAccess(row('openai'), environment, 'http://127.0.0.1:9/v1').key).toBe('sk-1')
    const named = { ...environment, OPENAI_BASE_URL: 'https://models.example.net/v1' }
    expect(resolveModelAccess(row('openai'), named, 'https://other.example.net').baseUrl).toBe(
      'https://models.example.net/v1',
    )
  })

  it('of a custom LLM come from the assistant, unless the environment says otherwise', () => {
    const url = 'https://llm.example.com'
    expect(resolveModelAccess(row('custom-llm'), {}, url)).toEqual({ baseUrl: url, key: null })
    const environment = { CUSTOM_LLM_BASE_URL: 'http://127.0.0.1:5000', CUSTOM_LLM_API_KEY: 'k' }
    expect(resolveModelAccess(row('custom-llm'), environment, url)).toEqual({
      baseUrl: 'http://127.0.0.1:5000',
      key: 'k',
      keyOrigin: { from: 'environment', variable: 'CUSTOM_LLM_API_KEY' },
    })
  })

  it('that nobody told are a usage error that names the variable', () => {
    expect(() => resolveModelAccess(row('azure-openai'), { AZURE_OPENAI_API_KEY: 'k' })).toThrow(
      expect.objectContaining({ exit: 2, hint: expect.stringContaining('AZURE_OPENAI_ENDPOINT') }),
    )
  })

  it('of Azure come from its endpoint, and need a key', () => {
    const environment = { AZURE_OPENAI_ENDPOINT: 'https://me.openai.azure.com/', AZURE_OPENAI_API_KEY: 'k' }
    expect(resolveModelAccess(row('azure-openai'), environment)).toEqual({
      baseUrl: 'https://me.openai.azure.com/openai/v1',
      key: 'k',
      keyOrigin: { from: 'environment', variable: 'AZURE_OPENAI_API_KEY' },
    })
    expect(() =>
      resolveModelAccess(row('azure-openai'), { ...environment, AZURE_OPENAI_API_KEY: undefined }),
    ).toThrow(expect.objectContaining({ code: 'model-key-missing' }))
  })

  it.each([
    ['127.0.0.1', 'http://127.0.0.1:11434/v1'],
    ['0.0.0.0', 'http://127.0.0.1:11434/v1'],
    ['0.0.0.0:9999', 'http://127.0.0.1:9999/v1'],
    [':9999', 'http://127.0.0.1:9999/v1'],
    ['[::]:9999', 'http://127.0.0.1:9999/v1'],
    ['big-machine:80', 'http://big-machine/v1'],
    ['http://big-machine', 'http://big-machine/v1'],
    ['https://models.example.com/ollama/', 'https://models.example.com/ollama/v1'],
  ])('of Ollama follow OLLAMA_HOST=%s', (value, baseUrl) => {
    expect(resolveModelAccess(row('ollama'), { OLLAMA_HOST: value }).baseUrl).toBe(baseUrl)
  })
})

it.each([
  ['https://a.example/v1', 'https://a.example/v1/chat/completions'],
  ['https://a.example/v1/', 'https://a.example/v1/chat/completions'],
  ['https://a.example/chat/completions', 'https://a.example/chat/completions'],
  ['https://a.example/v1/chat/completions/', 'https://a.example/v1/chat/completions'],
  ['https://a.example/v1?api-version=1', 'https://a.example/v1/chat/completions?api-version=1'],
])('requests for the base URL %s go to %s', (baseUrl, url) => {
  expect(chatCompletionsUrl(baseUrl)).toBe(url)
})
