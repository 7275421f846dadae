/** One realtime session of the local server: what its events mean. */

import { befall } from './mishap.ts'
import type { RealtimeBehaviour, RealtimeItem, ScriptedAnswer, SeenSession } from './openai-realtime.ts'
import type { Peer, PeerListener } from './transcription-server.ts'
import { createRecogniser, samplesOf, textOf } from './words.ts'

export const RATE = 24_000
/** Sound of one letter of an answer, in milliseconds. */
export const LETTER_MS = 60

interface Shared {
  answers: ScriptedAnswer[]
  hears: (string | null)[] | undefined
}

/** An event of the client, with the fields of all of them. */
interface Event {
  type?: string
  event_id?: string
  audio?: string
  session?: Record<string, unknown>
  item?: {
    id?: string
    type: string
    role?: string
    content?: { type?: string; text?: string }[]
    call_id?: string
    output?: string
  }
  previous_item_id?: string | null
  item_id?: string
  content_index?: number
  audio_end_ms?: number
  response_id?: string
  response?: {
    conversation?: string
    instructions?: string
    metadata?: object
    output_modalities?: string[]
    modalities?: string[]
  }
}

/** The sound of an answer: a value that says how many milliseconds of it went before. */
export function rampAt(ms: number): number {
  return 2000 + (Math.floor(ms) % 1000) * 20
}

export function createSession(
  peer: Peer,
  seen: SeenSession,
  behaviour: RealtimeBehaviour,
  shared: Shared,
): PeerListener {
  const { wordMs = 2, transcribesMs = 1 } = behaviour
  let names = 0
  let heardMs = 0
  let buffer: Int16Array[] = []
  let active: { id: string; cancelled: boolean } | null = null
  const beside = new Map<string, { id: string; cancelled: boolean }>()
  let isOpen = true
  const nameOf = (what: string) => `${what}_${(++names).toString().padStart(6, '0')}`
  const send = (message: object) => {
    if (isOpen) peer.send({ event_id: nameOf('event'), ...message })
  }
  const model = peer.url.searchParams.get('model')
  seen.session = seen.beta
    ? { object: 'realtime.session', id: 'sess_1', model, modalities: ['text', 'audio'] }
    : { object: 'realtime.session', type: 'realtime', id: 'sess_1', model, output_modalities: ['audio'] }

  function refuse(event: Event, code: string, message: string, param: string | null = null): void {
    const eventId = event.event_id ?? null
    seen.errors.push({ code, message, eventId })
    const error = { type: 'invalid_request_error', code, message, param, event_id: eventId }
    send({ type: 'error', error })
  }

  function addItem(item: RealtimeItem, previous: string | null | undefined): boolean {
    const place =
      previous === undefined || previous === null
        ? seen.items.length
        : previous === 'root'
          ? 0
          : seen.items.findIndex(({ id }) => id === previous) + 1
    if (place === 0 && previous !== 'root' && seen.items.length > 0) return false
    seen.items.splice(place, 0, item)
    const { id, type, role } = item
    const shown = { id, object: 'realtime.item', type, status: 'completed', ...(role && { role }) }
    const before = seen.items[place - 1]?.id ?? null
    const names = seen.beta
      ? ['conversation.item.created']
      : ['conversation.item.added', 'conversation.item.done']
    for (const name of names) send({ type: name, previous_item_id: before, item: shown })
    return true
  }

  function commit(event: Event): void {
    const samples = Int16Array.from(buffer.flatMap(piece => [...piece]))
    buffer = []
    const lengthMs = (samples.length / RATE) * 1000
    if (lengthMs < 100) {
      refuse(event, 'input_audio_buffer_commit_empty', `buffer too small: ${lengthMs} ms`)
      return
    }
    seen.commits.push(Math.round(lengthMs))
    const id = nameOf('item')
    send({
      type: 'input_audio_buffer.committed',
      previous_item_id: seen.items.at(-1)?.id ?? null,
      item_id: id,
    })
    const item: RealtimeItem = { id, type: 'message', role: 'user', audioMs: lengthMs }
    addItem(item, null)
    const settings = seen.beta
      ? seen.session.input_audio_transcription
      : (seen.session.audio as { input?: { transcription?: unknown } } | undefined)?.input?.transcription
    if (settings === undefined || settings === null) return
    const text = shared.hears === undefined ? wordsIn(samples) : shared.hears.shift()
    setTimeout(() => {
      const named = { item_id: id, content_index: 0 }
      const prefix = 'conversation.item.input_audio_transcription'
      if (text === null || text === undefined) {
        const error = {
          type: 'transcription_error',
          code: 'audio_unintelligible',
          message: 'not to be understood',
        }
        send({ type: `${prefix}.failed`, ...named, error })
        return
      }
      item.text = text
      for (const [place, word] of text.split(' ').entries())
        send({ type: `${prefix}.delta`, ...named, delta: place === 0 ? word : ` ${word}` })
      const usage = { type: 'duration', seconds: lengthMs / 1000 }
      send({ type: `${prefix}.completed`, ...named, transcript: text, usage })
    }, transcribesMs)
  }

  function update(event: Event): void {
    const { session = {} } = event
    if (!seen.beta && session.type !== 'realtime') {
      refuse(
        event,
        'missing_required_parameter',
        "Missing required parameter: 'session.type'.",
        'session.type',
      )
      return
    }
    const known = seen.beta ? BETA_SETTINGS : SETTINGS
    const unknown = Object.keys(session).find(key => !known.includes(key))
    if (unknown !== undefined) {
      refuse(event, 'unknown_parameter', `Unknown parameter: 'session.${unknown}'.`, `session.${unknown}`)
      return
    }
    seen.session = { ...seen.session, ...session }
    send({ type: 'session.updated', session: seen.session })
  }

  function create(event: Event): void {
    const { item } = event
    if (item === undefined) return
    const id = item.id ?? nameOf('item')
    if (id.length > 32 || seen.items.some(other => other.id === id)) {
      refuse(event, 'item_create_invalid_item_id', `the id ${id} cannot be used`)
      return
    }
    const wanted = { user: 'input_text', system: 'input_text', assistant: seen.beta ? 'text' : 'output_text' }
    const [content] = item.content ?? []
    if (item.type === 'message' && content?.type !== wanted[item.role as keyof typeof wanted]) {
      refuse(event, 'invalid_value', `Invalid value: '${content?.type}'`, 'item.content[0].type')
      return
    }
    if (item.type === 'function_call_output' && !seen.items.some(({ callId }) => callId === item.call_id)) {
      refuse(event, 'invalid_tool_call_id', `Tool call ID '${item.call_id}' not found in conversation.`)
      return
    }
    const added: RealtimeItem = {
      id,
      type: item.type,
      ...(item.role && { role: item.role }),
      ...(content && { text: content.text }),
      ...(item.call_id && { callId: item.call_id }),
      ...(item.output !== undefined && { output: item.output }),
    }
    if (!addItem(added, event.previous_item_id))
      refuse(event, 'item_create_invalid_previous_item_id', `there is no ${event.previous_item_id}`)
  }

  function remove(event: Event): void {
    const place = seen.items.findIndex(({ id }) => id === event.item_id)
    if (place === -1) {
      refuse(event, 'item_delete_invalid_item_id', `there is no ${event.item_id}`)
      return
    }
    seen.items.splice(place, 1)
    send({ type: 'conversation.item.deleted', item_id: event.item_id })
  }

  function truncate(event: Event): void {
    const item = seen.items.find(({ id }) => id === event.item_id)
    if (item?.role !== 'assistant' || item.audioMs === undefined) {
      refuse(event, 'invalid_value', `only assistant messages with sound can be truncated`)
      return
    }
    const { audio_end_ms = 0 } = event
    if (audio_end_ms > item.audioMs) {
      refuse(
        event,
        'invalid_value',
        `Audio content of ${item.audioMs}ms is already shorter than ${audio_end_ms}ms`,
      )
      return
    }
    item.audioMs = audio_end_ms
    delete item.text
    const { item_id, content_index } = event
    send({ type: 'conversation.item.truncated', item_id, content_index, audio_end_ms })
  }

  async function respond(event: Event): Promise<void> {
    const { response = {} } = event
    const isBeside = response.conversation === 'none'
    if (!isBeside && active !== null) {
      refuse(event, 'conversation_already_has_active_response', 'Conversation already has an active response')
      return
    }
    const id = nameOf('resp')
    const run = { id, cancelled: false }
    if (isBeside) beside.set(id, run)
    else {
      active = run
      seen.answers++
    }
    const metadata = response.metadata ?? null
    send({
      type: 'response.created',
      response: { id, object: 'realtime.response', status: 'in_progress', metadata },
    })
    const words = isBeside ? (/<<<\n([\s\S]*)\n>>>/.exec(response.instructions ?? '')?.[1] ?? '') : ''
    const scripted: ScriptedAnswer = isBeside
      ? { text: behaviour.disobeys ?? words }
      : ((shared.answers.length > 1 ? shared.answers.shift() : shared.answers[0]) ?? { text: 'All right.' })
    const modalities =
      response.output_modalities ??
      response.modalities ??
      (seen.session.output_modalities as string[] | undefined) ??
      (seen.session.modalities as string[])
    const spoken = modalities.includes('audio')
    const letters = await say(run, scripted, spoken, isBeside)
    if (!isOpen || letters === null) return
    if (isBeside) beside.delete(id)
    else active = null
    const status = run.cancelled
      ? 'cancelled'
      : scripted.fails
        ? 'failed'
        : scripted.incomplete
          ? 'incomplete'
          : 'completed'
    const audio = spoken ? Math.ceil((letters * LETTER_MS) / 50) : 0
    send({
      type: 'response.done',
      response: {
        id,
        object: 'realtime.response',
        status,
        status_details:
          status === 'completed'
            ? null
            : {
                type: status,
                reason: run.cancelled ? 'client_cancelled' : scripted.incomplete,
                ...(scripted.fails && { error: { type: 'server_error', ...scripted.fails } }),
              },
        output: [],
        metadata,
        usage: {
          total_tokens: 100 + audio + 10,
          input_tokens: 100,
          output_tokens: audio + 10,
          input_token_details: {
            text_tokens: 60,
            audio_tokens: 40,
            cached_tokens: 20,
            cached_tokens_details: { text_tokens: 20, audio_tokens: 0 },
          },
          output_token_details: { text_tokens: 10, audio_tokens: audio },
        },
      },
    })
    send({
      type: 'rate_limits.updated',
      rate_limits: [{ name: 'requests', limit: 1000, remaining: 999, reset_seconds: 60 }],
    })
  }

  /** Gives how many letters were said; null where nothing follows any more. */
  async function say(
    run: { id: string; cancelled: boolean },
    {
      text = '',
      calls = [],
      breaksAfter,
      babblesAfter,
      stallsAfter,
      mishap,
      wordsLate = false,
    }: ScriptedAnswer,
    spoken: boolean,
    isBeside: boolean,
  ): Promise<number | null> {
    let letters = 0
    let output = 0
    if (text !== '') {
      const itemId = nameOf('item')
      const item: RealtimeItem = { id: itemId, type: 'message', role: 'assistant', text: '', audioMs: 0 }
      const at = { response_id: run.id, item_id: itemId, output_index: output++, content_index: 0 }
      const shown = { id: itemId, object: 'realtime.item', type: 'message', role: 'assistant', content: [] }
      send({ type: 'response.output_item.added', response_id: run.id, output_index: 0, item: shown })
      if (!isBeside) addItem(item, null)
      const part = spoken ? { type: 'audio', transcript: '' } : { type: 'text', text: '' }
      send({ type: 'response.content_part.added', ...at, part })
      const [sound, said, written] = seen.beta
        ? ['response.audio', 'response.audio_transcript', 'response.text']
        : ['response.output_audio', 'response.output_audio_transcript', 'response.output_text']
      for (const [place, word] of text.split(' ').entries()) {
        if (place === breaksAfter) {
          isOpen = false
          peer.close(1011, 'server error')
          return null
        }
        if (place === mishap?.after) {
          if (mishap.wordAlone) send({ type: `${spoken ? said : written}.delta`, ...at, delta: ` ${word}` })
          if (befall(peer, mishap)) {
            isOpen = false
            return null
          }
        }
        if (place === babblesAfter) peer.send('{"type":"response.output_audio.delta","delta":"AAAA')
        if (place === stallsAfter) return null
        if (run.cancelled) break
        const delta = place === 0 ? word : ` ${word}`
        if (!wordsLate) send({ type: `${spoken ? said : written}.delta`, ...at, delta })
        item.text += delta
        if (spoken) {
          const from = letters
          letters += lettersOf(word)
          item.audioMs = letters * LETTER_MS
          for (const piece of soundOf(from * LETTER_MS, letters * LETTER_MS))
            send({ type: `${sound}.delta`, ...at, delta: piece })
        }
        await pause(wordMs)
      }
      if (wordsLate) send({ type: `${spoken ? said : written}.delta`, ...at, delta: item.text })
      if (spoken) send({ type: `${sound}.done`, ...at })
      send({ type: `${spoken ? said : written}.done`, ...at, transcript: item.text, text: item.text })
      send({ type: 'response.output_item.done', response_id: run.id, output_index: 0, item: shown })
    }
    for (const { name, arguments: values } of run.cancelled ? [] : calls) {
      const callId = nameOf('call')
      const itemId = nameOf('item')
      const json = typeof values === 'string' ? values : JSON.stringify(values)
      const shown = { id: itemId, object: 'realtime.item', type: 'function_call', call_id: callId, name }
      const place = { response_id: run.id, output_index: output++ }
      send({ type: 'response.output_item.added', ...place, item: { ...shown, arguments: '' } })
      addItem({ id: itemId, type: 'function_call', callId }, null)
      const at = { ...place, item_id: itemId, call_id: callId }
      send({ type: 'response.function_call_arguments.delta', ...at, delta: json })
      send({ type: 'response.function_call_arguments.done', ...at, name, arguments: json })
      send({ type: 'response.output_item.done', ...place, item: { ...shown, arguments: json } })
    }
    return letters
  }

  function cancel(event: Event): void {
    const wanted = event.response_id
    const run = wanted === undefined || active?.id === wanted ? active : beside.get(wanted)
    if (run === undefined || run === null)
      refuse(event, 'response_cancel_not_active', 'Cancellation failed: no active response found')
    else if (!behaviour.ignoresCancel) run.cancelled = true
  }

  return {
    opened() {
      if (seen.beta && behaviour.betaDisabled) {
        const message =
          'The Realtime Beta API is no longer supported. Please use /v1/realtime for the GA API.'
        refuse({}, 'beta_api_shape_disabled', message)
        isOpen = false
        peer.close(1000)
      } else send({ type: 'session.created', session: seen.session })
    },
    heardMs: () => heardMs,
    text(text) {
      const event: Event = JSON.parse(text)
      if (event.type === 'input_audio_buffer.append') {
        const samples = samplesOf(Buffer.from(event.audio ?? '', 'base64'))
        heardMs += (samples.length / RATE) * 1000
        buffer.push(samples)
        return
      }
      seen.events.push({ ...event })
      const handlers: Record<string, (event: Event) => unknown> = {
        'session.update': update,
        'input_audio_buffer.commit': commit,
        'conversation.item.create': create,
        'conversation.item.delete': remove,
        'conversation.item.truncate': truncate,
        'response.create': respond,
        'response.cancel': cancel,
      }
      const handler = handlers[event.type ?? '']
      if (handler === undefined) refuse(event, 'unknown_event', `no event ${event.type}`)
      else handler(event)
    },
  }
}

const SETTINGS =
  'type model output_modalities instructions audio tools tool_choice max_output_tokens include tracing truncation prompt reasoning parallel_tool_calls'.split(
    ' ',
  )
const BETA_SETTINGS =
  'model modalities instructions voice input_audio_format output_audio_format input_audio_transcription turn_detection tools tool_choice temperature max_response_output_tokens speed'.split(
    ' ',
  )

export function lettersOf(text: string): number {
  return (text.match(/[\p{L}\p{N}]/gu) ?? []).length
}

/** Base64 in pieces of at most 100 ms, of odd lengths in bytes. */
function soundOf(fromMs: number, untilMs: number): string[] {
  const from = (fromMs * RATE) / 1000
  const samples = Int16Array.from({ length: ((untilMs - fromMs) * RATE) / 1000 }, (_, place) =>
    rampAt(((from + place) * 1000) / RATE),
  )
  const bytes = Buffer.from(samples.buffer)
  const pieces: string[] = []
  for (let at = 0; at < bytes.length; at += 4801)
    pieces.push(bytes.subarray(at, at + 4801).toString('base64'))
  return pieces
}

function wordsIn(samples: Int16Array): string {
  let text = ''
  const recogniser = createRecogniser(RATE, 0, {
    final: words => {
      text = textOf(words)
    },
  })
  recogniser.feed(samples)
  recogniser.finalize()
  return text
}

function pause(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms))
}
