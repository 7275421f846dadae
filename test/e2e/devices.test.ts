import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { readWav } from '../../src/audio/wav/read.ts'
import { readCallLog } from '../../src/call/replay/read.ts'
import { noise } from '../audio/devices/signals.ts'
import { startFakeOpenAi, textReply } from '../support/fake-openai.ts'
import { jsonLines, type Running, startVapi, temporaryFolder } from '../support/program.ts'
import { requires } from '../support/requires.ts'
import { type SoundCard, soundCardPrograms, startSoundCard } from '../support/sound-card.ts'
import { synthesise } from '../support/speech.ts'

const missing = requires(...soundCardPrograms, 'pocketsphinx_continuous')

const FIRST =
  'Hello, this is the clinic on the old market square. We have two openings this week, on Tuesday and on Thursday.'

async function assistant(
  fields: Record<string, unknown>,
  reply = 'Tomorrow at nine thirty is free. Shall I book it for you?',
): Promise<string> {
  const server = await startFakeOpenAi()
  onTestFinished(() => server.close())
  server.answerWith(() => textReply([reply]))
  const folder = temporaryFolder()
  const body = {
    firstMessage: FIRST,
    model: { provider: 'custom-llm', url: server.baseUrl, model: 'test' },
    voice: { provider: 'embedded', voiceId: 'slt' },
    transcriber: { provider: 'pocketsphinx' },
    startSpeakingPlan: { waitSeconds: 0, transcriptionEndpointingPlan: { onNoPunctuationSeconds: 0.3 } },
    stopSpeakingPlan: { numWords: 0, voiceSeconds: 0.2, backoffSeconds: 1 },
    ...fields,
  }
  writeFileSync(join(folder, 'assistant.json'), JSON.stringify(body))
  return folder
}

const isUser = ({ type, role, transcriptType }: Record<string, unknown>) =>
  type === 'transcript' && role === 'user' && transcriptType === 'final'

describe.skipIf(missing !== false)(`a call on real devices${missing ? ` (${missing})` : ''}`, () => {
  let card: SoundCard
  beforeEach(async () => {
    card = await startSoundCard()
  })
  afterEach(() => card?.stop())

  const pactl = (...args: string[]) => execFileSync('pactl', args, { env: card.env, encoding: 'utf8' })
  /** What the speaker plays comes to the microphone. */
  const echo = () =>
    pactl('load-module', 'module-loopback', 'source=vspk.monitor', 'sink=vmicsink', 'latency_msec=40')
  const unload = (holds: string) => {
    const line = pactl('list', 'modules', 'short')
      .split('\n')
      .find(text => text.includes(holds))
    pactl('unload-module', line?.split('\t')[0] ?? '')
  }
  const start = (folder: string, ...more: string[]) =>
    startVapi(['call', 'local', 'assistant.json', '--in', 'mic', '--json', '--record', 'r.wav', ...more], {
      cwd: folder,
      env: card.env,
      stdin: null,
    })
  async function finish(running: Running) {
    running.child.kill('SIGINT')
    const { stdout, stderr, code } = await running.finished
    return { events: jsonLines(stdout), stderr, code }
  }

  it('rests the microphone while the assistant is heard, and hears the caller right after it', async () => {
    echo()
    const folder = await assistant({ firstMessageMode: 'assistant-waits-for-user' }, FIRST)
    const [speaker, microphone] = [await card.recorder(), await card.recorder('vmic')]
    const running = start(folder, '--save', 'c.vapicall')
    await running.prints('"customer.joined"')
    await card.speakSamples(await synthesise('Hello, who is there?'))
    await running.prints('"assistant.speech.started"')
    // No speech, but sound, until well after the assistant.
    const spoken = card.speakSamples(noise(9))
    await running.prints('"assistant.speech.stopped"')
    const [played, heard] = [await speaker.stop(), await microphone.stop()]
    await spoken
    await card.speakSamples(await synthesise('I need an appointment for tomorrow.'))
    await running.prints(/"turn.ended","turn":2/)
    const { events, stderr } = await finish(running)

    expect(stderr).toMatch(/^echo: half-duplex, .*Virtual-Speaker.*$/m)
    const spoke = events.find(({ type }) => type === 'assistant.speech.started')
    const stopped = events.find(({ type }) => type === 'assistant.speech.stopped')
    expect(stopped).toMatchObject({ reason: 'completed', spokenText: FIRST })
    const meanwhile = ({ atMs }: Record<string, unknown>) =>
      Number(atMs) > Number(spoke?.atMs) && Number(atMs) < Number(stopped?.atMs)
    expect(
      events.filter(
        event =>
          meanwhile(event) && /interruption|customer.speech.started|transcript/.test(String(event.type)),
      ),
    ).toEqual([])
    expect(String(events.filter(isUser)[1]?.transcript).toLowerCase()).toMatch(/appoint|tomorrow/)

    // The recording has all that the microphone heard; what counted was silent while the assistant was heard, and not much longer.
    const [customer] = sidesOf(join(folder, 'r.wav'))
    const counted = await savedSound(join(folder, 'c.vapicall'), customer.length)
    // What the microphone heard first tells how the clocks of the call and of this test differ.
    const offsetMs = heard.arrivedAt(firstSound(heard.samples)) - firstSound(customer) / 16
    const [begin = 0, end = 0] = [firstSound(played.samples), lastSound(played.samples)].map(place =>
      Math.round((played.arrivedAt(place) - offsetMs) * 16),
    )
    expect(firstSound(customer.subarray(begin + 8000, end))).not.toBe(-1)
    const opened = begin + 8000 + firstSound(counted.subarray(begin + 8000))
    expect((opened - end) / 16).toBeGreaterThan(-60)
    // 140 to 250 ms where the machine is loaded: 80 ms of tail, the device's confirmation, and what this test hears late.
    expect((opened - end) / 16).toBeLessThan(400)
  }, 90_000)

  it('finds that the assistant hears itself, does not answer itself, and says what helps', async () => {
    echo()
    const fields = { firstMessageMode: 'assistant-waits-for-user', stopSpeakingPlan: { numWords: 3 } }
    const folder = await assistant(fields, FIRST)
    const running = start(folder, '--echo', 'none', '--save', 'c.vapicall')
    await running.prints('"customer.joined"')
    await card.speakSamples(await synthesise('Hello, who is there?'))
    await running.prints('"transcript.self-heard"')
    await running.prints('"assistant.speech.stopped"')
    await card.speakSamples(await synthesise('I need an appointment for tomorrow.'))
    await running.prints(/"turn.ended","turn":2/)
    const { events, stderr } = await finish(running)
    expect(stderr).toMatch(/^echo: the microphone stays open .*--echo none/m)
    expect(events.find(({ type }) => type === 'assistant.speech.stopped')).toMatchObject({
      reason: 'completed',
    })
    expect(
      events.filter(
        ({ type, message }) =>
          type === 'warning' && String(message).includes('the microphone hears the assistant'),
      ),
    ).toHaveLength(1)
    const turns = events.filter(({ type }) => type === 'turn.ended')
    expect(String(turns[1]?.text).toLowerCase()).toMatch(/appoint|tomorrow/)
  }, 90_000)

  it('goes on when microphone and speaker are unplugged and plugged in again, and the recording keeps the time', async () => {
    const folder = await assistant({ firstMessageMode: 'assistant-waits-for-user' })
    const running = start(folder)
    await running.prints('"customer.joined"')
    for (const name of ['source_name=vmic', 'sink_name=vspk', 'sink_name=vmicsink']) unload(name)
    await running.prints('the microphone stopped')
    await running.prints('the speaker stopped')
    pactl(
      'load-module',
      'module-null-sink',
      'sink_name=vspk',
      'rate=48000',
      'channels=2',
      'sink_properties=device.description=Virtual-Speaker',
    )
    pactl('load-module', 'module-null-sink', 'sink_name=vmicsink', 'rate=48000', 'channels=1')
    pactl('set-default-sink', 'vspk')
    pactl('load-module', 'module-remap-source', 'source_name=vmic', 'master=vmicsink.monitor')
    pactl('set-default-source', 'vmic')
    // They keep the sinks from working in blocks of two seconds.
    const awake = await Promise.all([card.recorder('vspk.monitor'), card.recorder('vmic')])
    await running.prints('the microphone is back')
    await running.prints('the speaker is back')
    await card.speakSamples(await synthesise('I need an appointment for tomorrow.'))
    await running.prints('"assistant.speech.stopped"')
    const { events, code } = await finish(running)
    for (const recorder of awake) await recorder.stop()

    expect(code).toBe(130)
    expect(String(events.find(isUser)?.transcript).toLowerCase()).toMatch(/appoint|tomorrow/)
    const [customer, voice] = sidesOf(join(folder, 'r.wav'))
    const ended = events.find(({ type }) => type === 'call.ended')
    const spoke = events.find(({ type }) => type === 'assistant.speech.started')
    const said = events.find(({ type }) => type === 'customer.speech.started')
    const voiceMs = firstSound(voice) / 16
    const saidMs = firstSound(customer) / 16
    expect(Math.abs(voiceMs - Number(spoke?.atMs))).toBeLessThan(250)
    expect(Math.abs(saidMs - Number(said?.audioMs))).toBeLessThan(250)
    expect(Math.abs(customer.length / 16 - Number(ended?.atMs))).toBeLessThan(400)
  }, 90_000)
})

/** Customer and assistant of a recording, 16 kHz. */
function sidesOf(path: string): [Int16Array, Int16Array] {
  const { channels } = readWav(readFileSync(path))
  const side = (place: number) =>
    Int16Array.from(channels[place] ?? [], sample => Math.round(sample * 32_767))
  return [side(0), side(1)]
}

function firstSound(samples: Int16Array): number {
  return samples.findIndex(sample => Math.abs(sample) > 300)
}

function lastSound(samples: Int16Array): number {
  return samples.findLastIndex(sample => Math.abs(sample) > 300)
}

/** What counted of the customer's sound, by sample of the call. */
async function savedSound(path: string, length: number): Promise<Int16Array> {
  const { sound } = await readCallLog(path)
  const all = new Int16Array(length)
  for (const { audioMs, samples } of sound) {
    const place = Math.round(audioMs * 16)
    all.set(samples.subarray(0, Math.max(0, length - place)), place)
  }
  return all
}
