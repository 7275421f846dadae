/** One session of the local Live API server: what its messages mean. */
import type { GeminiAnswerScript, GeminiBehaviour, GeminiContent, SeenGemini } from './gemini-live.ts'
import { befall } from './mishap.ts'
import type { Peer, PeerListener } from './transcription-server.ts'
import { createRecogniser, samplesOf, textOf } from './words.ts'

const OUTPUT_RATE = 24_000
/** Sound of one letter of an answer, in milliseconds. */
export const LETTER_MS = 60

interface Message {
  setup?: {
    model?: string
    generationConfig?: { responseModalities?: string[] }
    systemInstruction?: { parts: { text: string }[] }
    realtimeInputConfig?: {
      automaticActivityDetection?: { disabled?: boolean }
      activityHandling?: string
    }
    inputAudioTranscription?: object
    outputAudioTranscription?: object
  }
  clientContent?: { turns?: { role: string; parts: { text?: string }[] }[]; turnComplete?: boolean }
  realtimeInput?: {
    audio?: { data: string; mimeType: string }
    activityStart?: object
    activityEnd?: object
  }
  toolResponse?: { functionResponses: { id?: string; name: string; response: object }[] }
}

interface Activity {
  sound: Int16Array[]
  content: GeminiContent
  isTold: boolean
}

const SETUP = [
  'model',
  'generationConfig',
  'systemInstruction',
  'tools',
  'realtimeInputConfig',
  'sessionResumption',
  'contextWindowCompression',
  'inputAudioTranscription',
  'outputAudioTranscription',
  'proactivity',
  'historyConfig',
]

export function createGeminiSessionServer(
  peer: Peer,
  seen: SeenGemini,
  behaviour: GeminiBehaviour,
  shared: { answers: GeminiAnswerScript[]; hears: string[] | undefined; calls: number },
): PeerListener {
  const { wordMs = 2, transcribesMs = 1 } = behaviour
  let isOpen = true
  let isSetUp = false
  let activity: Activity | null = null
  let heardMs = 0
  let awaited: string[] = []
  let isReader = false
  /** Answers in their order. */
  let work = Promise.resolve()
  let run: { stopped: boolean } | null = null
  const send = (message: object | string) => {
    if (isOpen) peer.send(message)
  }

  function close(code: number, reason: string): void {
    seen.errors.push(reason)
    isOpen = false
    peer.close(code, reason)
  }

  function setUp(setup: NonNullable<Message['setup']>): void {
    const unknown = Object.keys(setup).find(key => !SETUP.includes(key))
    if (unknown !== undefined) {
      close(1007, `Invalid JSON payload received. Unknown name "${unknown}" at 'setup': Cannot find field.`)
      return
    }
    if (!/^models\//.test(setup.model ?? '') || /no-such/.test(setup.model ?? '')) {
      close(
        1008,
        `${setup.model} is not found for API version v1beta, or is not supported for bidiGenerateContent.`,
      )
      return
    }
    isSetUp = true
    Object.assign(seen.setup, setup)
    isReader = setup.systemInstruction?.parts[0]?.text.includes('<<<') ?? false
    seen.isReader = isReader
    send({ setupComplete: {} })
  }

  function hear(heard: Activity): void {
    heard.isTold = true
    const text = shared.hears === undefined ? wordsIn(heard.sound) : (shared.hears.shift() ?? '')
    heard.content.text = text
    if (seen.setup.inputAudioTranscription === undefined) return
    for (const word of text.split(/(?= )/))
      if (word !== '') send({ serverContent: { inputTranscription: { text: word } } })
  }

  function realtime({ audio, activityStart, activityEnd }: NonNullable<Message['realtimeInput']>): void {
    const { automaticActivityDetection, activityHandling } = seen.setup.realtimeInputConfig ?? {}
    if ((activityStart ?? activityEnd) !== undefined && automaticActivityDetection?.disabled !== true) {
      close(1007, 'Explicit activity control is not supported when automatic activity detection is enabled.')
      return
    }
    if (activityStart !== undefined) {
      if (activity !== null) seen.errors.push('an activity within an activity')
      activity = { sound: [], content: { role: 'user', audioMs: 0 }, isTold: false }
      seen.contents.push(activity.content)
      if (activityHandling !== 'NO_INTERRUPTION' && run !== null) run.stopped = true
    }
    if (audio !== undefined) {
      if (!/^audio\/pcm;rate=16000$/.test(audio.mimeType)) seen.errors.push(`sound as ${audio.mimeType}`)
      const samples = samplesOf(Buffer.from(audio.data, 'base64'))
      heardMs += samples.length / 16
      if (activity === null) seen.errors.push('sound without an activity')
      else {
        activity.sound.push(samples)
        activity.content.audioMs = (activity.content.audioMs ?? 0) + samples.length / 16
        const isHeard = behaviour.hearsWhileSpoken === true && activity.content.audioMs > 600
        if (isHeard && !activity.isTold) hear(activity)
      }
    }
    if (activityEnd === undefined) return
    if (activity === null) {
      seen.errors.push('the end of no activity')
      return
    }
    const ended = activity
    if (!ended.isTold) setTimeout(() => hear(ended), transcribesMs)
    activity = null
    answer()
  }

  function contents({ turns = [], turnComplete = false }: NonNullable<Message['clientContent']>): void {
    for (const { role, parts } of turns)
      for (const { text } of parts) seen.contents.push({ role, text: text ?? '' })
    if (run !== null) run.stopped = true
    if (turnComplete) answer()
  }

  function results({ functionResponses }: NonNullable<Message['toolResponse']>): void {
    for (const { id, name, response } of functionResponses) {
      if (!awaited.includes(id ?? '')) {
        close(1008, 'Requested entity was not found.')
        return
      }
      awaited = awaited.filter(other => other !== id)
      seen.contents.push({ role: 'user', text: '', result: { name, response } })
    }
    if (awaited.length === 0) answer()
  }

  function answer(): void {
    const own = { stopped: false }
    work = work.then(async () => {
      if (!isOpen) return
      run = own
      await say(own)
      run = null
    })
  }

  async function say(own: { stopped: boolean }): Promise<void> {
    const asked = /<<<\n([\s\S]*)\n>>>/.exec(seen.contents.at(-1)?.text ?? '')?.[1] ?? ''
    const script: GeminiAnswerScript = isReader
      ? { text: behaviour.disobeys ?? asked }
      : ((shared.answers.length > 1 ? shared.answers.shift() : shared.answers[0]) ?? { text: 'All right.' })
    const spoken = seen.setup.generationConfig?.responseModalities?.[0] !== 'TEXT'
    const { text = '', calls = [] } = script
    if (!isReader) seen.answers++
    if (!(await speak(own, script, text, spoken))) return
    if (own.stopped) {
      send({ serverContent: { interrupted: true } })
      send({ serverContent: { turnComplete: true } })
      return
    }
    const usage = usageOf(text, spoken)
    if (calls.length > 0) {
      const functionCalls = calls.map(({ name, args }) => ({ id: `call-${++shared.calls}`, name, args }))
      awaited = functionCalls.map(({ id }) => id)
      for (const { id, name } of functionCalls)
        seen.contents.push({ role: 'model', text: '', call: { id, name } })
      send({ toolCall: { functionCalls }, usageMetadata: usage })
      if (behaviour.cancelsCalls) send({ toolCallCancellation: { ids: awaited } })
      return
    }
    const tellWords = () => {
      if (seen.setup.outputAudioTranscription !== undefined)
        send({ serverContent: { outputTranscription: { text } } })
    }
    send({ serverContent: { generationComplete: true } })
    if (script.wordsLate === 'within') tellWords()
    if (behaviour.playsMs !== undefined) await later(behaviour.playsMs)
    send({ serverContent: { turnComplete: true }, usageMetadata: usage })
    if (script.wordsLate === 'after') setTimeout(tellWords, 20)
    if (script.goesAway) send({ goAway: { timeLeft: '1s' } })
  }

  async function speak(
    own: { stopped: boolean },
    script: GeminiAnswerScript,
    text: string,
    spoken: boolean,
  ): Promise<boolean> {
    if (text === '') return true
    const content = { role: 'model', text: '' }
    seen.contents.push(content)
    let letters = 0
    for (const [place, word] of text.split(/(?= )/).entries()) {
      if (place === script.breaksAfter) {
        isOpen = false
        peer.close(1011, 'Internal error encountered.')
        return false
      }
      const { mishap } = script
      if (place === mishap?.after) {
        if (mishap.wordAlone) send({ serverContent: { outputTranscription: { text: word } } })
        if (befall(peer, mishap)) {
          isOpen = false
          return false
        }
      }
      if (place === script.babblesAfter) peer.send('{"serverContent":{"modelTurn"')
      if (place === script.stallsAfter) return false
      if (own.stopped) break
      content.text += word
      const count = word.trim().length
      if (spoken) {
        const inlineData = { mimeType: `audio/pcm;rate=${OUTPUT_RATE}`, data: soundOf(letters, count) }
        send({ serverContent: { modelTurn: { role: 'model', parts: [{ inlineData }] } } })
        if (seen.setup.outputAudioTranscription !== undefined && script.wordsLate === undefined)
          send({ serverContent: { outputTranscription: { text: word } } })
      } else send({ serverContent: { modelTurn: { role: 'model', parts: [{ text: word }] } } })
      letters += count
      await later(wordMs)
      if (!isOpen) return false
    }
    return true
  }

  return {
    heardMs: () => heardMs,
    text(text) {
      const message = JSON.parse(text) as Message
      seen.messages.push(
        message.realtimeInput?.audio === undefined ? message : { realtimeInput: { audio: {} } },
      )
      if (!isOpen) return
      if (message.setup !== undefined) setUp(message.setup)
      else if (!isSetUp) close(1007, 'setup must be the first message')
      else if (message.realtimeInput !== undefined) realtime(message.realtimeInput)
      else if (message.clientContent !== undefined) contents(message.clientContent)
      else if (message.toolResponse !== undefined) results(message.toolResponse)
      else close(1007, 'Request contains an invalid argument.')
    },
  }
}

const later = (ms: number) => new Promise(resolve => setTimeout(resolve, ms))

/** A value that says how many milliseconds of sound went before. */
function soundOf(letters: number, count: number): string {
  const length = (count * LETTER_MS * OUTPUT_RATE) / 1000
  const samples = Int16Array.from({ length }, (_, place) => {
    const ms = letters * LETTER_MS + (place * 1000) / OUTPUT_RATE
    return 2000 + (Math.floor(ms) % 1000) * 20
  })
  return Buffer.from(samples.buffer).toString('base64')
}

function wordsIn(pieces: readonly Int16Array[]): string {
  const said: string[] = []
  const recogniser = createRecogniser(16_000, 0, { final: words => void said.push(textOf(words)) })
  for (const piece of pieces) recogniser.feed(piece)
  recogniser.finalize()
  return said.join(' ')
}

function usageOf(text: string, spoken: boolean): object {
  const audio = spoken ? Math.ceil((text.replaceAll(' ', '').length * LETTER_MS) / 40) : 0
  const words = spoken ? 0 : 10
  return {
    promptTokenCount: 100,
    cachedContentTokenCount: 20,
    responseTokenCount: audio + words,
    thoughtsTokenCount: 5,
    totalTokenCount: 105 + audio + words,
    promptTokensDetails: [
      { modality: 'TEXT', tokenCount: 60 },
      { modality: 'AUDIO', tokenCount: 40 },
    ],
    responseTokensDetails: [{ modality: spoken ? 'AUDIO' : 'TEXT', tokenCount: audio + words }],
  }
}
