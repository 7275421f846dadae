import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { encodeWav } from '../../src/audio/wav/encode.ts'
import { readWav } from '../../src/audio/wav/read.ts'
import { jsonReply, startFakeOpenAi, textReply } from '../support/fake-openai.ts'
import { type Finished, jsonLines, startVapi, temporaryFolder, vapi } from '../support/program.ts'
import { requires } from '../support/requires.ts'
import { recognise, synthesise } from '../support/speech.ts'

/** No recogniser and no sound card: what any machine has. */
const bare = { PATH: '/nonexistent', XDG_RUNTIME_DIR: '/nonexistent', PULSE_SERVER: 'unix:/nonexistent' }

const noRecogniser = requires('pocketsphinx_continuous')

describe('vapi call demo', () => {
  it('runs a whole spoken call on a machine that has nothing', async () => {
    const folder = temporaryFolder()
    const { stdout, stderr, code } = await vapi(
      ['call', 'demo', '--json', '--record', 'r.wav', '--report', 'r.html'],
      { cwd: folder, env: bare },
    )
    expect({ code, stderr }).toMatchObject({ code: 0 })
    expect(stderr).toContain('The model of this demo is a small script.')
    expect(stderr).toContain('vapi call demo --in text')

    const events = jsonLines(stdout)
    const all = (type: string) => events.filter(event => event.type === type)
    expect(all('warning')[0]?.message).toContain('passed on as scripted, not recognised')
    expect(all('turn.latency')).toHaveLength(4)
    expect(all('tool.called').map(({ name }) => name)).toEqual(['find_times', 'endCall'])
    expect(all('assistant.speech.stopped').filter(({ reason }) => reason === 'interrupted')).toHaveLength(1)
    expect(
      all('transcript')
        .filter(({ role }) => role === 'user')
        .every(({ origin }) => origin === 'script'),
    ).toBe(true)
    expect(
      all('voice.requested').some(({ text }) => String(text).includes('forty two dollars and fifty cents')),
    ).toBe(true)
    const ended = events.find(({ type }) => type === 'call.ended')
    expect(ended).toMatchObject({ endedReason: 'assistant-ended-call' })

    const sound = readWav(readFileSync(join(folder, 'r.wav')))
    expect(sound).toMatchObject({ sampleRate: 16_000, truncated: false })
    expect(sound.durationMs).toBeGreaterThan(Number(ended?.atMs) - 1000)
    for (const channel of sound.channels) expect(channel.some(sample => sample > 0.05)).toBe(true)
    expect(readFileSync(join(folder, 'r.html'), 'utf8')).toContain('r.wav')
  }, 120_000)

  it('uses the real model when its key is there', async () => {
    const server = await startFakeOpenAi()
    onTestFinished(() => server.close())
    server.answerWith(() => textReply(['Real answer.']))
    const running = startVapi(['call', 'demo', '--in', 'text', '--json'], {
      env: { ...bare, OPENAI_API_KEY: 'k', OPENAI_BASE_URL: server.baseUrl },
      stdin: 'Hello?\n',
    })
    const { stdout, stderr } = await running.finished
    expect(stderr).toContain('The model is openai/gpt-4o-mini.')
    expect(stdout).toContain('Real answer.')
    expect(server.requests[0]?.headers.authorization).toBe('Bearer k')
    expect(server.requests[0]?.json).toMatchObject({
      model: 'gpt-4o-mini',
      tools: [{ function: { name: 'find_times' } }, { function: { name: 'endCall' } }],
    })
  })

  it('uses a local model server that is found at its usual address', async () => {
    const server = await startFakeOpenAi()
    onTestFinished(() => server.close())
    server.answerWith(({ path }) =>
      path.endsWith('/models') ? jsonReply({ data: [{ id: 'llama3.2' }] }) : textReply(['Local answer.']),
    )
    const { stdout, stderr } = await vapi(['call', 'demo', '--in', 'text', '--json'], {
      env: { ...bare, OLLAMA_HOST: server.url },
      stdin: 'Hello?\n',
    })
    expect(stderr).toContain('The model is ollama/llama3.2.')
    expect(stdout).toContain('Local answer.')
  })
})

describe.skipIf(noRecogniser !== false)(
  `a recorded caller${noRecogniser ? ` (${noRecogniser})` : ''}`,
  () => {
    async function call(
      input: { file: string; bytes: Uint8Array } | { stdin: Uint8Array },
      reply = 'Tomorrow at nine thirty is free.',
      fields: object = {},
    ): Promise<Finished & { folder: string }> {
      const server = await startFakeOpenAi()
      onTestFinished(() => server.close())
      server.answerWith(() => textReply([reply]))
      const folder = temporaryFolder()
      const assistant = {
        firstMessageMode: 'assistant-waits-for-user',
        model: { provider: 'custom-llm', url: server.baseUrl, model: 'test' },
        voice: { provider: 'embedded', voiceId: 'slt' },
        transcriber: { provider: 'pocketsphinx' },
        startSpeakingPlan: { waitSeconds: 0, transcriptionEndpointingPlan: { onNoPunctuationSeconds: 0.3 } },
        ...fields,
      }
      writeFileSync(join(folder, 'assistant.json'), JSON.stringify(assistant))
      if ('file' in input) writeFileSync(join(folder, input.file), input.bytes)
      const source = 'file' in input ? input.file : '-'
      const finished = await vapi(
        ['call', 'local', 'assistant.json', '--in', source, '--out', 'reply.wav', '--json'],
        {
          cwd: folder,
          ...('stdin' in input && { stdin: input.stdin }),
        },
      )
      return { ...finished, folder }
    }

    const userWords = (stdout: string) =>
      jsonLines(stdout)
        .filter(
          ({ type, role, transcriptType }) =>
            type === 'transcript' && role === 'user' && transcriptType === 'final',
        )
        .map(({ transcript }) => String(transcript).toLowerCase())
        .join(' ')

    it('in a WAV file is understood and answered into another one', async () => {
      const samples = await synthesise('I need an appointment for tomorrow.')
      const { stdout, stderr, code, folder } = await call({
        file: 'in.wav',
        bytes: encodeWav(samples, { sampleRate: 16_000, channels: 1 }),
      })
      expect(code).toBe(0)
      expect(userWords(stdout), stdout + stderr).toContain('appointment for tomorrow')
      const reply = readWav(readFileSync(join(folder, 'reply.wav')))
      expect(reply.channels).toHaveLength(1)
      const heard = await recognise(
        Int16Array.from(reply.channels[0] ?? [], sample => Math.round(sample * 32_767)),
      )
      for (const word of ['tomorrow', 'nine', 'thirty']) expect(heard).toContain(word)
    }, 60_000)

    it('is understood through the denoiser too', async () => {
      const samples = await synthesise('I need an appointment for tomorrow.')
      const noisy = samples.map((sample, index) => sample + Math.round(300 * Math.sin(index * index)))
      const { stdout, code } = await call(
        { file: 'in.wav', bytes: encodeWav(noisy, { sampleRate: 16_000, channels: 1 }) },
        'Fine.',
        { backgroundSpeechDenoisingPlan: { smartDenoisingPlan: { enabled: true } } },
      )
      expect(code).toBe(0)
      expect(userWords(stdout)).toContain('appointment')
    }, 60_000)

    it('in a truncated WAV file is heard as far as it goes', async () => {
      const bytes = encodeWav(await synthesise('I need an appointment for tomorrow.'), {
        sampleRate: 16_000,
        channels: 1,
      })
      const { stdout, code } = await call({
        file: 'in.wav',
        bytes: bytes.subarray(0, Math.floor(bytes.length * 0.8)),
      })
      expect(code).toBe(0)
      expect(userWords(stdout)).toContain('appointment')
    }, 60_000)

    it('in a pipe of bare samples is understood', async () => {
      const samples = await synthesise('I need an appointment for tomorrow.')
      const { stdout, code } = await call({
        stdin: new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength),
      })
      expect(code).toBe(0)
      expect(userWords(stdout)).toContain('appointment for tomorrow')
    }, 60_000)

    it('hears of a voice that cannot read its text: an error, not silence', async () => {
      const samples = await synthesise('I need an appointment for tomorrow.')
      const { stdout, stderr, code } = await call(
        { file: 'in.wav', bytes: encodeWav(samples, { sampleRate: 16_000, channels: 1 }) },
        '明天九点半有空。',
      )
      expect(code).toBe(1)
      expect(jsonLines(stdout).some(({ type }) => type === 'voice.failed')).toBe(true)
      expect(jsonLines(stdout).find(({ type }) => type === 'call.ended')).toMatchObject({
        endedReason: 'call.in-progress.error-vapifault-vapi-voice-failed',
      })
      expect(JSON.parse(stderr.split('\n').findLast(line => line.startsWith('{')) ?? '{}')).toMatchObject({
        error: { code: 'voice-cannot-read' },
      })
    }, 60_000)

    it('of silence is answered by nothing and ends', async () => {
      const { stdout, code } = await call({
        file: 'in.wav',
        bytes: encodeWav(new Int16Array(16_000), { sampleRate: 16_000, channels: 1 }),
      })
      expect(code).toBe(0)
      expect(jsonLines(stdout).some(({ type }) => type === 'turn.ended')).toBe(false)
    }, 60_000)
  },
)
