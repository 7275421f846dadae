import { mkdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  conversationOf,
  createOnnxEndOfTurnModel,
  type OnnxRuntime,
} from '../../../src/providers/end-of-turn/onnx/model.ts'
import { readTokenizer } from '../../../src/providers/end-of-turn/onnx/tokenizer.ts'
import { temporaryFolder } from '../../support/program.ts'
import { identityModel } from './tiny-onnx.ts'

const signal = new AbortController().signal

/** A byte-level BPE tokenizer of bytes, four merges and two special tokens. */
const letters = Array.from({ length: 94 }, (_, index) => String.fromCharCode(33 + index))
const tokens = [...letters, 'Ġ', 'Ċ', 'ye', 'yes', 'no', 'Ġyes']
const tokenizerJson = {
  added_tokens: [
    { id: 200, content: '<|im_start|>' },
    { id: 201, content: '<|im_end|>' },
  ],
  normalizer: null,
  pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, use_regex: true },
  model: {
    type: 'BPE',
    vocab: Object.fromEntries(tokens.map((token, index) => [token, index])),
    merges: ['y e', 'ye s', 'n o', 'Ġ yes'],
  },
}
const idOf = (token: string) => tokens.indexOf(token)

describe('the tokenizer of an ONNX model', () => {
  it('merges bytes in the order of its ranks, spaces with the words after them', () => {
    const { encode } = readTokenizer(tokenizerJson)
    expect(encode('yes yes')).toEqual([idOf('yes'), idOf('Ġyes')])
    expect(encode('no')).toEqual([idOf('no')])
    expect(encode('yeno')).toEqual([idOf('ye'), idOf('no')])
  })

  it('knows special tokens wherever they stand', () => {
    expect(readTokenizer(tokenizerJson).encode('<|im_start|>yes<|im_end|>')).toEqual([200, idOf('yes'), 201])
  })

  it('splits as a pattern with a flag for cases says, and digits one by one', () => {
    const split = {
      type: 'Split',
      pattern: { Regex: "(?i:'s)|[a-z]+|\\s+" },
      behavior: 'Isolated',
      invert: false,
    }
    const sequence = {
      type: 'Sequence',
      pretokenizers: [
        { type: 'Digits', individual_digits: true },
        split,
        { type: 'ByteLevel', use_regex: false },
      ],
    }
    const { encode } = readTokenizer({ ...tokenizerJson, pre_tokenizer: sequence })
    expect(encode("no'S12")).toEqual(['no', "'", 'S', '1', '2'].map(idOf))
  })

  it('takes merges that are written as pairs', () => {
    const merges = tokenizerJson.model.merges.map(merge => merge.split(' '))
    const { encode } = readTokenizer({ ...tokenizerJson, model: { ...tokenizerJson.model, merges } })
    expect(encode('yes')).toEqual([idOf('yes')])
  })

  it.each([
    ['another kind of model', { model: { type: 'Unigram' } }],
    ['another pre-tokenizer', { pre_tokenizer: { type: 'Metaspace' } }],
    ['another normalizer', { normalizer: { type: 'Precompiled' } }],
    ['no object', null],
  ])('refuses %s', (_, change) => {
    const json = change === null ? null : { ...tokenizerJson, ...change }
    expect(() => readTokenizer(json)).toThrow(expect.objectContaining({ code: 'tokenizer-not-supported' }))
  })
})

describe('the conversation that an ONNX model reads', () => {
  const request = { text: 'Yes, it’s Re-Do.', assistantText: 'Is that right?' }

  it('is lower case without punctuation, its last message open', () => {
    expect(conversationOf(request, readTokenizer(tokenizerJson))).toBe(
      "<|im_start|>assistant\nis that right<|im_end|>\n<|im_start|>user\nyes it's re-do",
    )
  })

  it('has tokens for the speakers where the tokenizer has them', () => {
    const added_tokens = [...tokenizerJson.added_tokens, { id: 202, content: '<|user|>' }]
    expect(conversationOf(request, readTokenizer({ ...tokenizerJson, added_tokens }))).toBe(
      "<|im_start|><|assistant|>is that right<|im_end|><|im_start|><|user|>yes it's re-do",
    )
  })
})

/** Answers with given numbers and remembers what it was asked. */
function scripted(answer: number[], inputNames = ['input_ids']) {
  const asked: Record<string, number[]>[] = []
  const runtime: OnnxRuntime = {
    InferenceSession: {
      create: async () => ({
        inputNames,
        outputNames: ['prob'],
        run: async feeds => {
          asked.push(
            Object.fromEntries(
              Object.entries(feeds).map(([name, { data }]) => [
                name,
                [...(data as BigInt64Array)].map(Number),
              ]),
            ),
          )
          return { prob: { data: Float32Array.from(answer) } }
        },
      }),
    },
    Tensor: class {
      readonly data: BigInt64Array
      constructor(_type: 'int64', data: BigInt64Array) {
        this.data = data
      }
    },
  }
  return { asked, loadRuntime: () => runtime }
}

function folderWith(tokenizer: unknown): string {
  const folder = join(temporaryFolder(), 'model')
  mkdirSync(folder, { recursive: true })
  if (tokenizer !== undefined) writeFileSync(join(folder, 'tokenizer.json'), JSON.stringify(tokenizer))
  return join(folder, 'turn.onnx')
}

describe('an ONNX model in place of the estimator', () => {
  it('gives the last value of the first output', async () => {
    const { asked, loadRuntime } = scripted([0.1, 0.25, 0.75])
    const model = await createOnnxEndOfTurnModel(folderWith(tokenizerJson), { loadRuntime })
    expect(await model.finished({ text: 'yes', assistantText: '' }, signal)).toBe(0.75)
    expect(asked[0]?.input_ids?.[0]).toBe(200)
    expect(asked[0]?.input_ids?.at(-1)).toBe(idOf('yes'))
  })

  it('sees the last 128 tokens, with a mask where one is asked for', async () => {
    const { asked, loadRuntime } = scripted([0.5], ['input_ids', 'attention_mask'])
    const model = await createOnnxEndOfTurnModel(folderWith(tokenizerJson), { loadRuntime })
    await model.finished({ text: 'yes '.repeat(400), assistantText: 'no' }, signal)
    expect(asked[0]?.input_ids).toHaveLength(128)
    expect(asked[0]?.attention_mask).toEqual(Array.from({ length: 128 }, () => 1))
  })

  it('refuses a model with other inputs, and an answer that is no probability', async () => {
    const path = folderWith(tokenizerJson)
    const refused = expect.objectContaining({ code: 'onnx-model-not-supported' })
    const audio = scripted([0.5], ['input_features'])
    await expect(createOnnxEndOfTurnModel(path, { loadRuntime: audio.loadRuntime })).rejects.toThrow(refused)
    const logits = await createOnnxEndOfTurnModel(path, { loadRuntime: scripted([7.5]).loadRuntime })
    await expect(logits.finished({ text: 'yes', assistantText: '' }, signal)).rejects.toThrow(refused)
  })

  it('says that the tokenizer is missing, and that the runtime is', async () => {
    const { loadRuntime } = scripted([0.5])
    await expect(createOnnxEndOfTurnModel(folderWith(undefined), { loadRuntime })).rejects.toThrow(
      /tokenizer\.json/,
    )
    const missing = createOnnxEndOfTurnModel(folderWith(tokenizerJson))
    if (installedRuntime() === null) {
      await expect(missing).rejects.toThrow(expect.objectContaining({ code: 'onnxruntime-missing', exit: 2 }))
    } else {
      await expect(missing).rejects.toThrow(expect.objectContaining({ code: 'onnx-model-not-supported' }))
    }
  })

  it.skipIf(installedRuntime() === null)('runs a real file by the user’s onnxruntime-node', async () => {
    const path = folderWith(tokenizerJson)
    writeFileSync(path, identityModel())
    const model = await createOnnxEndOfTurnModel(path)
    const last = (text: string) => model.finished({ text, assistantText: 'no' }, signal)
    // The file answers with a sigmoid of each token number less 98, so with that of the last token.
    expect(await last('yes')).toBeCloseTo(1 / (1 + Math.exp(98 - idOf('yes'))), 5)
    expect(await last('yes no')).toBeCloseTo(1 / (1 + Math.exp(98 - idOf('no'))), 5)
    await model.close()
  })
})

function installedRuntime(): string | null {
  for (const folder of [process.cwd(), process.env.NODE_PATH ?? '']) {
    try {
      return createRequire(join(folder, 'any.js')).resolve('onnxruntime-node')
    } catch {
      // Not there.
    }
  }
  return null
}
