import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { loadChecks } from '../../src/commands/call-checks.ts'
import callLocal from '../../src/commands/call-local.ts'
import { askForAssistant, assistantRequestMessage } from '../../src/messages/assistant-request.ts'
import { createHttpClient } from '../../src/net/http.ts'
import { callWith, store } from '../support/configured.ts'
import { type FakeReply, jsonReply, startFakeOpenAi, textReply } from '../support/fake-openai.ts'
import { runCommand } from '../support/run-command.ts'

/** A call whose server answers with this. */
const replying = (reply: unknown, more: Record<string, unknown> = {}) => ({
  assistantRequest: { reply, afterMs: 300, ...more },
  customer: { number: '+15551234567' },
})

const greeting = 'Hello {{customerName}}! I see you’ve been a {{accountType}} customer since {{joinDate}}.'
const support = { id: 'asst_customersupport', name: 'Support', firstMessage: greeting }
const stored = () => store({ assistant: { asst_customersupport: support } })

describe('a reply to assistant-request', () => {
  it('[personal-request-in-place-of-assistant, personal-two-reply-forms, personal-reply-by-id, personal-example-greeting, personal-placeholders] names a stored assistant with variables', async () => {
    const { said, requested, observations } = await callWith(
      replying({
        assistantId: 'asst_customersupport',
        assistantOverrides: {
          variableValues: { customerName: 'Ann', accountType: 'premium', joinDate: 'May 2020' },
        },
      }),
      { stored: stored() },
    )
    expect(said).toEqual(['Hello Ann! I see you’ve been a premium customer since May 2020.'])
    expect(requested).toMatchObject({ outcome: 'assistant', tookMs: 300, detail: 'Support' })
    expect(observations.map(({ type }) => type).slice(0, 2)).toEqual(['call.started', 'assistant.requested'])
  })

  it('[personal-reply-inline, personal-configuration-used, personal-data-in-the-prompt, transient-assistant-in-server-reply] holds a whole assistant, which the call runs', async () => {
    const prompt = 'You are helping Ann, a gold member since 2020-05-01T00:00:00Z.'
    const { said, prompts } = await callWith({
      ...replying({
        assistant: {
          name: 'Dynamic Inbound Handler',
          firstMessage: 'Hello! I see you’re calling from West Coast.',
          model: {
            provider: 'openai',
            model: 'gpt-4o',
            messages: [{ role: 'system', content: prompt }],
            tools: [{ type: 'endCall' }],
          },
        },
      }),
      caller: [{ after: 'assistant', plus: 1, say: 'Bye.', lasts: 0.5 }],
      model: [{ reply: 'Goodbye.', toolCalls: [{ name: 'endCall' }] }],
    })
    expect(prompts).toEqual([prompt])
    expect(said).toEqual(['Hello! I see you’re calling from West Coast.', 'Goodbye.'])
  })

  it('[personal-missing-data, personal-exact-syntax] that leaves values out prints nothing there, and only two braces count', async () => {
    const { said } = await callWith(
      replying({
        assistant: { firstMessage: 'Hello {{customerName}}{{accountType}} {customerName}.' },
        assistantOverrides: { variableValues: { customerName: null } },
      }),
    )
    // The voice leaves single braces out; the text that it gets is the one with them.
    expect(said[0]?.replace(/[{}]/g, '')).toBe('Hello customerName.')
  })

  it('[personal-voice-of-another-provider] may have a voice of another provider, with a warning', async () => {
    const { warnings, endedReason } = await callWith(
      replying({
        assistant: {
          name: 'Dynamic Customer Support Assistant',
          firstMessage: 'Hello.',
          model: { provider: 'openai', model: 'gpt-4o', messages: [{ role: 'system', content: 'x' }] },
          voice: { provider: '11labs', voiceId: 'shimmer' },
        },
      }),
      { check: await loadChecks() },
    )
    expect(endedReason).toBe('customer-ended-call')
    expect(warnings).toEqual([expect.stringMatching(/voice\.voiceId: shimmer is a voice of .*openai/)])
  })

  it('[api-assistant-request-squad] names or holds a squad', async () => {
    const squad = { members: [{ assistant: { name: 'First', firstMessage: 'Squad.' } }] }
    const inline = await callWith(replying({ squad }))
    const byId = await callWith(replying({ squadId: 's1' }), { stored: store({ squad: { s1: squad } }) })
    for (const call of [inline, byId]) {
      expect(call.said).toEqual(['Squad.'])
      expect(call.requested?.outcome).toBe('squad')
    }
  })

  it('[personal-error-is-spoken, personal-error-ends-the-call] with an error is spoken, and then the call ends', async () => {
    const error = 'Unable to find customer record. Please try again later.'
    const { said, endedReason, requested } = await callWith(replying({ error }))
    expect(said.join(' ')).toBe(error)
    expect(endedReason).toBe('assistant-request-returned-error')
    expect(requested?.outcome).toBe('error')
    expect((await callWith(replying({ error: '…' }))).endedReason).toBe(
      'assistant-request-returned-unspeakable-error',
    )
  })

  it('[api-assistant-request-destination] with a destination forwards the call at once, as a dry run', async () => {
    const destination = { type: 'number', number: '+15559876543' }
    const { said, endedReason, requested, observations } = await callWith(replying({ destination }))
    expect(said).toEqual([])
    expect(observations.find(({ type }) => type === 'call.ended')).toMatchObject({
      artifact: { transfers: [{ destination, status: 'completed', dryRun: true }] },
    })
    expect(endedReason).toBe('assistant-request-returned-forwarding-phone-number')
    expect(requested).toMatchObject({ outcome: 'destination', destination, dryRun: true })
  })

  it('[api-assistant-request-precedence] counts by error, then destination, then the rest', async () => {
    const assistant = { firstMessage: 'Hello.' }
    const destination = { type: 'number', number: '+15559876543' }
    const outcome = async (reply: object) => (await callWith(replying(reply))).requested?.outcome
    expect(await outcome({ assistant, destination, error: 'No.' })).toBe('error')
    expect(await outcome({ assistant, destination })).toBe('destination')
    expect(await outcome({ assistant })).toBe('assistant')
  })

  it.each([{}, '', 'no JSON', { assistantId: null }, []])(
    '[api-assistant-request-no-assistant] that names nobody (%j) ends the call',
    async reply => {
      const { endedReason, said } = await callWith(replying(reply))
      expect({ endedReason, said }).toEqual({
        endedReason: 'assistant-request-returned-no-assistant',
        said: [],
      })
    },
  )

  it.each([
    { assistant: { model: { provider: 'openai', temperature: 9 } } },
    { assistant: { firstMessage: '{{ x' } },
    { assistant: 'desk' },
    { squad: { members: [] } },
    { assistant: {}, squadId: 's1' },
    {
      assistant: {
        startSpeakingPlan: { smartEndpointingPlan: { provider: 'livekit', waitFunction: 'nonsense(' } },
      },
    },
  ])('[api-assistant-request-invalid] with a broken configuration (%j) ends the call', async reply => {
    const { endedReason, requested } = await callWith(replying(reply))
    expect(endedReason).toBe('assistant-request-returned-invalid-assistant')
    expect(requested?.outcome).toBe('invalid')
  })

  it('that names a stored assistant which is not there ends the call so', async () => {
    const call = await callWith(replying({ assistantId: 'gone' }), { stored: store({}) })
    expect(call.endedReason).toBe('assistant-not-found')
  })
})

describe('the time of a reply', () => {
  const assistant = { firstMessage: 'Hello.' }

  it('[personal-answer-in-time] may be 7.4 seconds', async () => {
    const { said, requested } = await callWith(replying({ assistant }, { afterMs: 7400 }))
    expect(said).toEqual(['Hello.'])
    expect(requested?.tookMs).toBe(7400)
  })

  it.each([
    ['[personal-limit, api-assistant-request-failed] a late reply', { afterMs: 7501 }, 7500],
    ['[personal-server-unreachable] no server', { unreachable: true }, 300],
    ['[api-assistant-request-failed] a status that is no success', { status: 500 }, 300],
  ])('%s makes the call fail', async (_name, more, tookMs) => {
    const { said, endedReason, requested } = await callWith(replying({ assistant }, more))
    expect({ said, endedReason }).toEqual({ said: [], endedReason: 'assistant-request-failed' })
    expect(requested).toMatchObject({ outcome: 'failed', tookMs })
  })
})

describe('the phone number of a call', () => {
  it('[personal-number-without-assistant] that has an assistant or a squad asks no server', async () => {
    const server = { url: 'https://example.com/select' }
    const things = store({
      assistant: { a1: { firstMessage: 'Attached.' } },
      squad: { s1: { members: [{ assistant: { firstMessage: 'Squad.' } }] } },
    })
    const at = (phoneNumber: object) =>
      callWith({ ...replying({ assistant: { firstMessage: 'Chosen.' } }), phoneNumber }, { stored: things })
    expect(await at({ server, assistantId: 'a1' })).toMatchObject({
      said: ['Attached.'],
      requested: undefined,
    })
    expect(await at({ server, squadId: 's1' })).toMatchObject({ said: ['Squad.'], requested: undefined })
    const withSecrets = { url: 'https://user:secret@example.com/select?key=secret', secret: 'secret' }
    const chosen = await at({
      server: withSecrets,
      assistantId: null,
      squadId: null,
      twilioPhoneNumber: '+15557654321',
      twilioAuthToken: 'secret',
    })
    expect(chosen.said).toEqual(['Chosen.'])
    expect(chosen.requested?.url).toBe(server.url)
    expect(JSON.stringify(chosen.observations)).not.toContain('secret')
  })

  it('[personal-server-of-the-number] names the server that is asked, also where the number is stored', async () => {
    const things = store({
      'phone number': { p1: { number: '+15557654321', server: { url: 'https://a.example/x' } } },
    })
    const { requested } = await callWith(
      { call: { phoneNumberId: 'p1' }, assistantRequest: { reply: { assistant: { firstMessage: 'Hi.' } } } },
      { stored: things },
    )
    // The scenario's own server stands in for one without an address; the stored number has one.
    expect(requested?.url).toBe('https://a.example/x')
  })

  it('without assistant, squad and server is refused before the call', async () => {
    await expect(callWith({ call: { customer: { name: 'Ann' } } })).rejects.toMatchObject({ exit: 2 })
  })
})

/** A server that answers the question as given and everything else as a model. */
async function platform(reply: FakeReply | null) {
  const server = await startFakeOpenAi()
  onTestFinished(() => server.close())
  server.answerWith(({ path }) =>
    path === '/select' && reply !== null ? reply : textReply(['Of course.'], { finishReason: 'stop' }),
  )
  return server
}

function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), 'personalization-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return folder
}

describe('a live call', () => {
  it('[personal-request-is-a-post, personal-message-type, personal-caller-in-request] posts the question with the caller', async () => {
    const server = await platform(null)
    server.answerWith(() =>
      jsonReply({
        assistant: {
          firstMessage: 'Hello {{customer.name}}.',
          model: { provider: 'custom-llm', url: server.baseUrl, model: 'test' },
        },
      }),
    )
    const run = runCommand(
      callLocal,
      [
        '--server-url',
        `${server.url}/select`,
        '--in',
        'text',
        '--from',
        '+15551234567',
        '--customer-name',
        'Ann',
        '--json',
      ],
      { baseUrl: server.url, cwd: temporary() },
    )
    const { stdout, exit, error } = await run.finished
    expect({ exit, error }).toEqual({ exit: 0, error: null })
    const [request] = server.requests
    const customer = { number: '+15551234567', name: 'Ann' }
    expect(request).toMatchObject({
      method: 'POST',
      path: '/select',
      headers: { 'content-type': 'application/json' },
      json: {
        message: {
          type: 'assistant-request',
          customer,
          call: { type: 'inboundPhoneCall', status: 'ringing', customer },
          timestamp: expect.any(Number),
        },
      },
    })
    const events = stdout
      .trim()
      .split('\n')
      .map(line => JSON.parse(line))
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'assistant.requested', outcome: 'assistant' }),
    )
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'assistant.speech.stopped', spokenText: 'Hello Ann.' }),
    )
  })

  it('[personal-error-is-spoken] speaks the error of the reply and ends', async () => {
    const server = await platform(jsonReply({ error: 'No record.' }))
    const run = runCommand(callLocal, ['--server-url', `${server.url}/select`, '--in', 'text', '--json'], {
      baseUrl: server.url,
      cwd: temporary(),
    })
    const { stdout, exit } = await run.finished
    expect(exit).toBe(0)
    expect(stdout).toMatch(/"spokenText":"No record\."/)
    expect(stdout).toMatch(/"endedReason":"assistant-request-returned-error"/)
  })

  it('[personal-server-unreachable] fails where nobody answers', async () => {
    const { finished } = runCommand(
      callLocal,
      ['--server-url', 'http://127.0.0.1:1/select', '--in', 'text', '--json'],
      { baseUrl: 'http://127.0.0.1:1', cwd: temporary() },
    )
    const { stdout, exit, error } = await finished
    expect(stdout).toMatch(/"endedReason":"assistant-request-failed"/)
    expect({ exit, code: error?.code }).toEqual({ exit: 1, code: 'assistant-request-failed' })
  })

  it('[personal-limit] waits 7.5 seconds for the whole reply and no longer', async () => {
    const server = await startFakeOpenAi()
    onTestFinished(() => server.close())
    const limits: number[] = []
    const http = createHttpClient()
    onTestFinished(() => http.close())
    const watched: typeof http = {
      ...http,
      request: request => {
        limits.push(request.timeoutMs ?? 0)
        return http.request(request)
      },
    }
    server.answerWith(() => jsonReply({ error: 'x' }))
    const message = assistantRequestMessage({ nowMs: 0, call: {}, customer: {}, phoneNumber: {} })
    const asked = await askForAssistant(
      watched,
      { url: server.url, timeoutSeconds: 60 },
      message,
      AbortSignal.any([]),
    )
    expect(asked).toMatchObject({ type: 'reply', body: '{"error":"x"}' })
    expect(limits).toEqual([7500])
  })

  it('fetches a stored assistant by its name, and offline none', async () => {
    const server = await startFakeOpenAi()
    onTestFinished(() => server.close())
    const desk = {
      id: 'a1',
      name: 'desk',
      firstMessage: 'Stored hello.',
      model: { provider: 'custom-llm', url: server.baseUrl, model: 'test' },
    }
    server.answerWith(({ path }) => jsonReply(path.startsWith('/assistant/') ? desk : [desk]))
    const cwd = temporary()
    const online = await runCommand(callLocal, ['desk', '--in', 'text', '--json'], {
      baseUrl: server.url,
      cwd,
    }).finished
    expect(online.error).toBeNull()
    expect(online.stdout).toMatch(/"spokenText":"Stored hello\."/)
    const asked = server.requests.length
    const offline = await runCommand(callLocal, ['desk', '--in', 'text', '--offline'], {
      baseUrl: server.url,
      cwd,
    }).finished
    expect(offline.error).toMatchObject({ code: 'offline', exit: 2 })
    expect(server.requests.length).toBe(asked)
  })

  it('[api-first-message-sound-file] plays a WAV file and warns of a file that is none', async () => {
    const server = await startFakeOpenAi()
    onTestFinished(() => server.close())
    server.answerWith(({ path }) =>
      path.endsWith('.wav')
        ? { headers: { 'content-type': 'audio/wav' }, steps: [wav(400)] }
        : {
            headers: { 'content-type': 'audio/mpeg' },
            steps: [Buffer.from('ID3\x04\x00\x00\x00\x00\x00\x00\xff\xfb')],
          },
    )
    const cwd = temporary()
    const call = async (name: string) => {
      writeFileSync(
        join(cwd, 'assistant.json'),
        JSON.stringify({
          firstMessage: `${server.url}/${name}`,
          model: { provider: 'custom-llm', url: server.baseUrl, model: 'test' },
        }),
      )
      const { stdout, error } = await runCommand(callLocal, ['assistant.json', '--in', 'text', '--json'], {
        baseUrl: server.url,
        cwd,
      }).finished
      expect(error).toBeNull()
      return stdout
        .trim()
        .split('\n')
        .map(line => JSON.parse(line))
    }
    const played = await call('hello.wav')
    const times = ['assistant.speech.started', 'assistant.speech.stopped'].map(
      type => played.find(event => event.type === type)?.atMs,
    )
    expect(Math.abs(times[1] - times[0] - 400)).toBeLessThan(100)
    const silent = await call('hello.mp3')
    expect(silent).toContainEqual(
      expect.objectContaining({
        type: 'warning',
        message: expect.stringMatching(/hello\.mp3 is not played: .*MP3/i),
      }),
    )
    expect(silent.some(event => event.type === 'assistant.speech.started')).toBe(false)
  })
})

/** A WAV file of 16 kHz mono with so many milliseconds of a quiet tone. */
function wav(ms: number): Uint8Array {
  const samples = 16 * ms
  const file = Buffer.alloc(44 + samples * 2)
  file.write('RIFF', 0)
  file.writeUInt32LE(36 + samples * 2, 4)
  file.write('WAVEfmt ', 8)
  file.writeUInt32LE(16, 16)
  file.writeUInt16LE(1, 20)
  file.writeUInt16LE(1, 22)
  file.writeUInt32LE(16_000, 24)
  file.writeUInt32LE(32_000, 28)
  file.writeUInt16LE(2, 32)
  file.writeUInt16LE(16, 34)
  file.write('data', 36)
  file.writeUInt32LE(samples * 2, 40)
  for (let at = 0; at < samples; at++) file.writeInt16LE(Math.round(1000 * Math.sin(at / 10)), 44 + at * 2)
  return file
}
