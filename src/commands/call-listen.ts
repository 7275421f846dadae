import { callAtAddress, isOver, type LiveCall, readCall } from '../api/live-call.ts'
import { listenUrlOf } from '../api/live-control.ts'
import { ASSUMED_SOUND, announcedSound, type MonitorSound } from '../api/monitor-audio.ts'
import { defineCommand } from '../cli/definition.ts'
import { usageError, VapiError } from '../errors.ts'
import { openSink, type SoundSink, sinkChoice } from './call-listen-sink.ts'
import { monitorOpener, publicKeyOptions, refuseLocalId, withoutListener } from './call-monitor.ts'

export default defineCommand(
  {
    name: 'call listen',
    summary: 'hear a running call, or record it as it happens',
    description:
      'Plays the sound of the call’s monitor (monitor.listenUrl). Its layout is not documented: 16-bit samples, taken for 16 kHz and two channels unless the stream announces something else. If it sounds too fast, too slow or garbled, set --rate and --channels. A file stays whole also when this is killed. Ctrl-C ends the listening, not the call.',
    args: [
      {
        name: 'id',
        summary: 'the running call’s id, or the listenUrl that vapi call local --control prints',
        required: true,
      },
    ],
    options: {
      out: {
        type: 'string',
        placeholder: 'speaker|FILE.wav|-',
        default: 'speaker',
        summary: 'where the sound goes; - is raw samples on standard output',
      },
      speaker: {
        type: 'string',
        placeholder: 'NAME',
        summary: 'speaker by part of its name (vapi call devices)',
      },
      rate: { type: 'number', placeholder: 'HERTZ', minimum: 8000, summary: 'sample rate (default 16000)' },
      channels: { type: 'number', placeholder: 'COUNT', minimum: 1, summary: 'channels (default 2)' },
      force: { type: 'boolean', summary: 'write over a file that is there' },
      ...publicKeyOptions,
    },
    formats: ['table', 'json', 'yaml', 'jsonl'],
    examples: [
      { command: 'vapi call listen 0199a3d2-…', does: 'through the speaker' },
      { command: 'vapi call listen 0199a3d2-… --out call.wav', does: 'into a file' },
      {
        command: 'vapi call listen 0199a3d2-… --out - | sox -t raw -r 16000 -c 2 -b 16 -e signed - call.ogg',
        does: 'into another program',
      },
    ],
    // A call on this machine needs no account.
    needsLogin: false,
    destructive: false,
  },
  async ({ args: [id = ''], options }, context) => {
    const { output, signal } = context
    const asData = output.isJson || output.options.format === 'yaml'
    const choice = sinkChoice(options.out, options.speaker, options.force, context.workingDirectory)
    if (choice.type === 'stdout' && asData)
      throw usageError('--out - fills standard output, so that nothing else can be printed there')
    const flags = soundFlags(options.rate, options.channels)
    const local = callAtAddress(id)
    if (local === null) refuseLocalId(id)
    const api = local === null ? await context.api() : null
    const look = async (): Promise<LiveCall> => local ?? (api === null ? {} : readCall(api, id))
    const name = local === null ? `call ${id}` : 'the call'
    const open = await monitorOpener(context, options['public-key'], true)
    let sound: MonitorSound = { ...ASSUMED_SOUND, ...flags }
    let sink: SoundSink | null = null
    let bytes = 0

    const announce = (announced: Partial<MonitorSound>) => {
      const next = { ...sound, ...announced, ...flags }
      if (sink === null) sound = next
      else if (next.sampleRate !== sound.sampleRate || next.channels !== sound.channels)
        output.warning(
          `the stream now announces ${next.sampleRate} Hz and ${next.channels} channels; it goes on as ${sound.sampleRate} Hz and ${sound.channels}`,
        )
    }
    const hear = async (call: LiveCall) => {
      const stream = await open(call, listenUrlOf(call)).catch(error => {
        throw local === null ? error : withoutListener(error, id)
      })
      try {
        output.note(`listening to ${name}; Ctrl-C ends it`)
        for await (const frame of stream.frames) {
          if (frame.type === 'message') {
            const announced = announcedSound(frame.message)
            if (announced !== null) announce(announced)
            continue
          }
          sink ??= await openSink(choice, sound, context)
          await sink.write(frame.bytes)
          bytes += frame.bytes.length
        }
      } finally {
        stream.close()
      }
      signal.throwIfAborted()
    }

    try {
      for (const again of [false, true]) {
        const call = await look()
        if (again && isOver(call)) break
        if (again) output.note('the stream broke off; connecting once more')
        await hear(call)
        if (local !== null || isOver(await look())) break
        if (again)
          throw new VapiError({
            code: 'monitor-closed',
            message: `the sound of call ${id} broke off twice while the call goes on`,
            hint: `vapi call watch ${id}`,
          })
      }
    } finally {
      await (sink as SoundSink | null)?.close()
      if (signal.aborted && choice.type === 'file' && bytes > 0)
        output.note(`${secondsOf(bytes, sound).toFixed(1)} s of sound are in ${options.out}`)
    }
    const seconds = secondsOf(bytes, sound)
    if (asData)
      await output.document({
        ...(local === null && { callId: id }),
        ...(choice.type === 'file' && { file: choice.path }),
        ...sound,
        seconds,
      })
    else
      output.note(
        bytes === 0
          ? 'the call is over; it sent no sound'
          : `the call is over; ${seconds.toFixed(1)} s of sound${choice.type === 'file' ? ` are in ${options.out}` : ''}`,
      )
    return undefined
  },
)

function secondsOf(bytes: number, { sampleRate, channels }: MonitorSound): number {
  return bytes / (sampleRate * channels * 2)
}

function soundFlags(rate: number | undefined, channels: number | undefined): Partial<MonitorSound> {
  if (rate !== undefined && (!Number.isInteger(rate) || rate > 192_000))
    throw usageError('--rate is a whole number of hertz from 8000 to 192000')
  if (channels !== undefined && (!Number.isInteger(channels) || channels > 8))
    throw usageError('--channels is a whole number from 1 to 8')
  return { ...(rate !== undefined && { sampleRate: rate }), ...(channels !== undefined && { channels }) }
}
