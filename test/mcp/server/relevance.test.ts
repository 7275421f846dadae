import { describe, expect, it } from 'vitest'
import { connected, page } from '../../support/mcp.ts'
import { pages } from './pages.ts'

const filler = Array.from({ length: 8 }, (_, place) =>
  page(`filler/${place}`, `Recording ${place}`, 'guides', 'A call is recorded.'),
)
const library = [
  ...pages.map(each =>
    each.id === 'api/post-call' ? { ...each, description: 'Makes an outbound call.' } : each,
  ),
  ...filler,
  page(
    'phone-numbers',
    'Get a phone number',
    'guides',
    'A number for calls.\n\n```bash\ncurl -X POST https://api.vapi.ai/phone-number\n```\n\n```ts\nawait client.phoneNumbers.create({})\n```',
  ),
  page(
    'squads',
    'Squads',
    'guides',
    'A squad has members.\n\n## Squad handoff\n\n```python\nsquad(handoff=True)\n```',
  ),
  page(
    'quickstart/start',
    'Quickstart',
    'guides',
    `${'Talk to an assistant. '.repeat(20)} There are squads, too: squads, squads.`,
  ),
  page(
    'changelog/2025-04-01',
    '2025-04-01',
    'changelog',
    '* The field `a` is no longer required.\n* You no longer need to set `b`.\n* The field `c` is no longer supported.',
  ),
]

interface Examples {
  examples: { uri: string }[]
  instead: { language: string }[]
}

describe('get_examples', () => {
  const ask = async (feature: string, language: string) => {
    const { data } = await connected(library)
    return (await data('get_examples', { feature, language })) as unknown as Examples
  }

  it('gives the operation for curl, and nothing about other things', async () => {
    const { examples } = await ask('create outbound call', 'curl')
    expect(examples.map(({ uri }) => uri)).toEqual(['vapi://docs/api/post-call'])
  })

  it('gives for an operation only code that calls it', async () => {
    expect((await ask('list calls', 'typescript')).examples).toEqual([])
    expect((await ask('create a call', 'curl')).examples).toHaveLength(1)
  })

  it('does not name the language that it has just said there is nothing in', async () => {
    const { examples, instead } = await ask('squad handoff', 'typescript')
    expect(examples).toEqual([])
    expect(instead.map(({ language }) => language)).toEqual(['python'])
  })

  it('says honestly that nothing fits', async () => {
    const { text } = await connected(library)
    expect(await text('get_examples', { feature: 'kubernetes deployment' })).toMatch(/no typescript code/)
  })
})

describe('get_guides', () => {
  it('gives no page that only mentions the topic', async () => {
    const { data } = await connected(library)
    expect((await data('get_guides', { topic: 'squads', level: 'beginner' })).guides).toEqual([])
    const { guides } = await data('get_guides', { topic: 'squads' })
    expect(guides).toMatchObject([{ uri: 'vapi://docs/squads' }])
  })
})

describe('get_changelog', () => {
  it('does not take for breaking what became easier', async () => {
    const { data } = await connected(library)
    const { releases } = await data('get_changelog', { type: 'breaking', version: '2025-04' })
    expect(releases).toMatchObject([{ entries: ['* The field `c` is no longer supported.'] }])
  })
})

describe('get_api_reference', () => {
  it.each(['POST /call/{id}/end', '/call/phone', 'call/phone'])(
    'says that there is no endpoint %s, and names the nearest without their bodies',
    async endpoint => {
      const { data, text } = await connected(library)
      const found = await data('get_api_reference', { endpoint })
      expect(found.operations).toEqual([])
      expect(JSON.stringify(found.related)).toContain('api/get-call')
      const said = await text('get_api_reference', { endpoint })
      expect(said.startsWith(`There is no endpoint ${endpoint} in the API reference.`)).toBe(true)
      expect(said).not.toContain('## ')
    },
  )

  it('says for a path that is like nothing how paths begin', async () => {
    const { text } = await connected(library)
    expect(await text('get_api_reference', { endpoint: '/nope/nope' })).toMatch(
      /no endpoint \/nope\/nope.*begin with \/call/,
    )
  })

  it('gives the field that a path leads to, with its type', async () => {
    const { data, text } = await connected(library)
    const found = await data('get_api_reference', { endpoint: 'createCallDTO.customer' })
    expect(found.fields).toMatchObject([
      { type: 'CreateCallDTO', uri: 'vapi://docs/api/types/CreateCallDTO' },
    ])
    expect(await text('get_api_reference', { endpoint: 'call.customer' })).toContain('who is called')
    expect(await text('get_api_reference', { endpoint: 'call.nope' })).toContain('no field call.nope')
  })
})
