import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { readWav } from '../../src/audio/wav/read.ts'
import { startFakeOpenAi, textReply } from '../support/fake-openai.ts'
import { jsonLines, startVapi, temporaryFolder, vapi } from '../support/program.ts'
import { requires } from '../support/requires.ts'
import { type Recording, type SoundCard, soundCardPrograms, startSoundCard } from '../support/sound-card.ts'
import { firstLoud, recognise, synthesise } from '../support/speech.ts'

const missing = requires(...soundCardPrograms, 'pocketsphinx_continuous')

async function talkative(reply: string): Promise<string> {
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
    stopSpeakingPlan: { numWords: 0, voiceSeconds: 0.2, backoffSeconds: 1 },
  }
  writeFileSync(join(folder, 'assistant.json'), JSON.stringify(assistant))
  return folder
}

describe.skipIf(missing !== false)(`a call through a sound card${missing ? ` (${missing})` : ''}`, () => {
  let card: SoundCard
  beforeAll(async () => {
    card = await startSoundCard()
  })
  afterAll(() => card?.stop())

  it('hears the caller, answers aloud, and the answer can be understood', async () => {
    const folder = await talkative('Tomorrow at nine thirty is free. Shall I book it for you?')
    const running = startVapi(
      ['call', 'local', 'assistant.json', '--in', 'mic', '--json', '--record', 'r.wav'],
      { cwd: folder, env: card.env, stdin: null },
    )
    await running.prints('"customer.joined"')
    const recorder = await card.recorder()
    await card.speakSamples(await synthesise('I need an appointment for tomorrow.'))
    await running.prints('"assistant.speech.stopped"')
    running.child.kill('SIGINT')
    const { stdout, code } = await running.finished
    const { samples } = await recorder.stop()
    expect(code).toBe(130)

    const events = jsonLines(stdout)
    const said = events.find(
      ({ type, role, transcriptType }) =>
        type === 'transcript' && role === 'user' && transcriptType === 'final',
    )
    expect(String(said?.transcript).toLowerCase()).toContain('appointment for tomorrow')
    expect(said?.origin).toBeUndefined()

    const heard = await recognise(samples)
    for (const word of ['tomorrow', 'nine', 'thirty']) expect(heard).toContain(word)
    const { channels } = readWav(readFileSync(join(folder, 'r.wav')))
    expect(channels).toHaveLength(2)
  }, 90_000)

  it('stops the assistant’s sound soon after the caller begins to speak over it', async () => {
    const folder = await talkative(
      'This is a very long answer that goes on and on about all the things that one could say of our opening hours, of the weather, of the river, and of the old town.',
    )
    const running = startVapi(
      ['call', 'local', 'assistant.json', '--in', 'mic', '--echo', 'none', '--json'],
      {
        cwd: folder,
        env: card.env,
        stdin: null,
      },
    )
    await running.prints('"customer.joined"')
    const speaker = await card.recorder()
    const microphone = await card.recorder('vmic')
    await card.speakSamples(await synthesise('Tell me something about the town.'))
    await running.prints('"assistant.speech.started"')
    const bargeIn = await synthesise('Hello, I have one more question for you.')
    await card.speakSamples(bargeIn)
    await running.prints('"backoff.started"')
    await running.prints('"assistant.speech.stopped"')
    const [heard, spoken] = [await speaker.stop(), await microphone.stop()]
    running.child.kill('SIGINT')
    const events = jsonLines((await running.finished).stdout)

    const interruption = events.find(({ type, ignored }) => type === 'interruption' && ignored === false)
    const started = events.findLast(
      ({ type, atMs }) => type === 'customer.speech.started' && Number(atMs) <= Number(interruption?.atMs),
    )
    // The port is cleared within voiceSeconds + 50 ms of the first sound.
    expect(Number(interruption?.atMs) - Number(started?.audioMs)).toBeLessThanOrEqual(250)

    // In the sound itself: from the caller's second onset to the assistant's last sound.
    const firstEnd = endOfSound(spoken.samples, 0.01, 0)
    const onset = firstLoud(spoken.samples, 0.01, firstEnd + 8000)
    const onsetMs = spoken.arrivedAt(onset)
    // What it says after the backoff is another utterance.
    const heardAtOnset = sampleAt(heard, onsetMs)
    const silence = endOfSound(heard.samples, 0.005, Math.max(0, heardAtOnset - 8000))
    const stoppedAfterMs = heard.arrivedAt(silence) - onsetMs
    expect(stoppedAfterMs).toBeGreaterThan(0)
    expect(stoppedAfterMs).toBeLessThanOrEqual(500)
  }, 90_000)

  it('lists the card’s devices and says so where a name fits none', async () => {
    const { stdout } = await vapi(['call', 'devices', '--json'], { env: card.env })
    const rows = JSON.parse(stdout) as { kind: string; name: string }[]
    expect(rows.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['microphone', 'speaker']))
    const folder = await talkative('Hm.')
    const { stderr, code } = await vapi(
      ['call', 'local', 'assistant.json', '--microphone', 'no such thing'],
      { cwd: folder, env: card.env },
    )
    expect(code).toBe(2)
    expect(stderr).toContain('no such thing')
  })
})

describe('without a sound card', () => {
  it('the microphone’s absence is one clear error', async () => {
    const folder = await talkative('Hm.')
    const env = { XDG_RUNTIME_DIR: '/nonexistent', PULSE_SERVER: 'unix:/nonexistent' }
    const { stderr, code } = await vapi(['call', 'local', 'assistant.json'], { cwd: folder, env })
    expect([1, 2]).toContain(code)
    expect(stderr).toMatch(/^error: /m)
    expect(stderr).toMatch(/hint: /)
    expect(stderr).not.toMatch(/ALSA lib|\n\s+at /)
    expect(existsSync(folder)).toBe(true)
  }, 60_000)
})

/** The end of the first sound from `from` on: after its last loud stretch before 0.8 s of silence. */
function endOfSound(samples: Int16Array, level: number, from: number): number {
  const pause = 12_800
  let end = firstLoud(samples, level, from)
  for (let next = end; next !== -1 && next - end < pause; next = firstLoud(samples, level, end + 160))
    end = next
  return end + 160
}

/** The sample that was recorded at a time. */
function sampleAt(recording: Recording, atMs: number): number {
  let sample = 0
  while (sample < recording.samples.length && !(recording.arrivedAt(sample) >= atMs)) sample += 160
  return sample
}
