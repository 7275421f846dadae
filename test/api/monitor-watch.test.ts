import { describe, expect, it } from 'vitest'
import type { LiveCall } from '../../src/api/live-call.ts'
import type { MonitorFrame, MonitorSocket } from '../../src/api/monitor-socket.ts'
import { type WatchEvent, type WatchParts, watchCall } from '../../src/api/monitor-watch.ts'
import { VapiError } from '../../src/errors.ts'

const live = { status: 'in-progress', monitor: { listenUrl: 'ws://x' } }
const call = (more: object): LiveCall => ({ id: 'c1', ...more }) as LiveCall

/** Watches a call whose record is read so in turn (the last one again and again), with streams that give these frames and drop. */
function watch(
  records: (LiveCall | Error)[],
  streams: (MonitorFrame[] | Error)[] = [],
  more: Partial<WatchParts> = {},
) {
  const events: WatchEvent[] = []
  const waits: number[] = []
  let reads = 0
  const result = watchCall(
    {
      readCall: async () => {
        const record = records[Math.min(reads++, records.length - 1)]
        if (record instanceof Error || record === undefined) throw record
        return record
      },
      openStream: async () => {
        const frames = streams.shift()
        if (frames === undefined || frames instanceof Error) throw frames ?? new Error('no more streams')
        return streamOf(frames)
      },
      sleep: async ms => {
        waits.push(ms)
        // Frames that are there come before the next look.
        for (let turn = 0; turn < 20; turn++) await Promise.resolve()
      },
      now: () => 0,
      intervalMs: 2000,
      signal: new AbortController().signal,
      ...more,
    },
    event => events.push(event),
  )
  const told = () =>
    events.map(event =>
      event.kind === 'line'
        ? event.line.text
        : event.kind === 'status'
          ? event.status
          : event.kind === 'note'
            ? event.text
            : 'frame',
    )
  return { result, events, waits, told, reads: () => reads }
}

function streamOf(frames: MonitorFrame[]): MonitorSocket {
  return {
    frames: (async function* () {
      yield* frames
    })(),
    close() {},
  }
}

const said = (role: string, transcript: string): MonitorFrame => ({
  type: 'message',
  message: { type: 'transcript', role, transcriptType: 'final', transcript },
})
const failure = (retryable: boolean) =>
  new VapiError({ code: 'down', message: 'the server is down', retryable })

describe('watching a call', () => {
  it('tells statuses and lines once and ends with the record', async () => {
    const messages = [{ role: 'bot', message: 'Hello', time: 1 }]
    const ended = call({ status: 'ended', endedReason: 'customer-ended-call', artifact: { messages } })
    const { result, told } = watch([
      call({ status: 'ringing' }),
      call({ status: 'in-progress' }),
      call({ status: 'in-progress', artifact: { messages } }),
      ended,
    ])
    expect(await result).toEqual(ended)
    expect(told()).toEqual(['ringing', 'in-progress', 'Hello', 'ended'])
  })

  it('tells what the stream says, and of the record only what the stream lacked', async () => {
    const messages = [
      { role: 'bot', message: 'Hello', time: 1 },
      { role: 'user', message: 'Bye', time: 2 },
    ]
    const { result, told } = watch(
      [
        call(live),
        call({ ...live, artifact: { messages } }),
        call({ status: 'ended', artifact: { messages } }),
      ],
      [[said('assistant', 'Hello'), { type: 'message', message: { type: 'speech-update' } }]],
    )
    await result
    expect(told().filter(text => text === 'Hello')).toEqual(['Hello'])
    expect(told()).toContain('Bye')
    expect(told()).toContain('frame')
  })

  it('connects a dropped stream once more, then asks the API alone, and says both', async () => {
    const { result, told } = watch(
      [call(live), call(live), call(live), call(live), call({ status: 'ended' })],
      [[said('assistant', 'One')], [said('assistant', 'Two')]],
    )
    await result
    const notes = told()
    expect(notes.filter(text => /once more/.test(text))).toHaveLength(1)
    expect(notes.filter(text => /is gone; asking the API/.test(text))).toHaveLength(1)
    expect(notes).toContain('One')
    expect(notes).toContain('Two')
  })

  it('says once why there is no stream', async () => {
    const { result, told } = watch(
      [call(live), call(live), call(live), call({ status: 'ended' })],
      [failure(false)],
    )
    await result
    expect(told().filter(text => /no live stream \(the server is down\)/.test(text))).toHaveLength(1)
    expect(told()).toHaveLength(3)
  })

  it('believes the stream’s end where the record stays behind', async () => {
    const end: MonitorFrame = {
      type: 'message',
      message: { type: 'status-update', status: 'ended', endedReason: 'silence-timed-out' },
    }
    const { result } = watch([call(live)], [[end]])
    expect(await result).toMatchObject({ status: 'ended', endedReason: 'silence-timed-out' })
  })

  it('waits longer for a call that has not begun', async () => {
    const { result, waits } = watch([
      ...Array.from({ length: 8 }, () => call({ status: 'scheduled' })),
      call({ status: 'ended' }),
    ])
    await result
    expect(waits).toEqual([...waits].sort((one, other) => one - other))
    expect(waits.at(-1)).toBe(15_000)
  })

  it('outlasts a failing server, with longer and longer waits', async () => {
    const { result, told, waits } = watch([failure(true), failure(true), call({ status: 'ended' })])
    await result
    expect(told().slice(0, 2)).toEqual([
      'the server is down; trying again in 4 s',
      'the server is down; trying again in 8 s',
    ])
    expect(waits).toEqual([4000, 8000])
  })

  it('gives up after six failures, and at once where trying again cannot help', async () => {
    const again = watch([failure(true)])
    await expect(again.result).rejects.toMatchObject({ code: 'down' })
    expect(again.reads()).toBe(6)
    const once = watch([failure(false)])
    await expect(once.result).rejects.toMatchObject({ code: 'down' })
    expect(once.reads()).toBe(1)
  })

  it('ends with the signal’s reason, also in the middle of a look', async () => {
    const interrupt = new AbortController()
    const reason = new VapiError({ code: 'interrupted', message: 'stop' })
    const { result } = watch([], [], {
      readCall: () => {
        interrupt.abort(reason)
        return new Promise(() => {})
      },
      signal: interrupt.signal,
    })
    await expect(result).rejects.toBe(reason)
  })
})
