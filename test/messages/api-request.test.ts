import { describe, expect, it } from 'vitest'
import { createRenderer } from '../../src/assistant/variables.ts'
import { buildRequest, extractVariables, type MakeRender } from '../../src/messages/api-request.ts'
import { checkArguments } from '../../src/messages/arguments.ts'

const makeRender: MakeRender = (texts, variables) => createRenderer(texts, { ...variables }, 0)
const customer = { customer: { number: '+15550100123' } }

describe('the request of an apiRequest tool', () => {
  it('puts arguments and variables into the address; a GET has no body', async () => {
    const tool = {
      method: 'GET',
      url: 'https://x.test/{{customer.number}}/{{order}}',
      body: { type: 'object' },
    }
    expect(await buildRequest(tool, { order: 7 }, customer, makeRender)).toEqual({
      method: 'GET',
      url: 'https://x.test/+15550100123/7',
      headers: {},
    })
  })

  it('joins fixed values, arguments and static parameters, the last of which win', async () => {
    const tool = {
      method: 'POST',
      url: 'https://x.test/',
      headers: { type: 'object', properties: { 'x-team': { type: 'string', value: '{{team}}' } } },
      body: {
        type: 'object',
        properties: { source: { type: 'string', value: 'call' }, day: { type: 'string' } },
      },
      parameters: [
        { key: 'caller', value: '{{customer.number}}' },
        { key: 'day', value: 'Monday' },
        { key: 'nested', value: { list: ['{{team}}', 1], deep: { n: null } } },
      ],
    }
    const request = await buildRequest(tool, { day: 'Friday' }, { ...customer, team: 'voice' }, makeRender)
    expect(request.headers).toEqual({ 'x-team': 'voice' })
    expect(JSON.parse(request.body ?? '')).toEqual({
      source: 'call',
      day: 'Monday',
      caller: '+15550100123',
      nested: { list: ['voice', 1], deep: { n: null } },
    })
  })
})

describe('what is taken out of a reply', () => {
  const reply = (body: unknown, headers = {}) => ({
    body: typeof body === 'string' ? body : JSON.stringify(body),
    headers,
  })
  const aliases = (...pairs: [string, string][]) => ({
    aliases: pairs.map(([key, value]) => ({ key, value })),
  })

  it('is named by aliases: of the body, its fields and the headers', async () => {
    const plan = aliases(
      ['id', '{{ $.data.id }}'],
      ['mail', '{{ $.data.email | downcase }}'],
      ['status', '{{status}}'],
      ['trace', '{{tool.response.headers.x-trace}}'],
      ['price', '{{ "$" }}{{ $.price }}'],
    )
    const body = { data: { id: 'u1', email: 'A@B.C' }, status: 'active', price: 3 }
    expect(await extractVariables(plan, reply(body, { 'x-trace': 't1' }), makeRender)).toEqual({
      variables: { id: 'u1', mail: 'a@b.c', status: 'active', trace: 't1', price: '$3' },
      findings: [],
    })
  })

  it('may come from a list', async () => {
    const extraction = await extractVariables(
      aliases(['first', '{{$[0].name}}']),
      reply([{ name: 'Ann' }]),
      makeRender,
    )
    expect(extraction?.variables).toEqual({ first: 'Ann' })
  })

  it('is named by a schema: properties one by one, a list as a whole', async () => {
    const schema = { type: 'object', properties: { name: { type: 'object' }, age: { type: 'number' } } }
    expect(await extractVariables({ schema }, reply({ name: { first: 'Ann' } }), makeRender)).toMatchObject({
      variables: { name: { first: 'Ann' } },
      findings: [{ level: 'warning', path: 'schema.age' }],
    })
    const list = { type: 'array', title: 'zips', items: { type: 'string' } }
    expect(await extractVariables({ schema: list }, reply(['1', '2']), makeRender)).toMatchObject({
      variables: { zips: ['1', '2'] },
    })
  })

  it('is nothing, and said so, where the reply is no JSON, lacks it, or the template is broken', async () => {
    expect(await extractVariables(aliases(['a', '{{$.a}}']), reply('<p>'), makeRender)).toMatchObject({
      findings: [{ level: 'error', message: expect.stringMatching(/not JSON/) }],
    })
    expect(await extractVariables(aliases(['a', '{{$.a}}']), reply({}), makeRender)).toMatchObject({
      findings: [{ level: 'warning', path: 'aliases.a' }],
    })
    expect(await extractVariables(aliases(['a', '{% what %}']), reply({ a: 1 }), makeRender)).toMatchObject({
      findings: [{ level: 'error', path: 'aliases.a' }],
    })
    expect(await extractVariables(undefined, reply({}), makeRender)).toBeNull()
  })
})

describe('arguments', () => {
  const schema = {
    type: 'object',
    properties: {
      day: { type: 'string', enum: ['Friday'], value: 'x' },
      when: { type: 'string', format: 'date-time' },
      guests: { type: 'array', items: { type: 'object', properties: { age: { type: 'number' } } } },
    },
    required: ['day'],
  }

  it('that fit a schema have no faults', async () => {
    const values = { day: 'Friday', when: '2026-01-05T09:00:00Z', guests: [{ age: 3 }] }
    expect(await checkArguments(schema, values)).toEqual([])
  })

  it('that do not fit have one fault each, with its place', async () => {
    expect(await checkArguments(schema, { day: 'Monday', when: 'soon', guests: [{ age: 'x' }] })).toEqual([
      expect.stringMatching(/^day must be equal to one of the allowed values \(\["Friday"\]\)$/),
      expect.stringMatching(/^when must match format "date-time"$/),
      expect.stringMatching(/^guests\.0\.age must be number$/),
    ])
    expect(await checkArguments(schema, {})).toEqual([
      expect.stringMatching(/^the arguments must have .*'day'$/),
    ])
  })

  it('cannot be judged by a broken schema, which is said', async () => {
    expect(await checkArguments({ type: 'thing' }, {})).toEqual([
      expect.stringMatching(/schema .* cannot be used/),
    ])
  })
})
