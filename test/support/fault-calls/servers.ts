/** Servers like Deepgram's, OpenAI's and ElevenLabs' for one call, in which goes wrong what its plan says. */
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { type FakeReply, type FakeStep, startFakeOpenAi } from '../fake-openai.ts'
import { DEEPGRAM_KEY, startDeepgram } from '../providers/deepgram.ts'
import { type CreateRecogniser, startElevenLabsScribe } from '../providers/elevenlabs-scribe.ts'
import { elevenLabsProtocol } from '../providers/elevenlabs-voice.ts'
import { OPENAI_KEY, openAiVoiceProtocol } from '../providers/openai-voice.ts'
import {
  type Behaviour,
  bytesOf,
  type SpeechProtocol,
  startSpeechServer,
} from '../providers/speech-server.ts'
import { KEY as SCRIBE_KEY } from '../providers/transcription-server.ts'
import type { CallPlan, ModelFault, VoiceFault } from './plan.ts'
import { createMarkedEars, marked, samplesOf, wordsIn } from './words.ts'

/** The pace of the voices. */
const MS_PER_CHARACTER = 25
const RATE = 16_000

export interface FaultServers {
  env: NodeJS.ProcessEnv
  /** Conversations as the model got them. */
  readonly asked: readonly { role: string; content: string | null }[][]
  /** What the model wrote, as far as it wrote it. */
  readonly written: readonly string[]
  /** Texts that were spoken whole by the voice without marks. */
  readonly unmarked: readonly string[]
  /** What went wrong, in order. */
  readonly faults: readonly string[]
  close(): Promise<void>
}

export async function startFaultServers(plan: CallPlan): Promise<FaultServers> {
  const faults: string[] = []
  const note = (kind: string, fault: object | null) => {
    if (fault !== null && Object.keys(fault).length > 0) faults.push(`${kind} ${JSON.stringify(fault)}`)
  }
  const deepgram = await startDeepgram({ createEars })
  deepgram.faults = plan.deepgram
  const scribe = await startElevenLabsScribe(createRecogniser)
  scribe.script(...plan.scribe)

  let fault: VoiceFault = {}
  const speech = await startSpeechServer(markedSpeech(() => fault))
  const unmarked: string[] = []
  const written: string[] = []
  const asked: FaultServers['asked'][number][] = []
  const openAi = await startFakeOpenAi()
  const openAiVoice = openAiVoiceProtocol()
  openAi.answerWith(request => {
    if (request.path.endsWith('/audio/speech')) {
      const body = request.json as Record<string, unknown>
      const voiceFault = plan.voice()
      note('openai voice', voiceFault)
      const bad = voiceFault.status ?? (voiceFault.closeAfter === undefined ? null : 500)
      if (bad !== null) return json(openAiVoice.error(bad), bad)
      const text = String(body.input)
      unmarked.push(text)
      const length = Math.round(text.length * MS_PER_CHARACTER * 24)
      return { headers: { 'content-type': 'audio/pcm' }, steps: [bytesOf(tone(length))] }
    }
    asked.push((request.json as { messages: FaultServers['asked'][number] }).messages)
    const modelFault = plan.model()
    note('model', modelFault)
    const { reply, text } = answerOf(plan.reply(), modelFault)
    written.push(text)
    return reply
  })

  const elevenLabs = await startRouter(
    head => head.startsWith('GET /v1/speech-to-text'),
    Number(new URL(scribe.url).port),
    Number(new URL(speech.url).port),
    () => {
      // One answer is asked for at a time: its fault is chosen as its request comes.
      fault = plan.voice()
      note('voice', fault)
      speech.script(behaviourOf(fault))
    },
  )
  return {
    env: {
      DEEPGRAM_API_KEY: DEEPGRAM_KEY,
      DEEPGRAM_BASE_URL: deepgram.url,
      OPENAI_API_KEY: OPENAI_KEY,
      OPENAI_BASE_URL: `${openAi.url}/v1`,
      ELEVENLABS_API_KEY: SCRIBE_KEY,
      ELEVENLABS_BASE_URL: elevenLabs.url,
    },
    asked,
    written,
    unmarked,
    get faults() {
      const met = <Fault extends object>(list: readonly Fault[], count: number) =>
        list.slice(0, count).filter(one => Object.keys(one).length > 0)
      return [
        ...met(plan.deepgram, deepgram.handshakes.length).map(one => `deepgram ${described(one)}`),
        ...met(plan.scribe, scribe.handshakes).map(one => `scribe ${described(one)}`),
        ...faults,
      ]
    },
    close: async () => {
      elevenLabs.close()
      await Promise.all([deepgram.close(), scribe.close(), speech.close(), openAi.close()])
    },
  }
}

function described(fault: object): string {
  return JSON.stringify(fault, (_name, value) => (typeof value === 'function' ? 'yes' : value))
}

function createEars() {
  const ears = createMarkedEars()
  return {
    get words() {
      return ears.words
    },
    get fragments() {
      return ears.fragments
    },
    get heardMs() {
      return ears.heardMs
    },
    get silenceMs() {
      return ears.silenceMs
    },
    get openMs() {
      return ears.openMs
    },
    listen: (bytes: Uint8Array) => ears.listen(samplesOf(bytes)),
  }
}

const createRecogniser: CreateRecogniser = (_rate, silenceMs, events) => {
  const ears = createMarkedEars()
  let told = 0
  let seen = 0
  const fresh = () =>
    ears.words.slice(told).map(({ text, startMs, endMs }) => ({ word: text, startMs, endMs }))
  const finalize = () => {
    const words = fresh()
    told = ears.words.length
    if (words.length > 0) events.final(words)
    return words.length > 0
  }
  return {
    get heardMs() {
      return ears.heardMs
    },
    feed(samples) {
      ears.listen(samples)
      if (ears.words.length > seen) events.partial(fresh())
      seen = ears.words.length
      if (seen > told && ears.silenceMs >= silenceMs) finalize()
    },
    finalize,
  }
}

function tone(length: number): Int16Array {
  return Int16Array.from({ length }, (_, place) => Math.round(8000 * Math.sin(place / 6)) | 1)
}

/** ElevenLabs' protocol with marks in the sound of each word. */
function markedSpeech(faultNow: () => VoiceFault): SpeechProtocol {
  const protocol = elevenLabsProtocol()
  const perCharacter = (MS_PER_CHARACTER * RATE) / 1000
  return {
    ...protocol,
    check: request => {
      const headers = { ...request.headers, 'xi-api-key': 'sk_0123456789elevenlabs' }
      return request.headers['xi-api-key'] === SCRIBE_KEY
        ? protocol.check({ ...request, headers })
        : { status: 401, body: protocol.error(401) }
    },
    speak({ body }, silent) {
      const text = String(body.text)
      const samples = tone(text.length * perCharacter)
      for (const { index, 0: word } of text.matchAll(/\p{L}+/gu)) {
        const [from, to] = [index * perCharacter, (index + word.length) * perCharacter]
        const [bare = ''] = wordsIn(word)
        samples.set(marked(bare, samples.subarray(from, to)), from)
      }
      if (silent) samples.fill(0)
      const { malformedAfter } = faultNow()
      const lines: Buffer[] = []
      const size = 3 + (text.length % 11)
      for (let from = 0; from < text.length; from += size) {
        if (lines.length === malformedAfter) return [...lines, Buffer.from('{"audio_base64": "AA\n')]
        const characters = [...text.slice(from, from + size)]
        const times = (offset: number) =>
          characters.map((_, place) => ((from + place + offset) * MS_PER_CHARACTER) / 1000)
        const alignment = {
          characters,
          character_start_times_seconds: times(0),
          character_end_times_seconds: times(1),
        }
        const sound = silent
          ? new Int16Array()
          : samples.subarray(from * perCharacter, (from + characters.length) * perCharacter)
        const line = {
          audio_base64: bytesOf(sound).toString('base64'),
          alignment: silent ? null : alignment,
          normalized_alignment: silent ? null : alignment,
        }
        lines.push(Buffer.from(`${JSON.stringify(line)}\n`))
      }
      return lines
    },
  }
}

function behaviourOf({ silentAfter, malformedAfter: _inSpeech, ...behaviour }: VoiceFault): Behaviour {
  const never = new Promise<void>(() => {})
  if (silentAfter === undefined) return behaviour
  return silentAfter === 0
    ? { ...behaviour, until: never }
    : { ...behaviour, waitAfter: { bytes: silentAfter, until: never } }
}

/** The model's answer with its fault, and the text that it gives before that. */
function answerOf(text: string, fault: ModelFault | null): { reply: FakeReply; text: string } {
  const parts = text.split(/(?<= )/)
  const events = parts.map(content =>
    eventOf({ choices: [{ index: 0, delta: { content }, finish_reason: null }] }),
  )
  const closing = [eventOf({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }), 'data: [DONE]\n\n']
  const stream = (steps: FakeStep[]): FakeReply => ({
    headers: { 'content-type': 'text/event-stream' },
    steps,
  })
  const whole = [...events, ...closing]
  if (fault === null) return { reply: stream(whole), text }
  switch (fault.type) {
    case 'status': {
      const error = { message: `status ${fault.status}`, type: 'test_error', param: null, code: null }
      return { reply: json({ error }, fault.status), text: '' }
    }
    case 'page':
      return {
        reply: { headers: { 'content-type': 'text/html' }, steps: ['<h1>Bad gateway</h1>'] },
        text: '',
      }
    case 'slow': {
      const steps = whole.flatMap((event): FakeStep[] => [event, { waitMs: fault.betweenMs }])
      return { reply: stream([{ waitMs: fault.firstMs }, ...steps]), text }
    }
    case 'pieces': {
      const bytes = Buffer.from(whole.join(''))
      const count = Math.ceil(bytes.length / fault.bytes)
      return {
        reply: stream(
          Array.from({ length: count }, (_, at) => bytes.subarray(at * fault.bytes, (at + 1) * fault.bytes)),
        ),
        text,
      }
    }
    default: {
      const before = { steps: events.slice(0, fault.at), text: parts.slice(0, fault.at).join('') }
      const ends: Record<typeof fault.type, FakeStep[]> = {
        cut: ['cut'],
        'half-sign': [Buffer.from('data: {"choices":[{"delta":{"content":"é').subarray(0, -1), 'cut'],
        malformed: ['data: {"choices": [{\n\n', ...closing],
        silence: ['silence'],
      }
      return { reply: stream([...before.steps, ...ends[fault.type]]), text: before.text }
    }
  }
}

function eventOf(fields: object): string {
  return `data: ${JSON.stringify({ id: 'chatcmpl-1', object: 'chat.completion.chunk', ...fields })}\n\n`
}

function json(value: unknown, status: number): FakeReply {
  return { status, headers: { 'content-type': 'application/json' }, steps: [JSON.stringify(value)] }
}

/** One address for two servers: the first bytes of a connection say to which it goes. `asks` is told of each request to the second. */
async function startRouter(
  isFirst: (head: string) => boolean,
  firstPort: number,
  secondPort: number,
  asks: () => void,
): Promise<{ url: string; close(): void }> {
  const sockets = new Set<Socket>()
  const server = createServer({ noDelay: true }, near => {
    let far: Socket | null = null
    sockets.add(near)
    near.on('error', () => {})
    near.on('close', () => far?.destroy())
    near.on('data', data => {
      const head = data.toString('latin1', 0, 200)
      const goesFirst = far === null && isFirst(head)
      if (head.startsWith('POST ')) asks()
      if (far === null) {
        far = connect({ port: goesFirst ? firstPort : secondPort, host: '127.0.0.1', noDelay: true })
        sockets.add(far)
        far.on('error', () => {})
        far.on('data', answer => near.write(answer))
        far.on('end', () => near.end())
        far.on('close', hadError => (hadError ? near.resetAndDestroy() : near.destroy()))
      }
      far.write(data)
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}
