import { existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { findServerResources, openServer } from '../../../src/commands/listen-servers.ts'
import { Exit } from '../../../src/errors.ts'
import { identityOf } from '../../../src/listen/tunnel/process-identity.ts'
import { needsRepair, repairServers } from '../../../src/listen/tunnel/repair.ts'
import { pointServers } from '../../../src/listen/tunnel/servers.ts'
import { temporaryFolder } from '../../support/program.ts'
import { type ResourceServer, startResourceServer } from '../../support/resource-server.ts'
import { contextOf } from './programs/context.ts'

const TUNNEL = 'https://a.ngrok-free.app'
const OLD = {
  url: 'https://example.com/hook',
  timeoutSeconds: 45,
  headers: { 'X-Team': 'voice' },
  credentialId: '8f14e45f-0000-4000-8000-000000000001',
  futureField: { kept: true },
}

interface World {
  api: ResourceServer
  folder: string
  /** The content of the record, or null. */
  record(): { format: number; entries: Record<string, unknown>[] } | null
  point(references: string[], url?: string, signal?: AbortSignal): ReturnType<typeof pointServers>
  repair(options?: {
    force?: boolean
    account?: string | null
    baseUrl?: string
    key?: string | null
  }): ReturnType<typeof repairServers>
  server(name: string): unknown
  /** The entries belong to a listener that is gone. */
  killListener(): void
}

async function world(): Promise<World> {
  const api = await startResourceServer(temporaryFolder())
  const folder = join(temporaryFolder(), '.vapi', 'listen')
  const path = join(folder, 'restore.json')
  const record = () => (existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : null)
  const find = (name: string) =>
    ['/assistant', '/phone-number'].flatMap(each => api.rows(each)).find(row => row.name === name)
  return {
    api,
    folder,
    record,
    async point(references, url = TUNNEL, signal) {
      const resources = await findServerResources(references, contextOf(api.url))
      return pointServers({ folder, url, resources, ...(signal !== undefined && { signal }) })
    },
    repair: ({ force = false, account = 'main', baseUrl = api.url, key = 'a-key' } = {}) =>
      repairServers({ folder, force, open: owner => openServer(owner, contextOf(baseUrl, account, key)) }),
    server: name => find(name)?.server,
    killListener() {
      const present = record()
      // A number that was given again, to this very process.
      for (const entry of present.entries) entry.by = { ...identityOf(process.pid), started: 'before' }
      writeFileSync(path, JSON.stringify(present))
    },
  }
}

/** The API answers nothing but errors from now on; gives a function that ends it. */
function breakDown(api: ResourceServer, status = 403): () => void {
  api.before = (_, response) => {
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end('{"message":"not today"}')
    return true
  }
  return () => {
    api.before = () => undefined
  }
}

const states = (outcomes: readonly { state: string }[]) => outcomes.map(({ state }) => state)

describe('servers that are pointed to a tunnel', () => {
  it('get its address and keep all else; at the end everything is as it was', async () => {
    const { api, folder, point, record, server } = await world()
    const assistant = api.put('/assistant', { name: 'Reception', server: OLD, firstMessage: 'Hi' })
    const phone = api.put('/phone-number', { name: 'Office', provider: 'twilio', number: '+15551234567' })
    const pointed = await point(['assistant:Reception', `phone:${phone.id}`, `assistant:${assistant.id}`])
    expect(server('Reception')).toEqual({ ...OLD, url: TUNNEL })
    expect(server('Office')).toEqual({ url: TUNNEL })
    expect(api.changes()).toHaveLength(2)
    expect(api.changes()[1]?.body).toEqual({ server: { url: TUNNEL }, provider: 'twilio' })
    expect(statSync(join(folder, 'restore.json')).mode & 0o777).toBe(0o600)
    expect(record()?.entries).toMatchObject([
      {
        kind: 'assistant',
        id: assistant.id,
        baseUrl: api.url,
        account: 'main',
        before: { url: OLD.url },
        ours: [TUNNEL],
      },
      { kind: 'phone', name: 'Office', before: { hadServer: false, url: null }, by: { pid: process.pid } },
    ])
    expect(readFileSync(join(folder, 'restore.json'), 'utf8')).not.toContain('X-Team')
    const outcomes = await pointed.restore()
    expect(outcomes.map(({ message }) => message)).toEqual([
      'phone number Office has no server again',
      'assistant Reception has https://example.com/hook again',
    ])
    expect(server('Reception')).toEqual(OLD)
    expect(server('Office')).toBeNull()
    expect(record()).toBeNull()
    expect(await pointed.restore()).toEqual([])
  })

  it('are written down before they are changed', async () => {
    const { api, point, record } = await world()
    api.put('/assistant', { name: 'Reception', server: OLD })
    const written: unknown[] = []
    api.before = ({ method }) => {
      if (method === 'PATCH') written.push(record()?.entries.length)
      return undefined
    }
    await point(['assistant:Reception'])
    expect(written).toEqual([1])
  })

  it('keep the secret of the older form', async () => {
    const { api, point, server } = await world()
    const row = api.put('/assistant', {
      name: 'Old',
      serverUrl: 'https://old.example.com',
      serverUrlSecret: 'pass',
    })
    const pointed = await point(['assistant:Old'])
    expect(server('Old')).toEqual({ url: TUNNEL, headers: { 'X-Vapi-Secret': 'pass' } })
    expect(row.serverUrl).toBeNull()
    await pointed.restore()
    expect(server('Old')).toEqual({ url: 'https://old.example.com', headers: { 'X-Vapi-Secret': 'pass' } })
  })

  it('follow the tunnel to a new address', async () => {
    const { api, point, server, record } = await world()
    api.put('/assistant', { name: 'Reception', server: OLD })
    const pointed = await point(['assistant:Reception'])
    expect(await pointed.update('https://b.ngrok-free.app')).toEqual([])
    expect(server('Reception')).toEqual({ ...OLD, url: 'https://b.ngrok-free.app' })
    expect(record()?.entries).toMatchObject([
      { ours: [TUNNEL, 'https://b.ngrok-free.app'], before: { url: OLD.url } },
    ])
    expect(states(await pointed.restore())).toEqual(['restored'])
    expect(server('Reception')).toEqual(OLD)
  })

  it('are set back in turn when the end comes while they follow', async () => {
    const { api, point, server, record } = await world()
    api.put('/assistant', { name: 'Reception', server: OLD })
    const pointed = await point(['assistant:Reception'])
    await Promise.all([pointed.update('https://b.ngrok-free.app'), pointed.restore()])
    expect(server('Reception')).toEqual(OLD)
    expect(record()).toBeNull()
    expect(await pointed.update('https://c.ngrok-free.app')).toEqual([])
    expect(server('Reception')).toEqual(OLD)
  })

  it('keep what somebody changed in the meantime: another address wholly, other fields beside the old address', async () => {
    const { api, point, server, record } = await world()
    const one = api.put('/assistant', { name: 'One', server: OLD })
    const two = api.put('/assistant', { name: 'Two', server: OLD })
    const pointed = await point(['assistant:One', 'assistant:Two'])
    one.server = { url: 'https://me:pass@new.example.com/x' }
    two.server = { ...OLD, url: TUNNEL, timeoutSeconds: 9 }
    const outcomes = await pointed.restore()
    expect(states(outcomes)).toEqual(['restored', 'changed'])
    expect(outcomes[1]?.message).toBe(
      'assistant One was set to https://***:***@new.example.com/x meanwhile: let alone (it was https://example.com/hook before)',
    )
    expect(server('One')).toEqual({ url: 'https://me:pass@new.example.com/x' })
    expect(server('Two')).toEqual({ ...OLD, timeoutSeconds: 9 })
    expect(record()).toBeNull()
  })

  it('are not followed where somebody changed them', async () => {
    const { api, point, server, record } = await world()
    const row = api.put('/assistant', { name: 'One', server: OLD })
    const pointed = await point(['assistant:One'])
    row.server = { url: 'https://new.example.com' }
    expect(states(await pointed.update('https://b.ngrok-free.app'))).toEqual(['changed'])
    expect(server('One')).toEqual({ url: 'https://new.example.com' })
    expect(record()).toBeNull()
    expect(await pointed.restore()).toEqual([])
  })

  it('are let alone where they lead there already', async () => {
    const { api, point, server, record } = await world()
    api.put('/assistant', { name: 'Fixed', server: { url: TUNNEL } })
    const pointed = await point(['assistant:Fixed'])
    expect(api.changes()).toEqual([])
    expect(record()).toBeNull()
    await pointed.restore()
    expect(server('Fixed')).toEqual({ url: TUNNEL })
  })

  it('are all set back when one of them cannot be pointed', async () => {
    const { api, point, server, record } = await world()
    api.put('/assistant', { name: 'One', server: OLD })
    const two = api.put('/assistant', { name: 'Two', server: OLD })
    api.before = ({ method, path }, response) => {
      if (method !== 'PATCH' || !path.endsWith(two.id)) return undefined
      response.writeHead(400, { 'content-type': 'application/json' })
      response.end('{"message":["server.url must be a URL address"]}')
      return true
    }
    await expect(point(['assistant:One', 'assistant:Two'])).rejects.toMatchObject({ code: 'invalid-request' })
    expect(server('One')).toEqual(OLD)
    expect(server('Two')).toEqual(OLD)
    expect(record()).toBeNull()
  })

  it('are set back by a Ctrl-C between two of them', async () => {
    const { api, point, server, record } = await world()
    api.put('/assistant', { name: 'One', server: OLD })
    api.put('/assistant', { name: 'Two', server: OLD })
    const interrupt = new AbortController()
    api.before = ({ method }) => {
      if (method === 'PATCH') interrupt.abort(new Error('interrupted'))
      return undefined
    }
    await expect(point(['assistant:One', 'assistant:Two'], TUNNEL, interrupt.signal)).rejects.toThrow(
      'interrupted',
    )
    expect([server('One'), server('Two')]).toEqual([OLD, OLD])
    expect(record()).toBeNull()
  })

  it('are not taken from another listener of the folder that runs', async () => {
    const { api, point, server } = await world()
    api.put('/assistant', { name: 'Reception', server: OLD })
    await point(['assistant:Reception'])
    await expect(point(['assistant:Reception'], 'https://b.ngrok-free.app')).rejects.toMatchObject({
      code: 'restore-taken',
    })
    expect(server('Reception')).toEqual({ ...OLD, url: TUNNEL })
  })

  it('are not touched where nothing can be written down', async () => {
    const { api, folder, point } = await world()
    api.put('/assistant', { name: 'Reception', server: OLD })
    mkdirSync(join(folder, '..'), { recursive: true })
    symlinkSync('/proc/self/nothing', folder)
    await expect(point(['assistant:Reception'])).rejects.toMatchObject({ code: 'listen-folder' })
    expect(api.changes()).toEqual([])
  })

  it.each([
    ['assistant', 'not of the form'],
    ['tool:Weather', 'not of the form'],
  ])('are refused as %s', async (reference, message) => {
    const { point } = await world()
    await expect(point([reference])).rejects.toThrow(message)
  })

  it('want a login', async () => {
    const { api } = await world()
    const found = findServerResources(['assistant:Reception'], contextOf(api.url, null, null))
    await expect(found).rejects.toMatchObject({ code: 'not-logged-in', exit: Exit.notLoggedIn })
  })
})

describe('the next start', () => {
  async function left() {
    const it = await world()
    it.api.put('/assistant', { name: 'Reception', server: OLD })
    const pointed = await it.point(['assistant:Reception'])
    return { ...it, pointed }
  }

  it('sets back what stayed because the API was down', async () => {
    const { api, folder, pointed, record, repair, server, killListener } = await left()
    const mend = breakDown(api)
    const [outcome] = await pointed.restore()
    expect(outcome).toMatchObject({ state: 'failed', hint: 'vapi listen repair --account main' })
    expect(outcome?.message).toContain(
      'assistant Reception may still have the tunnel’s address https://a.ngrok-free.app (it was https://example.com/hook before)',
    )
    expect(record()?.entries).toHaveLength(1)
    killListener()
    expect(needsRepair(folder)).toBe(true)
    expect(states(await repair())).toEqual(['failed'])
    mend()
    expect(states(await repair())).toEqual(['restored'])
    expect(server('Reception')).toEqual(OLD)
    expect(record()).toBeNull()
    expect(needsRepair(folder)).toBe(false)
  })

  it('leaves a listener that runs alone, unless it is forced', async () => {
    const { folder, record, repair, server } = await left()
    expect(needsRepair(folder)).toBe(false)
    expect(states(await repair())).toEqual(['busy'])
    expect(record()?.entries).toHaveLength(1)
    expect(states(await repair({ force: true }))).toEqual(['restored'])
    expect(server('Reception')).toEqual(OLD)
  })

  it('leaves alone what somebody has changed since', async () => {
    const { api, record, repair, server, killListener } = await left()
    killListener()
    const [row] = api.rows('/assistant')
    if (row !== undefined) row.server = { url: 'https://new.example.com' }
    expect(states(await repair())).toEqual(['changed'])
    expect(server('Reception')).toEqual({ url: 'https://new.example.com' })
    expect(record()).toBeNull()
  })

  it('keeps the record for the account that it belongs to', async () => {
    const { api, record, repair, killListener } = await left()
    killListener()
    const asked = api.requests.length
    const [outcome] = await repair({ account: 'other' })
    expect(outcome).toMatchObject({ state: 'other-account', hint: 'vapi listen repair --account main' })
    expect(states(await repair({ baseUrl: 'https://api.example.com' }))).toEqual(['other-account'])
    expect(states(await repair({ key: null }))).toEqual(['failed'])
    expect(api.requests).toHaveLength(asked)
    expect(record()?.entries).toHaveLength(1)
  })

  it('forgets what was deleted only when it is told to', async () => {
    const { api, record, repair, killListener } = await left()
    killListener()
    api.rows('/assistant').pop()
    const [outcome] = await repair()
    expect(outcome).toMatchObject({
      state: 'failed',
      hint: expect.stringContaining('vapi listen repair --force'),
    })
    expect(record()?.entries).toHaveLength(1)
    expect(states(await repair({ force: true }))).toEqual(['gone'])
    expect(record()).toBeNull()
  })

  it('does not judge listeners of other machines', async () => {
    const { folder, record, repair } = await left()
    const present = record()
    for (const entry of present?.entries ?? []) entry.by = { ...identityOf(process.pid), place: 'elsewhere' }
    writeFileSync(join(folder, 'restore.json'), JSON.stringify(present))
    const [outcome] = await repair()
    expect(outcome).toMatchObject({ state: 'elsewhere', hint: expect.stringContaining('--force') })
    expect(states(await repair({ force: true }))).toEqual(['restored'])
  })

  it('goes back to what was there before a listener that was killed, also without a repair', async () => {
    const { api, point, server, killListener } = await left()
    killListener()
    const pointed = await point(['assistant:Reception'], 'https://b.ngrok-free.app')
    expect(server('Reception')).toEqual({ ...OLD, url: 'https://b.ngrok-free.app' })
    await pointed.restore()
    expect(server('Reception')).toEqual(OLD)
    expect(api.changes()).toHaveLength(3)
  })

  it('takes over what a killed listener left at the same address', async () => {
    const { point, record, server, killListener } = await left()
    killListener()
    const pointed = await point(['assistant:Reception'], TUNNEL)
    expect(record()?.entries).toMatchObject([{ by: { pid: process.pid }, before: { url: OLD.url } }])
    await pointed.restore()
    expect(server('Reception')).toEqual(OLD)
  })

  it.each([
    ['{"format":1,"entries":[{}]}', 'restore-malformed'],
    ['{"format"', 'restore-malformed'],
    ['{"format":2,"entries":[]}', 'restore-newer'],
  ])('refuses the record %s and lets it be', async (text, code) => {
    const { folder, point, repair, api } = await left()
    writeFileSync(join(folder, 'restore.json'), text)
    await expect(repair()).rejects.toMatchObject({ code })
    api.put('/assistant', { name: 'Two', server: OLD })
    await expect(point(['assistant:Two'])).rejects.toMatchObject({ code })
    expect(readFileSync(join(folder, 'restore.json'), 'utf8')).toBe(text)
  })
})
