import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { readWav } from '../../src/audio/wav/read.ts'
import {
  errorReply,
  type FakeOpenAi,
  type FakeReply,
  jsonReply,
  startFakeOpenAi,
  textReply,
  toolCallReply,
} from '../support/fake-openai.ts'
import { jsonLines, startVapi, temporaryFolder, vapi } from '../support/program.ts'

async function model(): Promise<FakeOpenAi> {
  const server = await startFakeOpenAi()
  onTestFinished(() => server.close())
  return server
}

/** A folder with an assistant that talks to the given model. */
function assistantFolder(server: FakeOpenAi, fields: Record<string, unknown> = {}): string {
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
    startSpeakingPlan: { waitSeconds: 0, smartEndpointingPlan: { provider: 'vapi' } },
    ...fields,
  }
  writeFileSync(join(folder, 'assistant.json'), JSON.stringify(assistant))
  return folder
}

const typed = ['call', 'local', 'assistant.json', '--in', 'text']

/** The one call folder below a working directory. */
function callFiles(stderr: string): Record<string, string> {
  return Object.fromEntries(
    [...stderr.matchAll(/^(recording|artifact|report|events) +(\/.*)$/gm)].map(match => [match[1], match[2]]),
  )
}

describe('a typed conversation', () => {
  it('goes through the turns of a call and leaves its artifact, events and report', async () => {
    const server = await model()
    server.script(textReply(['Tomorrow', ' at nine.']), textReply(['Bye.']))
    const folder = assistantFolder(server)
    const { stdout, stderr, code } = await vapi([...typed, '--var', 'name=Ann'], {
      cwd: folder,
      stdin: 'When?\nThanks.\n',
    })
    expect({ code, stderr }).toMatchObject({ code: 0 })
    expect(stdout).toMatch(
      /assistant +Hello Ann\.\n.*customer +When\?[\s\S]*assistant +Tomorrow at nine\.[\s\S]*customer +Thanks\.[\s\S]*ended +customer-ended-call/,
    )
    expect(server.requests[1]?.json).toMatchObject({
      model: 'test',
      stream: true,
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'assistant', content: 'Hello Ann.' },
        { role: 'user', content: 'When?' },
        { role: 'assistant', content: 'Tomorrow at nine.' },
        { role: 'user', content: 'Thanks.' },
      ],
    })
    const files = callFiles(stderr)
    const artifact = JSON.parse(readFileSync(files.artifact ?? '', 'utf8'))
    expect(artifact).toMatchObject({
      format: 1,
      endedReason: 'customer-ended-call',
      parts: { input: 'the keyboard', model: 'custom-llm/test' },
    })
    expect(artifact.artifact.transcript).toBe(
      'AI: Hello Ann.\nUser: When?\nAI: Tomorrow at nine.\nUser: Thanks.\nAI: Bye.',
    )
    const log = jsonLines(readFileSync(files.events ?? '', 'utf8'))
    expect(log.map(({ type }) => type)).toContain('call.ended')
    expect(log.at(-1)).toMatchObject({ type: 'call.report' })
    expect(readFileSync(files.report ?? '', 'utf8')).toContain('Tomorrow at nine.')
    expect(files.recording).toBeUndefined()
  })

  it('prints events as JSON lines and marks typed words', async () => {
    const server = await model()
    const { stdout, code } = await vapi([...typed, '--json', '--events', 'e.jsonl'], {
      cwd: assistantFolder(server),
      stdin: 'Hi.\n',
    })
    expect(code).toBe(0)
    const events = jsonLines(stdout)
    expect(events.find(({ type, role }) => type === 'transcript' && role === 'user')).toMatchObject({
      origin: 'keyboard',
    })
    expect(events.map(({ type }) => type)).toContain('call.ended')
    expect(events.at(-1)).toMatchObject({ type: 'call.report', cost: expect.any(Number) })
  })

  it('runs a function tool on its server', async () => {
    const server = await model()
    const tools = await model()
    tools.answerWith(({ json }) => {
      const { message } = json as { message: { toolCallList: { id: string }[] } }
      return jsonReply({ results: [{ toolCallId: message.toolCallList[0]?.id, result: 'free at nine' }] })
    })
    server.script(
      toolCallReply([{ id: 'call_1', name: 'find', arguments: { day: 'tomorrow' } }]),
      textReply(['Nine is free.']),
    )
    const folder = assistantFolder(server, {
      model: {
        provider: 'custom-llm',
        url: server.baseUrl,
        model: 'test',
        tools: [
          {
            type: 'function',
            function: { name: 'find' },
            server: { url: `${tools.url}/hook`, secret: 's3cret' },
            messages: [{ type: 'request-start', content: '' }],
          },
        ],
      },
    })
    const { stdout, code } = await vapi(typed, { cwd: folder, stdin: 'Tomorrow?\n' })
    expect(code).toBe(0)
    expect(stdout).toContain('find: free at nine')
    expect(stdout).toContain('Nine is free.')
    expect(tools.requests[0]?.headers['x-vapi-secret']).toBe('s3cret')
    expect(tools.requests[0]?.json).toMatchObject({
      message: {
        type: 'tool-calls',
        toolCallList: [{ function: { name: 'find', arguments: { day: 'tomorrow' } } }],
      },
    })
    expect(server.requests[1]?.json).toMatchObject({
      messages: expect.arrayContaining([{ role: 'tool', tool_call_id: 'call_1', content: 'free at nine' }]),
    })
  })

  it('takes overrides and another model', async () => {
    const server = await model()
    const folder = assistantFolder(server)
    writeFileSync(
      join(folder, 'over.yaml'),
      'firstMessage: "Other {{name}}."\nvariableValues: { name: Bob }\n',
    )
    const { stdout } = await vapi([...typed, '--overrides', 'over.yaml', '--model', 'openai/other-model'], {
      cwd: folder,
      stdin: 'Hi.\n',
      env: { OPENAI_API_KEY: 'k', OPENAI_BASE_URL: server.baseUrl },
    })
    expect(stdout).toContain('Other Bob.')
    expect(server.requests[0]?.json).toMatchObject({ model: 'other-model' })
  })

  it('offline, takes the model server of this machine and says so', async () => {
    const server = await model()
    server.answerWith(({ path }) =>
      path.endsWith('/models') ? jsonReply({ data: [{ id: 'llama' }] }) : textReply(['Local.']),
    )
    const folder = assistantFolder(server, { model: { provider: 'openai', model: 'gpt-4o' } })
    const { stdout, stderr } = await vapi([...typed, '--offline'], {
      cwd: folder,
      stdin: 'Hi.\n',
      env: { OLLAMA_HOST: server.url },
    })
    expect(stderr).toContain('ollama/llama answers in place of openai/gpt-4o')
    expect(stdout).toContain('Local.')
  })
})

describe('a model that fails', () => {
  it.each<[string, FakeReply, number, RegExp]>([
    ['401', errorReply(401, 'bad key'), 4, /401/],
    ['429', errorReply(429, 'slow down'), 1, /429/],
    ['500', errorReply(500, 'oops'), 1, /500/],
    ['nothing', { steps: [] }, 1, /\S/],
    ['garbage', { headers: { 'content-type': 'text/html' }, steps: ['<html>no</html>'] }, 1, /\S/],
    ['a cut connection', { steps: ['cut'] }, 1, /\S/],
  ])('with %s ends the call with one clear error', async (_what, reply, exit, text) => {
    const server = await model()
    server.script(reply)
    const { stdout, stderr, code } = await vapi(typed, { cwd: assistantFolder(server), stdin: 'Hi.\n' })
    expect(code).toBe(exit)
    expect(stderr.match(/^error: /gm)).toHaveLength(1)
    expect(stderr).toMatch(text)
    expect(stderr).not.toMatch(/\n\s+at /)
    expect(stdout).toMatch(/ended +call\.in-progress\.error-(vapi|provider)fault-custom-llm-/)
    expect(existsSync(callFiles(stderr).report ?? '')).toBe(true)
  })

  it('that is not there says what nothing answers at', async () => {
    const server = await model()
    const folder = assistantFolder(server)
    await server.close()
    const { stderr, code } = await vapi(typed, { cwd: folder, stdin: 'Hi.\n' })
    expect(code).toBe(1)
    expect(stderr).toContain(server.url.replace('http://', ''))
  })

  it('that has no key names the variable to set', async () => {
    const server = await model()
    const { stderr, code } = await vapi([...typed, '--model', 'openai/gpt-4o'], {
      cwd: assistantFolder(server),
    })
    expect(code).toBe(4)
    expect(stderr).toContain('hint: set OPENAI_API_KEY')
  })
})

describe('input that is not right', () => {
  const wav = (file: string, bytes: string | Uint8Array, server: FakeOpenAi) => {
    const folder = assistantFolder(server, {
      voice: { provider: 'embedded' },
      transcriber: { provider: 'local' },
    })
    writeFileSync(join(folder, file), bytes)
    return vapi(['call', 'local', 'assistant.json', '--in', file], {
      cwd: folder,
      env: { PATH: '/nonexistent' },
    })
  }

  it.each<[string, string | Uint8Array]>([
    ['text', 'this is not sound'],
    ['an empty file', ''],
    ['a header alone', 'RIFF\u0000\u0000\u0000\u0000WAVE'],
    ['an MP3', Buffer.from('ID3\u0004\u0000\u0000')],
  ])('%s for a WAV is exit 2 and says so', async (_what, bytes) => {
    const { stderr, code } = await wav('in.wav', bytes, await model())
    expect(code).toBe(2)
    expect(stderr).toMatch(/^error: .*in\.wav: /)
    expect(stderr).not.toMatch(/\n\s+at /)
  })

  it.each([
    ['broken.json', '{\n  "name": "x",\n  "model": {,\n}', /broken\.json:3:13: /],
    ['broken.yaml', 'name: x\nmodel: [\n', /broken\.yaml:\d+:\d+: /],
    ['empty.json', '', /empty\.json is empty/],
    ['list.json', '[]', /list\.json: a squad needs a member/],
    [
      'types.json',
      '{"startSpeakingPlan":{"waitSeconds":9},"model":{"provider":1}}',
      /model\.provider: [\s\S]*startSpeakingPlan\.waitSeconds: /,
    ],
    [
      'regex.json',
      '{"startSpeakingPlan":{"customEndpointingRules":[{"type":"customer","regex":"(","timeoutSeconds":1}]}}',
      /customEndpointingRules\[0\]\.regex/,
    ],
    [
      'formula.json',
      '{"startSpeakingPlan":{"smartEndpointingPlan":{"provider":"livekit","waitFunction":"process.exit()"}}}',
      /waitFunction/,
    ],
    [
      'infinite.json',
      '{"startSpeakingPlan":{"smartEndpointingPlan":{"provider":"livekit","waitFunction":"1/x"}}}',
      /waitFunction.*x = 0/,
    ],
    [
      'liquid.json',
      '{"firstMessage":"Hi {{ name | nofilter }}{% if %}"}',
      /firstMessage: the template has a fault/,
    ],
  ])('the assistant %s is exit 2 with the place of its fault', async (name, text, message) => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, name), text)
    const { stderr, code } = await vapi(['call', 'local', name, '--in', 'text'], { cwd: folder })
    expect(code).toBe(2)
    expect(stderr).toMatch(message)
    expect(stderr).not.toMatch(/\n\s+at /)
  })

  it.each([
    [{ transcriber: { provider: 'talkscriber' }, voice: { provider: 'embedded' } }, '--transcriber', 2],
    [{ voice: { provider: 'tavus', voiceId: 'x' }, transcriber: { provider: 'local' } }, '--voice', 2],
    [{ model: { provider: 'anthropic-bedrock', model: 'claude' } }, '--model', 2],
    [{ transcriber: { provider: 'deepgram' }, voice: { provider: 'embedded' } }, '--transcriber local', 4],
    [
      { voice: { provider: '11labs', voiceId: 'x' }, transcriber: { provider: 'local' } },
      '--voice embedded',
      4,
    ],
    [{ model: { provider: 'anthropic', model: 'claude' } }, '--model', 4],
  ])(
    'a provider that does not run here, or has no key, is named with what to use instead',
    async (fields, hint, exit) => {
      const folder = assistantFolder(await model(), fields)
      writeFileSync(join(folder, 'in.wav'), 'x')
      const { stderr, code } = await vapi(['call', 'local', 'assistant.json', '--in', '-'], { cwd: folder })
      expect(code).toBe(exit)
      expect(stderr).toContain(hint)
    },
  )

  it('without a recogniser it says what to install', async () => {
    const folder = assistantFolder(await model(), {
      voice: { provider: 'embedded' },
      transcriber: { provider: 'local' },
    })
    const { stderr, code } = await vapi(['call', 'local', 'assistant.json', '--in', 'mic'], {
      cwd: folder,
      env: { PATH: '/nonexistent', HOME: '/nonexistent' },
    })
    expect(code).toBe(2)
    expect(stderr).toMatch(/hint: .*pocketsphinx/)
  })
})

describe('parts that are not here', () => {
  it('a voice that does not run here gives way to the next of the fallback plan', async () => {
    const server = await model()
    server.answerWith(() => textReply(['Nine is free.']))
    const voice = {
      provider: '11labs',
      voiceId: 'x',
      fallbackPlan: { voices: [{ provider: 'embedded', voiceId: 'slt' }] },
    }
    const folder = assistantFolder(server, { voice })
    const { stdout, code } = await vapi([...typed, '--out', 'reply.wav'], { cwd: folder, stdin: 'When?\n' })
    expect(code).toBe(0)
    expect(stdout).toContain('voice 11labs/x failed; embedded/slt goes on')
    expect(stdout).toContain('Nine is free.')
    expect(readWav(readFileSync(join(folder, 'reply.wav'))).durationMs).toBeGreaterThan(1000)
  })

  it('offline, a tool’s server elsewhere is not called, and the model is told so', async () => {
    const server = await model()
    server.script(toolCallReply([{ name: 'find', arguments: {} }]), textReply(['Sorry.']))
    const folder = assistantFolder(server, {
      model: {
        provider: 'custom-llm',
        url: server.baseUrl,
        model: 'test',
        tools: [
          { type: 'function', function: { name: 'find' }, server: { url: 'https://tools.example.com/hook' } },
        ],
      },
    })
    const { stdout, code } = await vapi([...typed, '--offline'], { cwd: folder, stdin: 'Find it.\n' })
    expect(code).toBe(0)
    expect(stdout).toContain('the server of find is not on this machine')
  })
})

describe('files of a call', () => {
  it.each([
    [['--events', 'assistant.json'], 'is read by this call'],
    [['--events', 'x', '--report', 'x'], 'is written by --report'],
    [['--record', 'rec.mp3'], 'does not end in .wav'],
    [['--out', 'reply.mp3'], 'not speaker, none or a file ending in .wav'],
    [['--out', 'y.wav', '--record', 'y.wav'], 'is written by --out'],
  ])('%j are refused before the call', async (options, message) => {
    const folder = assistantFolder(await model())
    const before = readFileSync(join(folder, 'assistant.json'), 'utf8')
    const { stderr, code } = await vapi([...typed, ...options], { cwd: folder })
    expect(code).toBe(2)
    expect(stderr).toContain(message)
    expect(readFileSync(join(folder, 'assistant.json'), 'utf8')).toBe(before)
  })

  it('are whole when the output cannot be filtered any more', async () => {
    const folder = assistantFolder(await model())
    const { stderr, code } = await vapi([...typed, '--jq', '.type.x'], { cwd: folder, stdin: 'Hi.\n' })
    expect(code).toBe(2)
    expect(stderr).not.toMatch(/\n\s+at /)
    expect(JSON.parse(readFileSync(callFiles(stderr).artifact ?? '', 'utf8'))).toMatchObject({
      status: 'ended',
    })
  })
})

describe('Ctrl-C', () => {
  it.each([120, 180, 260])('%d ms after the start ends the program', async afterMs => {
    const running = startVapi(['call', 'demo', '--model', 'scripted'])
    await new Promise(resolve => setTimeout(resolve, afterMs))
    running.child.kill('SIGINT')
    const { code, stderr } = await running.finished
    // Before the program has taken the signal over, the system's own handling ends it.
    expect([130, null]).toContain(code)
    expect(stderr).not.toContain('error:')
  })

  it.each(['call.started', 'assistant.speech.started', 'customer.speech.started', 'model.requested'])(
    'at %s leaves a whole recording, artifact and report',
    async moment => {
      const folder = temporaryFolder()
      const running = startVapi(
        ['call', 'demo', '--json', '--model', 'scripted', '--record', 'r.wav', '--report', 'r.html'],
        { cwd: folder },
      )
      await running.prints(`"type":"${moment}"`)
      running.child.kill('SIGINT')
      const { code, stdout, stderr } = await running.finished
      expect(code).toBe(130)
      expect(jsonLines(stdout).find(({ type }) => type === 'call.ended')).toMatchObject({
        type: 'call.ended',
        endedReason: 'customer-ended-call',
      })
      const events = jsonLines(stdout)
      const sound = readFileSync(join(folder, 'r.wav'))
      if (events.some(({ type }) => type === 'assistant.speech.started'))
        expect(readWav(sound).channels).toHaveLength(2)
      else expect(sound.toString('latin1', 0, 4)).toBe('RIFF')
      expect(readFileSync(join(folder, 'r.html'), 'utf8')).toContain('</html>')
      expect(JSON.parse(readFileSync(callFiles(stderr).artifact ?? '', 'utf8'))).toMatchObject({
        endedReason: 'customer-ended-call',
      })
    },
  )
})
