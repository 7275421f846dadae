import { describe, expect, it } from 'vitest'
import { prompts } from '../../../src/mcp/server/prompts.ts'
import { connected, page } from '../../support/mcp.ts'
import { pages } from './pages.ts'

const TEMPLATE = 'vapi://docs/{+id}'
const many = Array.from({ length: 230 }, (_, place) =>
  page(`p/${place}`, `Page ${place}`, 'guides', `text ${place}`),
)

describe('resources', () => {
  it('list every page, a hundred at a time', async () => {
    const { client } = await connected(many)
    const seen: string[] = []
    const sizes: number[] = []
    let cursor: string | undefined
    do {
      const { resources, nextCursor } = await client.listResources(cursor === undefined ? {} : { cursor })
      seen.push(...resources.map(({ uri }) => uri))
      sizes.push(resources.length)
      cursor = nextCursor
    } while (cursor !== undefined)
    expect(sizes).toEqual([100, 100, 30])
    expect(new Set(seen).size).toBe(230)
  })

  it('refuse a cursor that is not theirs', async () => {
    const { client } = await connected(many)
    await expect(client.listResources({ cursor: 'nonsense' })).rejects.toMatchObject({ code: -32602 })
  })

  it('are read with their address, title and whole text', async () => {
    const { client } = await connected(pages)
    for (const { id, title, text } of pages) {
      const uri = `vapi://docs/${id}`
      const { contents } = await client.readResource({ uri })
      expect(contents).toEqual([{ uri, mimeType: 'text/markdown', text: expect.stringContaining(text) }])
      expect(contents[0]).toMatchObject({
        text: expect.stringMatching(new RegExp(`^# ${title.replace(/[/{}]/g, '.')}`)),
      })
    }
  })

  it('are read by addresses with escapes, too', async () => {
    const { client } = await connected([page('a/what is it?', 'What', 'guides', 'an answer')])
    const { resources } = await client.listResources()
    expect(resources[0]?.uri).toBe('vapi://docs/a/what%20is%20it%3F')
    const { contents } = await client.readResource({ uri: resources[0]?.uri ?? '' })
    expect(contents[0]).toMatchObject({ text: expect.stringContaining('an answer') })
  })

  it.each([
    'vapi://docs/webhook',
    'vapi://docs/',
    'vapi://docs/../../etc/passwd',
    'file:///etc/passwd',
    'vapi://docs/%E0%A4%A',
  ])('are not found under %s', async uri => {
    const { client } = await connected(pages)
    await expect(client.readResource({ uri })).rejects.toMatchObject({ code: -32002 })
  })

  it('name the page that was probably meant', async () => {
    const { client } = await connected(pages)
    await expect(client.readResource({ uri: 'vapi://docs/webhook' })).rejects.toThrow('vapi://docs/webhooks')
  })

  it('have a template whose ids are completed', async () => {
    const { client } = await connected([...pages, ...many])
    const { resourceTemplates } = await client.listResourceTemplates()
    expect(resourceTemplates).toMatchObject([{ uriTemplate: TEMPLATE, mimeType: 'text/markdown' }])
    const ref = { type: 'ref/resource' as const, uri: TEMPLATE }
    const web = await client.complete({ ref, argument: { name: 'id', value: 'web' } })
    expect(web.completion.values).toEqual(['webhooks', 'webhooks/long'])
    const inside = await client.complete({ ref, argument: { name: 'id', value: 'LATENCY' } })
    expect(inside.completion.values).toEqual(['assistants/latency'])
    const all = await client.complete({ ref, argument: { name: 'id', value: 'p/' } })
    expect(all.completion).toMatchObject({ total: 230, hasMore: true })
    expect(all.completion.values).toHaveLength(100)
  })
})

describe('prompts', () => {
  it('are listed with their arguments', async () => {
    const { client } = await connected(pages)
    const list = await client.listPrompts()
    expect(
      list.prompts.map(({ name, arguments: given = [] }) => [name, given.map(each => each.name)]),
    ).toEqual([
      ['design_assistant', ['purpose', 'channel', 'language']],
      ['write_webhook_handler', ['events', 'framework']],
      ['debug_call', ['symptom', 'call']],
    ])
  })

  it.each([
    ['design_assistant', { purpose: 'book a table' }, 'book a table'],
    ['write_webhook_handler', { events: 'tool-calls', framework: 'hono' }, 'hono'],
    ['debug_call', { symptom: 'too slow', call: '3f0e' }, '3f0e'],
  ])('%s carries its arguments, tools that exist and pages that exist', async (name, args, carried) => {
    const { client } = await connected(pages)
    const { messages } = await client.getPrompt({ name, arguments: args })
    expect(messages).toHaveLength(1)
    const { content } = messages[0] ?? {}
    const text = content?.type === 'text' ? content.text : ''
    expect(text).toContain(carried)
    expect(text).not.toContain('undefined')
    const { tools } = await client.listTools()
    expect(tools.filter(tool => text.includes(tool.name)).length).toBeGreaterThan(0)
    const ids = [...text.matchAll(/vapi:\/\/docs\/(\S+)/g)].map(match => match[1])
    for (const id of ids) expect(pages.map(each => each.id)).toContain(id)
  })

  it('say which argument is missing', async () => {
    const { client } = await connected(pages)
    await expect(client.getPrompt({ name: 'debug_call', arguments: {} })).rejects.toThrow(/symptom/)
    await expect(client.getPrompt({ name: 'nope' })).rejects.toThrow(/design_assistant/)
  })

  it('complete their arguments', async () => {
    const { client } = await connected(pages)
    const values = async (name: string, argument: string, value: string) =>
      (await client.complete({ ref: { type: 'ref/prompt', name }, argument: { name: argument, value } }))
        .completion.values
    expect(await values('design_assistant', 'channel', 'p')).toEqual(['phone'])
    expect(await values('write_webhook_handler', 'events', 'tool-calls,end')).toEqual([
      'tool-calls, end-of-call-report',
    ])
    expect((await values('debug_call', 'symptom', '')).length).toBeGreaterThan(5)
    expect(await values('debug_call', 'call', 'x')).toEqual([])
  })

  it('names only message types that the platform has', async () => {
    const { serverMessageTypes } = await import('../../../src/messages/events.ts')
    const known = serverMessageTypes.map(({ type }) => type)
    const offered = prompts.find(({ name }) => name === 'write_webhook_handler')?.arguments[0]?.values ?? []
    expect(offered.filter(type => !known.includes(type))).toEqual([])
  })
})
