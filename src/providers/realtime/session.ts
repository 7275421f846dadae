/**
 * A speech-to-speech session of OpenAI. The engine decides about turns and interruptions and keeps the history; here is what the
 * session knows of it: its conversation, the answers it was asked for, and the way back after the loss of the connection. What
 * was said before such a loss comes back as text.
 */
import { SAMPLE_RATE } from '../../engine/ports/audio-input.ts'
import type { ModelRequest, ModelTool } from '../../engine/ports/language-model.ts'
import { asVapiError, VapiError } from '../../errors.ts'
import type { HttpClient } from '../../net/http.ts'
import { garbageError, type ModelErrorContext, refusalError } from '../models/model-error.ts'
import type { Answer, Pace } from './answer.ts'
import { type Entry, reconcile, wantedOf } from './conversation.ts'
import type { SessionSettings, Told } from './events.ts'
import { createHeardItems, type HearingListener } from './heard.ts'
import { type Link, openLink } from './link.ts'
import { currentForm, REALTIME_RATE, type RealtimeForm } from './openai-form.ts'
import { type AnswerPart, createRequest, type Request } from './requests.ts'
import { createSignal } from './signal.ts'
import { createSoundReader, type SoundReader } from './sound.ts'

/** How long an answer that was taken back may keep the next one waiting, in milliseconds. */
const CANCEL_MS = 2000
/** A session that is lost again within so long is given up, in milliseconds. */
const GOOD_MS = 10_000
/** Letters that people say in a second. */
const USUAL_PACE = 12.5
/** Answers whose sound may still be asked for. */
const KEPT_ANSWERS = 4
const MS_PER_SAMPLE = 1000 / SAMPLE_RATE

type SpokenEntry = Extract<Entry, { type: 'spoken' }>

export interface SessionOptions {
  context: ModelErrorContext
  http: HttpClient
  form: RealtimeForm
  settings: SessionSettings
  /** The assistant's own system messages. */
  prompts: readonly string[]
  /** As configured; null: the session's own. */
  temperature: number | null
  /** Takes what the user should know, each thing once. */
  warn: (message: string) => void
}

export interface RealtimeSession {
  readonly settings: SessionSettings
  readonly context: ModelErrorContext
  /** Of the customer's sound, in hertz. */
  readonly inputRate: number
  /** Those of the conversation whose sound may still be asked for. */
  readonly answers: readonly Answer[]
  /** Resolves when it takes sound. Throws VapiError. */
  open(): Promise<void>
  /** Who sends the customer's sound; null: nobody does any more. */
  hear(listener: HearingListener | null): void
  append(base64: string): void
  /** Ends a stretch of the customer's sound; `segment` stands for it in what the listener is told. */
  commit(segment: object): void
  /** Brings the conversation to this, and asks for its next answer. Throws VapiError, or the reason of `signal`. */
  ask(request: ModelRequest, signal: AbortSignal): Promise<Request>
  /** Has words said, beside the conversation. */
  say(words: string): Promise<Request>
  /** Nobody waits for it any more. */
  cancel(request: Request): void
  /** Only so much of an answer was heard, in milliseconds of its sound. */
  cut(answer: Answer, heardMs: number): void
  close(): void
}

export function createRealtimeSession(options: SessionOptions): RealtimeSession {
  const { context, settings, temperature } = options
  const closing = new AbortController()
  const requests = new Set<Request>()
  const heard = createHeardItems()
  const change = createSignal()
  const pace: Pace = { lettersPerSecond: USUAL_PACE }
  const told = new Set<string>()
  let { form } = options
  let link: Link | null = null
  let opening: Promise<void> | null = null
  let lostMs = Number.NEGATIVE_INFINITY
  let gone: VapiError | null = null
  let ear: HearingListener | null = null
  let entries: Entry[] = []
  let answers: Answer[] = []
  let sent: { instructions: string; tools: readonly ModelTool[] } = settings
  let names = 0
  /** Made before it is needed: nobody is to wait for it. */
  let spare: Promise<SoundReader> | null = null

  function takeReader(): Promise<SoundReader> | null {
    if (settings.voice === null) return null
    const reader = spare ?? createSoundReader(REALTIME_RATE)
    spare = createSoundReader(REALTIME_RATE)
    return reader
  }

  const nameOf = (what: string): string => `${what}_${++names}`
  const send = (type: string, message: object, name = nameOf(type)): void =>
    link?.send({ type, ...message }, name)

  function open(): Promise<void> {
    if (gone !== null) return Promise.reject(gone)
    if (link !== null) return Promise.resolve()
    opening ??= connect().finally(() => {
      opening = null
    })
    return opening
  }

  async function connect(): Promise<void> {
    const connectIn = (inForm: RealtimeForm) =>
      openLink(
        { ...options, form: inForm, settings: { ...settings, ...sent } },
        { told: take, lost: lose },
        closing.signal,
      )
    try {
      link = await connectIn(form)
    } catch (thrown) {
      // The form that the model was made for may not be spoken any more.
      if (
        form === currentForm ||
        !/beta_api_shape_disabled|no longer supported/.test(asVapiError(thrown).message)
      )
        throw thrown
      form = currentForm
      link = await connectIn(form)
    }
    if (settings.voice !== null) spare ??= createSoundReader(REALTIME_RATE)
    entries = []
    heard.clear()
    if (temperature !== null)
      send('session.update', { session: form.temperature(temperature) }, nameOf('temperature'))
    ear?.reopened()
  }

  function lose(error: VapiError): void {
    link = null
    for (const request of [...requests]) end(request, { type: 'broken', error })
    const isAgain = performance.now() - lostMs < GOOD_MS
    lostMs = performance.now()
    if (isAgain || !error.retryable) giveUp(error)
    // Without a listener it is opened again when it is needed.
    else if (ear !== null) {
      warn(`${error.message}; it is opened once more, and gets the conversation so far as text`)
      open().catch(thrown => giveUp(asVapiError(thrown)))
    }
  }

  function giveUp(error: VapiError): void {
    if (gone !== null) return
    gone = error
    ear?.failed(error)
    change.tell()
  }

  function end(request: Request, ended: NonNullable<Request['ended']>): void {
    requests.delete(request)
    request.end(ended)
    change.tell()
  }

  function take(event: Told): void {
    switch (event.type) {
      case 'committed':
      case 'hearing':
      case 'heard':
      case 'unheard':
        heard.take(event, ear)
        if (event.type === 'unheard')
          warn(`${context.vendor.label} could not write down what the customer said: ${event.message}`)
        return
      case 'answer': {
        const request = [...requests].find(({ key }) => key === event.key)
        if (request === undefined) return
        request.answerId = event.answerId
        if (request.isCancelled) sendCancel(request)
        return
      }
      case 'message':
      case 'text':
      case 'sound':
      case 'call':
      case 'answered': {
        const request = [...requests].find(({ answerId }) => answerId === event.answerId)
        if (request === undefined) return
        if (event.type === 'answered') end(request, event)
        else takePart(request, event)
        return
      }
      case 'error':
        takeError(event)
    }
  }

  function takePart(request: Request, part: AnswerPart): void {
    // What is said beside the conversation is no part of it.
    if (request.words === null) {
      const { itemId: id } = part
      if (part.type === 'call') entries.push({ type: 'call', id, callId: part.callId })
      else {
        const entry = spokenEntry(id, request.isCancelled)
        if (part.type === 'text') entry.text += part.delta
      }
    } else if (part.type === 'call') return
    request.take(part)
    if (request.ended !== null) end(request, request.ended)
  }

  function spokenEntry(id: string, isVoid: boolean): SpokenEntry {
    const found = entries.find((entry): entry is SpokenEntry => entry.type === 'spoken' && entry.id === id)
    if (found !== undefined) return found
    const entry: SpokenEntry = { type: 'spoken', id, text: '', isKnown: false, isVoid }
    entries.push(entry)
    return entry
  }

  function takeError({ eventId, code, message }: Extract<Told, { type: 'error' }>): void {
    const name = eventId ?? ''
    const said = message || code
    switch (name.split('_')[0]) {
      case 'answer': {
        const request = [...requests].find(({ key }) => key === name)
        const error = refusalError(context, { code, message, status: 400 })
        if (request !== undefined) end(request, { type: 'broken', error })
        return
      }
      case 'commit': {
        const refused = heard.refuse(name, ear)
        entries = entries.filter(entry => entry !== refused)
        return
      }
      // It was over already.
      case 'cancel':
        return
      case 'temperature':
        warn(`model.temperature has no effect: ${settings.model} takes none (${said})`)
        return
      default:
        warn(`${context.vendor.label} did not take a message: ${said}`)
    }
  }

  function warn(message: string): void {
    if (!told.has(message)) options.warn(message)
    told.add(message)
  }

  function sendCancel({ answerId }: Request): void {
    send('response.cancel', { response_id: answerId }, nameOf('cancel'))
  }

  function cancel(request: Request): void {
    if (request.isCancelled) return
    request.cancel()
    void takeBack(request.answer)
    if (request.answerId !== null && requests.has(request)) sendCancel(request)
  }

  /** The history need not have all of it. */
  function takeBack(answer: Answer): void {
    for (const entry of entries)
      if (entry.type === 'spoken' && answer.items.some(({ id }) => id === entry.id)) entry.isVoid = true
  }

  /** The conversation gives one answer at a time. */
  async function settle(signal: AbortSignal): Promise<void> {
    const patience = AbortSignal.any([signal, AbortSignal.timeout(CANCEL_MS)])
    for (;;) {
      const underway = [...requests].filter(({ words }) => words === null)
      if (underway.length === 0) return
      for (const request of underway) cancel(request)
      await change.next(patience)
      if (!patience.aborted) continue
      signal.throwIfAborted()
      // It would refuse the next one: another session does not know of it.
      link?.close()
      lose(garbageError(context, 'went on with an answer that was taken back'))
    }
  }

  /** Makes the session's conversation what the history says. */
  function bring({ messages, tools }: ModelRequest): void {
    const { instructions, contents } = wantedOf(messages, options.prompts)
    if (instructions !== sent.instructions || JSON.stringify(tools) !== JSON.stringify(sent.tools)) {
      sent = { instructions, tools }
      send('session.update', { session: form.update(sent) })
    }
    const done = reconcile(entries, contents, () => nameOf('said'))
    entries = done.entries
    for (const edit of done.edits) {
      const { id } = edit.entry
      if (id === null) continue
      if (edit.type === 'delete') {
        send('conversation.item.delete', { item_id: id })
        continue
      }
      const previous = edit.after === null ? 'root' : edit.after?.id
      send('conversation.item.create', {
        ...(typeof previous === 'string' && { previous_item_id: previous }),
        item: form.item(edit.content, id),
      })
    }
  }

  async function begin(words: string | null, before: () => void = () => {}): Promise<Request> {
    const sound = await takeReader()
    await open()
    before()
    const request = createRequest(nameOf('answer'), words, { pace, sound, context })
    requests.add(request)
    if (words === null)
      answers = [...answers.filter(({ isTaken }) => !isTaken).slice(1 - KEPT_ANSWERS), request.answer]
    const response = form.answer({ key: request.key, words }, settings)
    send('response.create', { response }, request.key)
    return request
  }

  return {
    settings,
    context,
    inputRate: REALTIME_RATE,
    get answers() {
      return answers
    },
    open,
    hear(listener) {
      ear = listener
    },
    append: audio => link?.send({ type: 'input_audio_buffer.append', audio }),
    commit(segment) {
      if (link === null) return
      const name = nameOf('commit')
      entries.push(heard.commit(name, segment))
      send('input_audio_buffer.commit', {}, name)
    },
    async ask(request, signal) {
      await open()
      await settle(signal)
      signal.throwIfAborted()
      return begin(null, () => bring(request))
    },
    say: words => begin(words),
    cancel,
    cut(answer, heardMs) {
      const request = [...requests].find(other => other.answer === answer)
      if (request !== undefined) cancel(request)
      answer.drop()
      takeBack(answer)
      for (const { id, fromSample, samples } of answer.items) {
        const lengthMs = Math.floor(samples * MS_PER_SAMPLE)
        const endMs = Math.floor(Math.min(heardMs - fromSample * MS_PER_SAMPLE, lengthMs))
        const isThere = entries.some(entry => entry.type === 'spoken' && entry.id === id)
        if (!isThere || endMs <= 0 || (answer.isOver && endMs === lengthMs)) continue
        send('conversation.item.truncate', { item_id: id, content_index: 0, audio_end_ms: endMs })
      }
    },
    close() {
      gone ??= new VapiError({ code: 'realtime-closed', message: 'the realtime session is over' })
      ear = null
      closing.abort(gone)
      link?.close()
      link = null
      void spare?.then(reader => reader.end())
      for (const request of [...requests]) {
        request.cancel()
        end(request, { type: 'broken', error: gone })
      }
    },
  }
}
