import { VapiError } from '../../errors.ts'

/** A layer's weights, one row per output, and its biases. */
export interface Layer {
  /** `outputs` rows of `inputs` values; a convolution's row is ordered by tap, then channel. */
  readonly rows: Float32Array
  readonly biases: Float32Array
  readonly inputs: number
  readonly outputs: number
}

/** The weights of the 16 kHz network of Silero VAD v6.2. Read-only: shared by any number of detectors. */
export interface SileroWeights {
  /** Four convolutions of three taps, each followed by a rectifier. */
  readonly encoder: readonly [Layer, Layer, Layer, Layer]
  /** The recurrent cell: rows for the input, forget, cell and output gates over [input, previous output]. */
  readonly cell: Layer
  readonly head: Layer
}

interface Tensor {
  dims: number[]
  values: Float32Array
}

/** Reads `silero-v6.bin` as written by scripts/data.mjs. Throws VapiError `invalid-vad-weights` on anything else. */
export function loadSileroWeights(bytes: Uint8Array): SileroWeights {
  const tensors = readTensors(bytes)
  const take = (name: string, ...dims: number[]): Float32Array => {
    const tensor = tensors.get(name)
    if (tensor?.dims.join() !== dims.join())
      throw invalidWeights(`tensor ${name} is missing or of another size`)
    return tensor.values
  }
  const convolution = (index: number, inputs: number, outputs: number): Layer => ({
    rows: tapsFirst(take(`encoder.${index}.reparam_conv.weight`, outputs, inputs, 3), inputs, outputs),
    biases: take(`encoder.${index}.reparam_conv.bias`, outputs),
    inputs: inputs * 3,
    outputs,
  })
  return {
    encoder: [
      convolution(0, 129, 128),
      convolution(1, 128, 64),
      convolution(2, 64, 64),
      convolution(3, 64, 128),
    ],
    cell: {
      rows: sideBySide(take('decoder.rnn.weight_ih', 512, 128), take('decoder.rnn.weight_hh', 512, 128), 128),
      biases: sum(take('decoder.rnn.bias_ih', 512), take('decoder.rnn.bias_hh', 512)),
      inputs: 256,
      outputs: 512,
    },
    head: {
      rows: take('decoder.decoder.2.weight', 1, 128, 1),
      biases: take('decoder.decoder.2.bias', 1),
      inputs: 128,
      outputs: 1,
    },
  }
}

function readTensors(bytes: Uint8Array): Map<string, Tensor> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bytes.length < 4) throw invalidWeights('the file is empty')
  const headerEnd = 4 + view.getUint32(0, true)
  const described = readHeader(bytes.subarray(4, headerEnd))
  const tensors = new Map<string, Tensor>()
  let offset = headerEnd
  for (const { name, dims } of described) {
    const count = dims.reduce((product, size) => product * size, 1)
    const end = offset + count * 3
    if (end > bytes.length) throw invalidWeights('the file is cut off')
    tensors.set(name, { dims, values: floatsOf(bytes.subarray(offset, end)) })
    offset = end
  }
  return tensors
}

function readHeader(bytes: Uint8Array): { name: string; dims: number[] }[] {
  let header: { format?: number; precision?: string; tensors?: { name: string; dims: number[] }[] }
  try {
    header = JSON.parse(new TextDecoder().decode(bytes))
  } catch (cause) {
    throw invalidWeights('it has no header', cause)
  }
  if (header.format !== 1 || header.precision !== 'float24' || !Array.isArray(header.tensors)) {
    throw invalidWeights('it has another format')
  }
  return header.tensors
}

/** Each value is the upper three bytes of a 32-bit float. */
function floatsOf(bytes: Uint8Array): Float32Array {
  const bits = new Uint32Array(bytes.length / 3)
  for (let index = 0; index < bits.length; index++) {
    const at = index * 3
    bits[index] = (bytes[at] << 8) | (bytes[at + 1] << 16) | (bytes[at + 2] << 24)
  }
  return new Float32Array(bits.buffer)
}

/** Reorders [output][channel][tap] to [output][tap][channel]. */
function tapsFirst(weights: Float32Array, channels: number, outputs: number): Float32Array {
  const rows = new Float32Array(weights.length)
  for (let output = 0; output < outputs; output++) {
    for (let channel = 0; channel < channels; channel++) {
      for (let tap = 0; tap < 3; tap++) {
        rows[(output * 3 + tap) * channels + channel] = weights[(output * channels + channel) * 3 + tap]
      }
    }
  }
  return rows
}

function sideBySide(left: Float32Array, right: Float32Array, width: number): Float32Array {
  const rows = new Float32Array(left.length + right.length)
  for (let row = 0; row * width < left.length; row++) {
    rows.set(left.subarray(row * width, (row + 1) * width), row * 2 * width)
    rows.set(right.subarray(row * width, (row + 1) * width), (row * 2 + 1) * width)
  }
  return rows
}

function sum(left: Float32Array, right: Float32Array): Float32Array {
  return left.map((value, index) => value + right[index])
}

function invalidWeights(reason: string, cause?: unknown): VapiError {
  return new VapiError({
    code: 'invalid-vad-weights',
    message: `the weights of the voice activity detector cannot be read: ${reason}`,
    hint: 'install the program again',
    cause,
  })
}
