import { resolve } from 'node:path'
import { readSoundFile } from '../../../audio/plane/file-input.ts'
import { createRealClock } from '../../real-clock.ts'
import { chooseEcho, tryMicrophone, trySpeaker } from '../devices.ts'
import type { LoadedMembers } from '../members.ts'
import type { CallRequest, CallSurroundings } from '../prepare.ts'
import { createTurnParts } from '../turns.ts'
import { requireCallFolder, requireWritable, writtenFiles } from './files.ts'
import { fault } from './parts.ts'
import type { CheckedEngine, Problem } from './types.ts'

const JUDGES: Readonly<Record<string, string>> = {
  livekit: 'the words, by an estimator of this program',
  vapi: 'the punctuation of the words, in this program',
  transcription: 'the punctuation of the words, in this program',
  transcriber: 'the transcriber',
  krisp: 'the sound, by an estimator of this program',
}

/** Who says when a turn of the customer is over, of each assistant. */
export async function endpointingOf(
  { compiled }: LoadedMembers,
  { endOfTurnModel = null }: CallRequest,
  { http, workingDirectory }: CallSurroundings,
  offline: boolean,
): Promise<CheckedEngine[]> {
  const problem = await fault(async () => {
    const turns = await createTurnParts({
      http,
      envelope: () => ({}),
      offline,
      modelFile: endOfTurnModel,
      workingDirectory,
    })
    turns.close()
  })
  return compiled.map(({ plan, endpointingServer }, member): CheckedEngine => {
    const { method } = plan.endpointing
    const by = method.type === 'heuristics' ? method.by : method.type
    const model =
      method.type === 'livekit' && endOfTurnModel !== null ? `the words, by ${endOfTurnModel}` : null
    const server = endpointingServer === null ? null : `your server ${new URL(endpointingServer.url).origin}`
    return {
      stage: 'endpointing',
      member,
      assistant: plan.assistantName,
      engine: `${by}: ${model ?? server ?? JUDGES[by] ?? by}`,
      // It is one for the whole call.
      problem: member === 0 ? problem : null,
    }
  })
}

/** Who is heard, through what, and where the assistant is heard. Devices are opened, and closed again. */
export async function soundOf(
  request: CallRequest,
  { compiled: [first], request: asked }: LoadedMembers,
  { env, workingDirectory }: CallSurroundings,
): Promise<CheckedEngine[]> {
  const { customer, output, denoiser } = request
  const { smart, fourier } = first.denoise
  const denoisers = [...(smart ? [denoiser] : []), ...(fourier === null ? [] : ['fourier'])]
  const row = (
    stage: CheckedEngine['stage'],
    engine: string,
    problem: Problem | null = null,
  ): CheckedEngine => ({ stage, member: null, assistant: null, engine, problem })
  const writable = (path: string) => fault(() => requireWritable(resolve(workingDirectory, path)))
  const heard = async (): Promise<CheckedEngine> => {
    if (customer.type === 'microphone') {
      const { device } = customer
      // Where nobody takes the call, nobody listens.
      const isOpened = asked?.ends == null
      const problem = isOpened ? await fault(() => tryMicrophone(device, createRealClock(), env)) : null
      return row('customer', `microphone: ${device ?? 'the default one'}`, problem)
    }
    if (customer.type === 'file') {
      const problem = await fault(() => readSoundFile(resolve(workingDirectory, customer.path)))
      return row('customer', `sound file: ${customer.path}`, problem)
    }
    return row('customer', customer.type === 'typed' ? 'the keyboard' : 'standard input')
  }
  const spoken = async (): Promise<CheckedEngine> => {
    if (output.type === 'none') return row('output', 'none')
    if (output.type === 'file') return row('output', output.path, await writable(output.path))
    const problem = await fault(() => trySpeaker(output.device, env))
    return row('output', `speaker: ${output.device ?? 'the default one'}`, problem)
  }
  const [from, to, echo, folder, files] = await Promise.all([
    heard(),
    spoken(),
    chooseEcho(request, env),
    fault(() => requireCallFolder(workingDirectory)),
    Promise.all(
      writtenFiles(request).map(async ({ option, path }) =>
        row('output', `${option} ${path}`, await writable(path)),
      ),
    ),
  ])
  return [
    from,
    ...(customer.type === 'typed' ? [] : [row('denoiser', denoisers.join(', then ') || 'none')]),
    to,
    ...files,
    ...(folder === null ? [] : [row('output', 'the files of the call', folder)]),
    ...(echo === null ? [] : [row('echo', `${echo.mode}: ${echo.why}`)]),
  ]
}
