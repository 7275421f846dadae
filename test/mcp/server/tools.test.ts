import { ListToolsResultSchema } from '@modelcontextprotocol/sdk/types.js'
import { describe, expect, it } from 'vitest'
import { VapiError } from '../../../src/errors.ts'
import { connected, libraryOf, page } from '../../support/mcp.ts'
import { pages } from './pages.ts'

interface Found {
  results: {
    uri: string
    url: string | null
    category: string
    snippet: string
    headings: string[]
    score: number
  }[]
}
interface Examples {
  examples: { uri: string; headings: string[]; code: { language: string; code: string }[] }[]
  instead: { language: string; sections: number }[]
}
interface Guides {
  guides: { uri: string; level: string; text: string; isCut: boolean; headings: string[] }[]
}
interface Reference {
  operations: { title: string; method: string | null; path: string | null; text: string; isCut: boolean }[]
  related: { uri: string }[]
}
interface Changes {
  releases: { date: string; entries: string[] }[]
  leftOut: number
}

const uris = (list: readonly { uri: string }[]) => list.map(({ uri }) => uri.replace('vapi://docs/', ''))

describe('the list of tools', () => {
  it('names the documented tools with their documented inputs', async () => {
    const { client } = await connected(pages)
    const { tools } = await client.listTools()
    expect(
      Object.fromEntries(
        tools.map(({ name, inputSchema }) => [name, Object.keys(inputSchema.properties ?? {})]),
      ),
    ).toEqual({
      search_documentation: ['query', 'category', 'limit'],
      get_examples: ['feature', 'language', 'framework'],
      get_guides: ['topic', 'level'],
      get_api_reference: ['endpoint', 'method', 'includeExamples'],
      get_changelog: ['version', 'limit', 'type'],
      validate_assistant: ['assistant'],
    })
    const required = Object.fromEntries(
      tools.map(({ name, inputSchema }) => [name, inputSchema.required ?? []]),
    )
    expect(required).toMatchObject({ search_documentation: ['query'], get_changelog: [] })
  })

  it('describes every input, every output, and what a tool does', async () => {
    const { client } = await connected(pages)
    const { tools } = ListToolsResultSchema.parse(await client.listTools())
    for (const tool of tools) {
      expect(tool.description?.length).toBeGreaterThan(80)
      expect(tool.annotations).toMatchObject({ readOnlyHint: true, destructiveHint: false })
      expect(tool.outputSchema).toMatchObject({ type: 'object' })
      for (const field of Object.values(tool.inputSchema.properties ?? {}))
        expect(field).toHaveProperty('description')
    }
  })
})

describe('search_documentation', () => {
  it('gives title, headings, link and snippet, the best first', async () => {
    const { data, text } = await connected(pages)
    const { results } = (await data('search_documentation', {
      query: 'verify webhook signature',
    })) as unknown as Found
    expect(results[0]).toMatchObject({ uri: 'vapi://docs/webhooks', category: 'guides' })
    expect(results[0]?.url).toMatch(/^https:\/\/docs\.vapi\.ai\/server-url#/)
    expect(results[0]?.headings[0]).toBe('Verify the signature')
    const scores = results.map(({ score }) => score)
    expect(scores).toEqual(scores.toSorted((one, other) => other - one))
    expect(await text('search_documentation', { query: 'verify webhook signature' })).toContain(
      'vapi://docs/webhooks',
    )
  })

  it.each([
    ['guides', (each: string) => each === 'guides'],
    ['api', (each: string) => each === 'api'],
    ['changelog', (each: string) => each === 'changelog'],
  ])('really filters by %s', async (category, fits) => {
    const { data } = await connected(pages)
    const query = 'calls, voice provider, transfers, webhook'
    const { results } = (await data('search_documentation', {
      query,
      category,
      limit: 50,
    })) as unknown as Found
    expect(results.length).toBeGreaterThan(0)
    expect(results.every(found => fits(found.category))).toBe(true)
  })

  it('takes pages of examples, and sections with code, as examples', async () => {
    const { data } = await connected(pages)
    const { results } = (await data('search_documentation', {
      query: 'webhook',
      category: 'examples',
      limit: 50,
    })) as unknown as Found
    expect(uris(results).toSorted()).toEqual(['webhooks', 'webhooks/long'])
    for (const { snippet } of results) expect(snippet).toContain('```')
  })

  it('gives an operation first to who looks for it in the reference', async () => {
    const { data } = await connected(pages)
    const first = async (query: string) =>
      uris(((await data('search_documentation', { query, category: 'api' })) as unknown as Found).results)[0]
    expect(await first('GET /call/{id}')).toBe('api/get-call-id')
    expect(await first('POST https://api.vapi.ai/call')).toBe('api/post-call')
  })

  it('gives no more results than asked for, and no reply that is too long', async () => {
    const many = Array.from({ length: 60 }, (_, place) =>
      page(
        `many/${place}`,
        `Webhook ${place}`,
        'guides',
        `webhook\n\n\`\`\`\n${'webhook '.repeat(400)}\n\`\`\``,
      ),
    )
    const { data, text } = await connected(many)
    expect((await data('search_documentation', { query: 'webhook', limit: 3 })).results).toHaveLength(3)
    const all = await data('search_documentation', { query: 'webhook', limit: 50 })
    expect(all.leftOut).toBeGreaterThan(0)
    expect((await text('search_documentation', { query: 'webhook', limit: 50 })).length).toBeLessThan(25_000)
  })

  it('says so when nothing is found', async () => {
    const { call } = await connected(pages)
    const result = await call('search_documentation', { query: 'zzzzqqqq', category: 'api' })
    expect(result.isError).not.toBe(true)
    expect(result.content).toMatchObject([{ text: expect.stringContaining('Nothing was found') }])
  })
})

describe('get_examples', () => {
  it('gives code in the asked language alone, whole', async () => {
    const { data } = await connected(pages)
    const found = (await data('get_examples', { feature: 'webhook' })) as unknown as Examples
    expect(uris(found.examples)).toContain('webhooks/long')
    const languages = found.examples.flatMap(({ code }) => code.map(({ language }) => language))
    expect(new Set(languages)).toEqual(new Set(['typescript', 'ts']))
    const long = found.examples.find(({ uri }) => uri.endsWith('long'))
    expect(long?.code[0]?.code.split('\n')).toHaveLength(150)
  })

  it('takes only those shell commands for curl that call it', async () => {
    const { data } = await connected(pages)
    const found = (await data('get_examples', {
      feature: 'webhook',
      language: 'curl',
    })) as unknown as Examples
    const code = found.examples.flatMap(each => each.code.map(block => block.code))
    expect(code.length).toBeGreaterThan(0)
    expect(code.every(text => text.includes('curl'))).toBe(true)
  })

  it('finds the section of a page that is for the framework', async () => {
    const { data } = await connected(pages)
    const express = (await data('get_examples', {
      feature: 'webhook',
      framework: 'express',
    })) as unknown as Examples
    expect(express.examples.map(({ headings }) => headings.at(-1))).toEqual(['With express'])
    const python = { feature: 'webhook', language: 'python', framework: 'fastapi' }
    const fastapi = (await data('get_examples', python)) as unknown as Examples
    expect(fastapi.examples.map(({ headings }) => headings.at(-1))).toEqual(['With FastAPI'])
    const none = (await data('get_examples', {
      feature: 'webhook',
      framework: 'nextjs',
    })) as unknown as Examples
    expect(none.examples).toEqual([])
  })

  it('says which languages there are where the asked one has nothing', async () => {
    const { data, text } = await connected(pages)
    const found = (await data('get_examples', { feature: 'webhook', language: 'go' })) as unknown as Examples
    expect(found.examples).toEqual([])
    expect(found.instead.map(({ language }) => language)).toEqual(
      expect.arrayContaining(['typescript', 'python', 'curl']),
    )
    expect(await text('get_examples', { feature: 'webhook', language: 'go' })).toMatch(
      /no go code.*typescript/s,
    )
  })
})

describe('get_guides', () => {
  it('gives short guides whole', async () => {
    const { data } = await connected(pages)
    const { guides } = (await data('get_guides', { topic: 'parts of an assistant' })) as unknown as Guides
    expect(guides[0]).toMatchObject({ uri: 'vapi://docs/quickstart/introduction', headings: [] })
    expect(guides[0]?.text).toContain('## Webhooks in short')
  })

  it('gives of a long guide the section that fits, and cuts with a word', async () => {
    const { data } = await connected(pages)
    const section = (await data('get_guides', { topic: 'measure turn.latency' })) as unknown as Guides
    expect(section.guides[0]).toMatchObject({ headings: ['Measure latency'], isCut: false })
    expect(section.guides[0]?.text).toContain('Look at turn.latency.')
  })

  it('really filters by the level that the rule gives', async () => {
    const { data } = await connected(pages)
    const levels = async (level: string) =>
      ((await data('get_guides', { topic: 'webhook', level })) as unknown as Guides).guides.map(each => ({
        page: each.uri.replace('vapi://docs/', ''),
        level: each.level,
      }))
    expect(await levels('beginner')).toEqual([{ page: 'quickstart/introduction', level: 'beginner' }])
    const advanced = await levels('advanced')
    expect(advanced).toContainEqual({ page: 'webhooks', level: 'advanced' })
    expect(advanced.every(({ level }) => level === 'advanced')).toBe(true)
  })
})

describe('get_api_reference', () => {
  const titles = (found: Record<string, unknown>) =>
    (found as unknown as Reference).operations.map(({ title }) => title.split(' – ')[0])

  it.each([
    ['POST /call', ['POST /call']],
    ['/call', ['POST /call', 'GET /call']],
    ['https://api.vapi.ai/call/3f0e8a52-9a51-4d4c-9f0b-3d2b3c1f0a11?x=1', ['GET /call/{id}']],
    ['/calls/:id', ['GET /call/{id}']],
    ['client.calls.create', ['POST /call']],
    ['CallController_create', ['POST /call']],
    ['createcalldto', ['CreateCallDTO']],
    ['GET /call', ['GET /call']],
  ])('finds %s', async (endpoint, expected) => {
    const { data } = await connected(pages)
    expect(titles(await data('get_api_reference', { endpoint }))).toEqual(expected)
  })

  it('finds the operations of a resource', async () => {
    const { data } = await connected(pages)
    expect(titles(await data('get_api_reference', { endpoint: 'calls' }))).toEqual([
      'POST /call',
      'GET /call',
      'GET /call/{id}',
    ])
  })

  it.each([
    ['create a call', 'POST /call'],
    ['list all calls', 'GET /call'],
    ['get a single call', 'GET /call/{id}'],
  ])('finds what to %s', async (endpoint, first) => {
    const { data } = await connected(pages)
    expect(titles(await data('get_api_reference', { endpoint }))[0]).toBe(first)
  })

  it('really filters by method, and names the others', async () => {
    const { data, call } = await connected(pages)
    const found = await data('get_api_reference', { endpoint: '/call', method: 'GET' })
    expect(titles(found)).toEqual(['GET /call'])
    const none = await call('get_api_reference', { endpoint: '/call', method: 'DELETE' })
    expect(none.isError).not.toBe(true)
    expect(none.content).toMatchObject([
      { text: expect.stringMatching(/nothing with the method DELETE.*POST \/call/s) },
    ])
    const both = await call('get_api_reference', { endpoint: 'POST /call', method: 'GET' })
    expect(both.isError).toBe(true)
  })

  it('leaves code out when no examples are wanted', async () => {
    const { text } = await connected(pages)
    expect(await text('get_api_reference', { endpoint: 'POST /call' })).toContain('curl -X POST')
    const plain = await text('get_api_reference', { endpoint: 'POST /call', includeExamples: false })
    expect(plain).not.toContain('```')
    expect(plain).not.toContain('## Example')
    expect(plain).toContain('## Request body')
  })
})

describe('get_changelog', () => {
  it('gives the newest first, and no more than asked for', async () => {
    const { data } = await connected(pages)
    const all = (await data('get_changelog')) as unknown as Changes
    expect(all.releases.map(({ date }) => date)).toEqual(['2025-03-20', '2025-03-02', '2024-10-07'])
    const one = (await data('get_changelog', { limit: 1 })) as unknown as Changes
    expect([one.releases.length, one.leftOut]).toEqual([1, 2])
  })

  it.each([
    ['2025-03', ['2025-03-20', '2025-03-02']],
    ['2025-03-02', ['2025-03-02']],
    ['2024', ['2024-10-07']],
    ['knowledge bases', ['2025-03-20']],
    ['2019-01', []],
  ])('takes %s as a version', async (version, expected) => {
    const { data } = await connected(pages)
    const { releases } = (await data('get_changelog', { version })) as unknown as Changes
    expect(releases.map(({ date }) => date)).toEqual(expected)
  })

  it('really filters entries by type, with their code', async () => {
    const { data } = await connected(pages)
    const entries = async (type: string) =>
      ((await data('get_changelog', { type })) as unknown as Changes).releases.flatMap(each => each.entries)
    expect(await entries('features')).toEqual([
      '* Added knowledge bases.',
      expect.stringMatching(/New voice provider[\s\S]*"hume"/),
    ])
    expect(await entries('fixes')).toEqual([
      expect.stringContaining('Fixed transfers'),
      'Fixed the dashboard.',
    ])
    expect(await entries('breaking')).toEqual([expect.stringContaining('/old was removed')])
  })

  it('says what to do where there is no change log', async () => {
    const { text } = await connected(pages.filter(({ category }) => category !== 'changelog'))
    expect(await text('get_changelog')).toContain('vapi docs update')
  })
})

describe('validate_assistant', () => {
  it('gives findings with path, message and fix', async () => {
    const { data, text } = await connected(pages)
    const assistant = { firstMesage: 'Hello', model: { provider: 'openai', model: 'gpt-4o', temperature: 9 } }
    const found = await data('validate_assistant', { assistant })
    expect(found).toMatchObject({
      valid: false,
      findings: expect.arrayContaining([
        expect.objectContaining({
          path: 'firstMesage',
          code: 'unknown-field',
          fix: expect.stringContaining('firstMessage'),
        }),
        expect.objectContaining({ path: 'model.temperature', level: 'error' }),
      ]),
    })
    expect(await text('validate_assistant', { assistant })).toContain('`model.temperature`')
  })

  it('passes a good one', async () => {
    const { data } = await connected(pages)
    const assistant = { firstMessage: 'Hello', model: { provider: 'openai', model: 'gpt-4o' } }
    expect(await data('validate_assistant', { assistant })).toMatchObject({ valid: true, errors: 0 })
  })

  it('survives an assistant that is nested without end', async () => {
    const { call } = await connected(pages)
    let deep: unknown = 'end'
    for (let level = 0; level < 3000; level++) deep = { model: deep }
    const { isError = false, content } = await call('validate_assistant', { assistant: { model: deep } })
    expect([isError, content.length]).toEqual([expect.any(Boolean), 1])
    expect((await call('search_documentation', { query: 'webhook' })).isError).not.toBe(true)
  })
})

describe('a call that cannot be answered', () => {
  it.each([
    ['search_documentation', {}, /query: is missing[\s\S]*call it again with query, category \(optional\)/],
    ['search_documentation', { query: 'x', category: 'news' }, /category/],
    ['search_documentation', { query: '' }, /query/],
    ['search_documentation', { query: 'x', limit: 0 }, /limit/],
    ['get_examples', { feature: 'x', lang: 'go' }, /lang/],
    ['validate_assistant', { assistant: 'a text' }, /assistant/],
    ['force_reindex', {}, /there is no tool force_reindex[\s\S]*search_documentation/],
  ])('%s %j says what is wrong and what to do', async (name, args, told) => {
    const { call } = await connected(pages)
    const result = await call(name, args)
    expect(result.isError).toBe(true)
    expect(result.content).toMatchObject([{ type: 'text', text: expect.stringMatching(told) }])
  })

  it('tells why there is no documentation, and tries again with the next question', async () => {
    const library = libraryOf(pages)
    let tries = 0
    const { call } = await connected([], {
      library: async () => {
        if (tries++ > 0) return library
        throw new VapiError({
          code: 'installation-damaged',
          message: 'it is damaged',
          hint: 'install vapi again',
        })
      },
    })
    const first = await call('search_documentation', { query: 'webhook' })
    expect(first).toMatchObject({
      isError: true,
      content: [{ text: 'it is damaged\nWhat to do: install vapi again' }],
    })
    expect((await call('search_documentation', { query: 'webhook' })).isError).not.toBe(true)
  })

  it('is not answered once it was cancelled, and nothing else suffers', async () => {
    const library = libraryOf(pages)
    let open: () => void = () => {}
    const opened = new Promise<void>(resolve => {
      open = resolve
    })
    let searched = 0
    const watched = {
      ...library,
      search: (...args: Parameters<typeof library.search>) => {
        searched++
        return library.search(...args)
      },
    }
    const { client, call } = await connected([], { library: () => opened.then(() => watched) })
    const abort = new AbortController()
    const cancelled = client.callTool(
      { name: 'search_documentation', arguments: { query: 'webhook' } },
      undefined,
      { signal: abort.signal },
    )
    abort.abort('changed my mind')
    await expect(cancelled).rejects.toThrow('changed my mind')
    await client.ping()
    open()
    expect((await call('search_documentation', { query: 'webhook' })).isError).not.toBe(true)
    expect(searched).toBe(1)
  })
})
