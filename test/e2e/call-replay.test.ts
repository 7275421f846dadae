import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type FakeOpenAi, startFakeOpenAi, textReply } from '../support/fake-openai.ts'
import { type Finished, startVapi, temporaryFolder, vapi } from '../support/program.ts'

async function model(): Promise<FakeOpenAi> {
  const server = await startFakeOpenAi()
  onTestFinished(() => server.close())
  return server
}

/** A folder with an assistant that talks to the given model, with keys that no file may show. */
function assistantFolder(server: FakeOpenAi): string {
  const folder = temporaryFolder()
  const assistant = {
    name: 'Desk',
    firstMessage: 'Hello {{name}}.',
    model: {
      provider: 'custom-llm',
      url: server.baseUrl,
      model: 'test',
      messages: [{ role: 'system', content: 'Be brief.' }],
    },
    credentials: [{ provider: 'custom-llm', apiKey: 'hidden-key' }],
    server: { url: `${server.baseUrl}/events`, secret: 'hidden-secret' },
    serverMessages: [],
    startSpeakingPlan: { waitSeconds: 0.1, smartEndpointingPlan: { provider: 'vapi' } },
  }
  writeFileSync(join(folder, 'assistant.json'), JSON.stringify(assistant))
  return folder
}

const saved = [
  'call',
  'local',
  'assistant.json',
  '--save',
  'call.vapicall',
  '--var',
  'name=Ann',
  '--skip-analysis',
]
const env = { OPENAI_API_KEY: 'hidden-provider-key' }

interface Replayed {
  identical: boolean
  differs: boolean
  cutOff: boolean
  inputs: number
  turns: { status: string; difference: { totalMs: number; waitMs: number } | null }[]
}

function document({ stdout }: Finished): Replayed {
  return JSON.parse(stdout)
}

describe('a typed call that is saved', () => {
  it('is replayed exactly, and with another wait', async () => {
    const server = await model()
    server.script(textReply(['Tomorrow', ' at nine.']), textReply(['Bye.']))
    const cwd = assistantFolder(server)
    const call = await vapi([...saved, '--in', 'text'], { cwd, env, stdin: 'When?\nThanks.\n' })
    expect(call).toMatchObject({ code: 0, stderr: expect.stringMatching(/^saved +\/.*call\.vapicall$/m) })
    const path = join(cwd, 'call.vapicall')
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(readFileSync(path, 'utf8')).not.toMatch(/hidden-/)

    const exact = await vapi(['call', 'replay', 'call.vapicall'], { cwd })
    expect(exact).toMatchObject({
      code: 0,
      stderr: '',
      stdout: expect.stringMatching(/^identical: \d+ inputs gave the same \d+ commands\n$/),
    })

    const same = await vapi(
      ['call', 'replay', 'call.vapicall', '--set', 'startSpeakingPlan.waitSeconds=0.1', '--json'],
      { cwd },
    )
    expect(same.code).toBe(0)
    expect(document(same)).toMatchObject({ differs: false })

    const later = await vapi(
      ['call', 'replay', 'call.vapicall', '--set', 'startSpeakingPlan.waitSeconds=0.5', '--json'],
      { cwd },
    )
    expect(later.code).toBe(3)
    const { turns } = document(later)
    expect(
      turns.map(({ status, difference }) => [
        status,
        difference?.waitMs ?? null,
        difference?.totalMs ?? null,
      ]),
    ).toEqual([
      ['same', null, null],
      ['differs', 400, 400],
      ['differs', 400, 400],
    ])

    const text = await vapi(
      ['call', 'replay', 'call.vapicall', '--set', 'model.messages[0].content=Be long.'],
      { cwd },
    )
    expect(text).toMatchObject({
      code: 3,
      stderr: expect.stringMatching(/diverged from turn 1 on, at .* was not asked this before/),
    })
    expect(text.stdout).toMatch(/^1\tcustomer\tWhen\?\tWhen\?\tdiverged$/m)
  }, 60_000)

  it('loses nothing but its last line when the program is killed', async () => {
    const server = await model()
    server.script(textReply(['Tomorrow at nine.']))
    const cwd = assistantFolder(server)
    const running = startVapi([...saved, '--in', 'text'], { cwd, env, stdin: null })
    running.child.stdin?.write('When?\n')
    await running.prints('Tomorrow at nine.')
    running.child.kill('SIGKILL')
    await running.finished
    const exact = await vapi(['call', 'replay', 'call.vapicall', '--json'], { cwd })
    expect(exact.code).toBe(0)
    expect(document(exact)).toMatchObject({ identical: true, cutOff: true })
    // What was on the screen is in the file.
    expect(readFileSync(join(cwd, 'call.vapicall'), 'utf8')).toContain(
      '"assistant.speech.started","text":"Tomorrow at nine."',
    )
    const slower = await vapi(
      ['call', 'replay', 'call.vapicall', '--set', 'startSpeakingPlan.waitSeconds=0.6'],
      { cwd },
    )
    expect(slower.stderr).toContain('the record was cut off before the end of the call')
    expect(slower.stderr).toMatch(/not compared from turn 1 on: the recorded call was cut off here/)
  }, 60_000)

  it('is found to be tampered with', async () => {
    const cwd = await simulated()
    const path = join(cwd, 'call.vapicall')
    writeFileSync(path, readFileSync(path, 'utf8').replace('"waitMs":100', '"waitMs":90'))
    const { code, stdout, stderr } = await vapi(['call', 'replay', 'call.vapicall'], { cwd })
    expect(code).toBe(3)
    expect(stdout).toMatch(/^different at 1\.00 s \(line \d+\), after the input predict\.done$/m)
    expect(stdout).toMatch(/^differs in: observation\.waitMs$/m)
    expect(stderr).toContain('the call was taken by the same version')
  }, 30_000)
})

/** A folder with a saved simulation. */
async function simulated(): Promise<string> {
  const cwd = temporaryFolder()
  const scenario = {
    assistant: {
      firstMessageMode: 'assistant-waits-for-user',
      startSpeakingPlan: {
        waitSeconds: 0,
        smartEndpointingPlan: { provider: 'livekit', waitFunction: '100' },
      },
    },
    caller: [{ at: 0, say: 'Hello.', lasts: 1 }],
    model: [{ reply: 'Good day.' }],
  }
  writeFileSync(join(cwd, 'call.yaml'), JSON.stringify(scenario))
  const { code } = await vapi(['call', 'simulate', 'call.yaml', '--save', 'call.vapicall'], { cwd })
  expect(code).toBe(0)
  return cwd
}

describe('vapi call replay', () => {
  it.each([
    [['--set', 'startSpeakingPlan.waitSecond=1'], 'there is no such setting of an assistant'],
    [['--set', 'startSpeakingPlan.waitSeconds=soon'], 'is no number'],
    [['--set', 'startSpeakingPlan.waitSeconds=-1'], '--set is not valid'],
    [['--set', 'members[0].assistant.name=x'], 'there is no such setting of an assistant'],
    [['--set', 'startSpeakingPlan'], 'has no value'],
  ])(
    'refuses %s',
    async (args, message) => {
      const cwd = await simulated()
      const { code, stderr, stdout } = await vapi(['call', 'replay', 'call.vapicall', ...args], { cwd })
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
      expect(stderr).toContain(message)
    },
    30_000,
  )

  it('refuses what is no saved call', async () => {
    const cwd = temporaryFolder()
    writeFileSync(join(cwd, 'other.json'), '{}\n')
    for (const [file, message] of [
      ['other.json', 'is not a saved call'],
      ['nothing.vapicall', 'there is no such file'],
    ] as const)
      expect(await vapi(['call', 'replay', file], { cwd })).toMatchObject({
        code: 2,
        stderr: expect.stringContaining(message),
      })
  }, 30_000)

  it('does not begin a call that cannot be saved', async () => {
    const server = await model()
    const cwd = assistantFolder(server)
    const { code, stderr } = await vapi(
      ['call', 'local', 'assistant.json', '--in', 'text', '--save', 'nowhere/call.vapicall'],
      { cwd },
    )
    expect({ code, stderr }).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('the folder does not exist'),
    })
    expect(server.requests).toEqual([])
  }, 30_000)
})

describe('a call with sound that is saved', () => {
  it('is replayed exactly, keeps the customer’s sound, and answers later where it waits longer', async () => {
    const cwd = temporaryFolder()
    const scripted = ['call', 'demo', '--save', 'call.vapicall', '--skip-analysis', '--max-duration', '20']
    expect((await vapi(scripted, { cwd })).code).toBe(0)
    const exact = await vapi(['call', 'replay', 'call.vapicall', '--json'], { cwd })
    expect(document(exact)).toMatchObject({ identical: true, cutOff: false })
    const sound = readFileSync(join(cwd, 'call.vapicall'), 'utf8').match(/^\{"type":"audio"/gm) ?? []
    expect(sound.length).toBeGreaterThanOrEqual(8)
    const later = await vapi(
      ['call', 'replay', 'call.vapicall', '--set', 'startSpeakingPlan.waitSeconds=0.4', '--json'],
      { cwd },
    )
    const answered = document(later).turns.flatMap(({ difference }) =>
      difference === null ? [] : [difference],
    )
    expect(answered.length).toBeGreaterThan(0)
    for (const { waitMs, totalMs } of answered)
      expect({ waitMs, totalMs }).toEqual({ waitMs: 300, totalMs: 300 })
  }, 60_000)
})
