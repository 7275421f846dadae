import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { jsonLines, startVapi, temporaryFolder, vapi } from '../support/program.ts'
import { startResourceServer } from '../support/resource-server.ts'

const ASSISTANT = '8f14e45f-ceea-4e7a-9c1d-2b7f6a1d5c3e'
const PHONE = '9f14e45f-ceea-4e7a-9c1d-2b7f6a1d5c3e'
const NUMBERS = ['+12125550101', '+12125550102', '+12125550103', '+12125550104']
const who = ['--assistant', ASSISTANT, '--phone', PHONE]

async function setUp() {
  const cwd = temporaryFolder()
  const api = await startResourceServer(cwd)
  writeFileSync(
    join(cwd, 'people.csv'),
    `number,name,plan\n${NUMBERS.map((number, place) => `${number},P${place},gold`).join('\n')}\n`,
  )
  const called = () =>
    api.changes().map(({ body }) => (body as { customer: { number: string } }).customer.number)
  const batch = ['call', 'create', ...who, '--contacts', 'people.csv', '--yes', '--rate', '60000']
  return { cwd, api, called, batch, env: api.env }
}

describe('vapi call create', () => {
  it('makes one call with variables and a time', async () => {
    const { cwd, api, env } = await setUp()
    const args = [
      'call',
      'create',
      ...who,
      '--to',
      '+1 212 555 0101',
      '--var',
      'name=Ada',
      '--at',
      '2030-01-01T09:00:00Z/2030-01-01T10:00:00Z',
    ]
    const { code, stdout } = await vapi(args, { cwd, env })
    expect(code).toBe(0)
    expect(stdout).toBe(`${api.rows('/call')[0]?.id}\n`)
    expect(api.changes()[0]?.body).toEqual({
      assistantId: ASSISTANT,
      phoneNumberId: PHONE,
      customer: { number: '+12125550101' },
      schedulePlan: { earliestAt: '2030-01-01T09:00:00.000Z', latestAt: '2030-01-01T10:00:00.000Z' },
      assistantOverrides: { variableValues: { name: 'Ada' } },
    })
  })

  it('takes a file as an assistant or as the whole body', async () => {
    const { cwd, api, env } = await setUp()
    writeFileSync(join(cwd, 'a.yaml'), 'name: Inline\nfirstMessage: Hi\n')
    writeFileSync(
      join(cwd, 'b.json'),
      JSON.stringify({ assistantId: 'x', customer: { number: '+12125550101' }, phoneNumberId: 'p' }),
    )
    await vapi(['call', 'create', '--file', 'a.yaml', '--phone', PHONE, '--to', NUMBERS[0] ?? ''], {
      cwd,
      env,
    })
    await vapi(['call', 'create', '--file', 'b.json'], { cwd, env })
    expect(api.changes().map(({ body }) => body)).toMatchObject([
      { assistant: { name: 'Inline', firstMessage: 'Hi' } },
      { assistantId: 'x', phoneNumberId: 'p' },
    ])
  })

  it('calls after so long with a distance as its time', async () => {
    const { cwd, api, env } = await setUp()
    const before = Date.now()
    await vapi(['call', 'create', ...who, '--to', '+12125550101', '--at', '2h'], { cwd, env })
    const [created] = api.changes().map(({ body }) => body as { schedulePlan: { earliestAt: string } })
    const aheadMs = Date.parse(created?.schedulePlan.earliestAt ?? '') - before
    expect(Math.round(aheadMs / 60_000)).toBeGreaterThanOrEqual(120)
    expect(aheadMs).toBeLessThan(7_300_000)
  })

  it.each([
    [['--to', '+12125550101'], '--assistant is missing'],
    [['--assistant', ASSISTANT, '--to', '+12125550101'], '--phone is missing'],
    [who, '--to is missing'],
    [[...who, '--to', '2125550101'], 'did you mean +12125550101?'],
    [[...who, '--to', '+12125550101', '--at', '2001-01-01'], 'in the past'],
    [[...who, '--to', '+12125550101', '--at', '2031-01-01/2030-01-01'], 'before the earliest'],
    [[...who, '--to', '+12125550101', '--to', '+12125550102'], '--results'],
    [[...who, '--contacts', 'people.csv'], '--yes'],
  ])('with %j says: %s', async (args, message) => {
    const { cwd, api, env } = await setUp()
    const { code, stderr } = await vapi(['call', 'create', ...args], { cwd, env })
    expect(code).toBe(2)
    expect(stderr).toContain(message)
    expect(api.changes()).toEqual([])
  })

  it('warns before a free number calls abroad', async () => {
    const { cwd, api, env } = await setUp()
    const { id } = api.put('/phone-number', { provider: 'vapi', number: '+14155550100' })
    const args = (to: string) => ['call', 'create', '--assistant', ASSISTANT, '--phone', id, '--to', to]
    expect((await vapi(args('+4930123456'), { cwd, env })).stderr).toMatch(/warning: .*US alone.*DE/)
    expect((await vapi(args('+12125550101'), { cwd, env })).stderr).not.toContain('warning')
  })
})

describe('a batch of calls', () => {
  it('calls everybody in the table once, each with its variables', async () => {
    const { cwd, api, called, batch, env } = await setUp()
    const { code, stderr, stdout } = await vapi([...batch, '--json'], { cwd, env })
    expect(code).toBe(0)
    expect(called()).toEqual(NUMBERS)
    expect(api.changes()[1]?.body).toMatchObject({
      customer: { name: 'P1' },
      assistantOverrides: { variableValues: { plan: 'gold' } },
    })
    expect(JSON.parse(stdout)).toMatchObject({ contacts: 4, done: 4, failed: 0, uncertain: 0, open: 0 })
    expect(stderr).toContain('4 of 4 called')
    const again = await vapi(batch, { cwd, env })
    expect(again.code).toBe(0)
    expect(called()).toHaveLength(4)
  })

  it('goes on after a refused contact, and calls only that one again', async () => {
    const { cwd, api, called, batch, env } = await setUp()
    let refusing = true
    api.before = ({ body }, response) => {
      if (!refusing || (body as { customer?: { number: string } })?.customer?.number !== NUMBERS[1])
        return undefined
      response.writeHead(400, { 'content-type': 'application/json' })
      response.end('{"message":"customer.number is blocked","statusCode":400}')
      return true
    }
    const first = await vapi(batch, { cwd, env })
    expect(first.code).toBe(1)
    expect(first.stderr).toMatch(/row 2: .*blocked/)
    refusing = false
    expect((await vapi(batch, { cwd, env })).code).toBe(0)
    expect(called()).toEqual([...NUMBERS, NUMBERS[1]])
  })

  it('ends at once where the key is refused', async () => {
    const { cwd, api, batch, env } = await setUp()
    api.before = (_, response) => {
      response.writeHead(401, { 'content-type': 'application/json' })
      response.end('{"message":"Invalid Key","statusCode":401}')
      return true
    }
    expect(await vapi(batch, { cwd, env })).toMatchObject({ code: 4 })
    expect(api.changes()).toHaveLength(1)
  })

  it('that is killed in the middle of a call never makes that call twice', async () => {
    const { cwd, api, called, batch, env } = await setUp()
    api.before = ({ body }) => {
      if ((body as { customer: { number: string } }).customer.number !== NUMBERS[2]) return undefined
      running.child.kill('SIGKILL')
      return true
    }
    const running = startVapi(batch, { cwd, env })
    await running.finished
    api.before = () => undefined
    const { code, stderr } = await vapi(batch, { cwd, env })
    expect(called()).toEqual(NUMBERS)
    expect(code).toBe(1)
    expect(stderr).toContain('1 uncertain')
    expect((await vapi([...batch, '--retry-uncertain'], { cwd, env })).code).toBe(0)
    expect(called()).toEqual([...NUMBERS, NUMBERS[2]])
  })

  it('never calls again where the call was made and its answer cannot be read', async () => {
    const { cwd, api, called, batch, env } = await setUp()
    const answers = ['<html>made</html>', '{}', '"made"', '']
    api.before = (_, response) => {
      response.writeHead(201, { 'content-type': 'application/json' }).end(answers.shift() ?? '{"id":"1"}')
      return true
    }
    const { code, stderr } = await vapi(batch, { cwd, env })
    expect(code).toBe(1)
    expect(stderr).toContain('0 of 4 called, 0 failed, 4 uncertain')
    await vapi(batch, { cwd, env })
    expect(called()).toEqual(NUMBERS)
  })

  it('ends on Ctrl-C between two calls, and goes on later', async () => {
    const { cwd, api, called, batch, env } = await setUp()
    const slow = [...batch.slice(0, -1), '1']
    const running = startVapi(slow, { cwd, env, stdin: null })
    api.before = () => {
      // The reply is on its way; the wait of a minute for the next call follows.
      setImmediate(() => running.child.kill('SIGINT'))
      return undefined
    }
    const { code, stderr } = await running.finished
    expect(code).toBe(130)
    expect(stderr).toContain('still open')
    api.before = () => undefined
    await vapi([...batch, '--retry-uncertain'], { cwd, env })
    expect(new Set(called())).toEqual(new Set(NUMBERS))
  })

  it('is refused while another program works on it', async () => {
    const { cwd, api, called, batch, env } = await setUp()
    let second: ReturnType<typeof vapi> | null = null
    api.before = () => {
      second ??= vapi(batch, { cwd, env })
      return undefined
    }
    const first = await vapi([...batch.slice(0, -1), '600'], { cwd, env })
    expect(first.code).toBe(0)
    expect(await second).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('in use by another process'),
    })
    expect(called()).toEqual(NUMBERS)
  })

  it('keeps a line for each step', async () => {
    const { cwd, batch, env } = await setUp()
    await vapi(batch, { cwd, env })
    const lines = jsonLines(readFileSync(join(cwd, 'people.csv.results.jsonl'), 'utf8'))
    expect(lines[0]).toMatchObject({ format: 1, type: 'batch' })
    expect(lines.slice(1, 3)).toMatchObject([
      { row: 1, state: 'sending', number: NUMBERS[0] },
      { row: 1, state: 'done', callId: expect.any(String) },
    ])
  })
})

describe('vapi campaign create', () => {
  it('puts the table, its variables and the schedule into the campaign', async () => {
    const { cwd, api, env } = await setUp()
    const args = [
      'campaign',
      'create',
      '--name',
      'Spring',
      '--contacts',
      'people.csv',
      ...who,
      '--schedule',
      '2030-03-01T09:00:00Z/2030-03-01T17:00:00Z',
    ]
    expect(await vapi(args, { cwd, env })).toMatchObject({ code: 0 })
    expect(api.changes()[0]).toMatchObject({
      path: '/campaign',
      body: {
        name: 'Spring',
        assistantId: ASSISTANT,
        phoneNumberId: PHONE,
        schedulePlan: { earliestAt: '2030-03-01T09:00:00.000Z', latestAt: '2030-03-01T17:00:00.000Z' },
        customers: NUMBERS.map((number, place) => ({
          number,
          name: `P${place}`,
          assistantOverrides: { variableValues: { plan: 'gold' } },
        })),
      },
    })
    expect((await vapi(['campaign', 'create', '--name', 'S', ...who], { cwd, env })).stderr).toContain(
      '--contacts is missing',
    )
  })

  it('is ended by its name', async () => {
    const { cwd, api, env } = await setUp()
    const { id } = api.put('/campaign', { name: 'Spring', status: 'in-progress' })
    expect(await vapi(['campaign', 'end', 'Spring', '--yes'], { cwd, env })).toMatchObject({ code: 0 })
    expect(api.changes()).toMatchObject([
      { method: 'PATCH', path: `/campaign/${id}`, body: { status: 'ended' } },
    ])
  })
})
