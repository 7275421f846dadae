import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { delimiter, dirname, join, resolve } from 'node:path'
import type { EndOfTurnRequest } from '../../../engine/ports/end-of-turn-model.ts'
import { Exit, messageOf, VapiError } from '../../../errors.ts'
import type { TextEndOfTurnModel } from '../estimator.ts'
import { readTokenizer, type Tokenizer } from './tokenizer.ts'

/** The parts of onnxruntime-node that are used; the package is not a dependency. */
export interface OnnxRuntime {
  InferenceSession: { create(path: string, options?: object): Promise<OnnxSession> }
  Tensor: new (type: 'int64', values: BigInt64Array, dims: readonly number[]) => OnnxTensor
}
export interface OnnxSession {
  readonly inputNames: readonly string[]
  readonly outputNames: readonly string[]
  run(feeds: Record<string, OnnxTensor>): Promise<Record<string, OnnxTensor>>
  release?(): Promise<void>
}
export interface OnnxTensor {
  readonly data: ArrayLike<number | bigint>
}

export interface OnnxModelOptions {
  /** Finds onnxruntime-node; by default beside this program, in the current folder, then among global packages. */
  loadRuntime?: () => OnnxRuntime
  /** Languages the model knows, as two-letter codes; default English. */
  languages?: readonly string[]
}

/** The model sees no more tokens than these, the last ones. */
const MAX_TOKENS = 128
const MESSAGE_START = '<|im_start|>'
const MESSAGE_END = '<|im_end|>'

/**
 * A turn-detection model of the user's, in place of the one that is shipped. Works with text models of the form of
 * LiveKit's turn detector: input `input_ids` (int64, 1 × tokens; `attention_mask` too where it is asked for), whose
 * first output's last value is the probability (0 to 1) that the turn is over; a byte-level BPE `tokenizer.json` beside
 * the file. The text is a chat whose last message, the caller's, is left open (`conversationOf`).
 * Throws VapiError: `file-not-found` (exit 5), `onnxruntime-missing`, `onnx-model-not-supported`,
 * `tokenizer-not-supported`.
 */
export async function createOnnxEndOfTurnModel(
  path: string,
  options: OnnxModelOptions = {},
): Promise<TextEndOfTurnModel & { close(): Promise<void> }> {
  const file = resolve(path)
  const tokenizer = readTokenizer(await readJson(join(dirname(file), 'tokenizer.json'), file))
  const runtime = (options.loadRuntime ?? loadUsersRuntime)()
  const session = await openSession(runtime, file)
  const unknown = session.inputNames.filter(name => name !== 'input_ids' && name !== 'attention_mask')
  if (!session.inputNames.includes('input_ids') || unknown.length > 0) {
    throw notSupported(file, `it takes ${session.inputNames.join(', ')}; a text model takes input_ids`)
  }
  // One judgement after the other: sessions are not meant for two at once.
  let queue: Promise<unknown> = Promise.resolve()
  return {
    name: 'onnx-end-of-turn',
    languages: options.languages ?? ['en'],
    finished: (request, signal) => {
      const judged = queue.then(() => {
        signal.throwIfAborted()
        return judge(runtime, session, tokenizer, request, file)
      })
      queue = judged.catch(() => {})
      return judged
    },
    close: async () => {
      await queue
      await session.release?.()
    },
  }
}

/**
 * The conversation as such models read it: lower case, no punctuation but apostrophes and hyphens, in the ChatML form
 * (`<|im_start|>user` and a new line) or, for tokenizers with a token `<|user|>`, with that token in the line's place.
 */
export function conversationOf({ text, assistantText }: EndOfTurnRequest, tokenizer: Tokenizer): string {
  const compact = tokenizer.special('<|user|>') !== undefined
  const begin = (role: string) => `${MESSAGE_START}${compact ? `<|${role}|>` : `${role}\n`}`
  const assistant = plain(assistantText)
  const asked =
    assistant === '' ? '' : `${begin('assistant')}${assistant}${MESSAGE_END}${compact ? '' : '\n'}`
  return `${asked}${begin('user')}${plain(text)}`
}

function plain(text: string): string {
  return text
    .toLowerCase()
    .normalize('NFKC')
    .replace(/[’‘]/g, "'")
    .replace(/(?!['-])\p{P}/gu, '')
    .replace(/\s+/g, ' ')
    .trim()
}

async function judge(
  runtime: OnnxRuntime,
  session: OnnxSession,
  tokenizer: Tokenizer,
  request: EndOfTurnRequest,
  file: string,
): Promise<number> {
  const tokens = tokenizer.encode(conversationOf(request, tokenizer)).slice(-MAX_TOKENS)
  const tensor = (values: bigint[]) =>
    new runtime.Tensor('int64', BigInt64Array.from(values), [1, values.length])
  const feeds: Record<string, OnnxTensor> = { input_ids: tensor(tokens.map(BigInt)) }
  if (session.inputNames.includes('attention_mask')) feeds.attention_mask = tensor(tokens.map(() => 1n))
  const outputs = await session.run(feeds)
  const data = outputs[session.outputNames[0] ?? '']?.data ?? []
  const probability = Number(data[data.length - 1])
  if (!(probability >= 0 && probability <= 1)) {
    throw notSupported(file, `its answer ${probability} is no probability`)
  }
  return probability
}

async function readJson(path: string, model: string): Promise<unknown> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (cause) {
    throw new VapiError({
      code: 'file-not-found',
      message: `there is no ${path}`,
      exit: Exit.notFound,
      hint: `a turn-detection model needs its tokenizer.json beside it: ${model}`,
      cause,
    })
  }
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new VapiError({
      code: 'tokenizer-not-supported',
      message: `${path} is not JSON`,
      exit: Exit.usage,
      cause,
    })
  }
}

async function openSession(runtime: OnnxRuntime, file: string): Promise<OnnxSession> {
  try {
    return await runtime.InferenceSession.create(file, { intraOpNumThreads: 1, interOpNumThreads: 1 })
  } catch (cause) {
    throw notSupported(file, messageOf(cause), cause)
  }
}

function notSupported(file: string, reason: string, cause?: unknown): VapiError {
  return new VapiError({
    code: 'onnx-model-not-supported',
    message: `${file} cannot judge the end of a turn: ${reason}`,
    hint: 'it must take input_ids and answer with a probability, as LiveKit’s turn detector does',
    cause,
  })
}

function loadUsersRuntime(): OnnxRuntime {
  const folders = [
    process.cwd(),
    ...(process.env.NODE_PATH ?? '').split(delimiter).filter(Boolean),
    join(dirname(process.execPath), '..', 'lib', 'node_modules'),
    join(dirname(process.execPath), 'node_modules'),
    ...(process.env.APPDATA ? [join(process.env.APPDATA, 'npm', 'node_modules')] : []),
  ]
  for (const require of [
    createRequire(import.meta.url),
    ...folders.map(folder => createRequire(join(folder, 'any.js'))),
  ]) {
    let path: string
    try {
      path = require.resolve('onnxruntime-node')
    } catch {
      // The next place may have it.
      continue
    }
    try {
      return require(path) as OnnxRuntime
    } catch (cause) {
      throw missing(`onnxruntime-node does not load here (${messageOf(cause)})`, cause)
    }
  }
  throw missing('an ONNX turn-detection model needs onnxruntime-node, which is not installed')
}

function missing(message: string, cause?: unknown): VapiError {
  return new VapiError({
    code: 'onnxruntime-missing',
    message,
    exit: Exit.usage,
    hint: 'npm install -g onnxruntime-node, or leave the model file out: the shipped estimator needs nothing',
    cause,
  })
}
