// Makes the data files of the program out of packages that carry them; they are built, never committed.
//   silero-v6.bin  the 16 kHz branch of Silero VAD v6.2 (MIT), from decibri's silero_vad.onnx
//   gtcrn.wasm     the GTCRN speech enhancer (MIT), from @sapphi-red/web-noise-suppressor
// NOTICES.md carries their licences.
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const modules = fileURLToPath(new URL('../node_modules/', import.meta.url))

/** Writes every data file into `folder` (usually dist/data), which is made if it is missing. */
export async function writeData(folder) {
  await mkdir(folder, { recursive: true })
  const onnx = await readFile(join(modules, 'decibri/models/silero_vad.onnx'))
  await writeFile(join(folder, 'silero-v6.bin'), packTensors(sileroTensors(onnx)))
  await copyFile(
    join(modules, '@sapphi-red/web-noise-suppressor/dist/gtcrn.wasm'),
    join(folder, 'gtcrn.wasm'),
  )
}

/**
 * The tensors of the 16 kHz branch by name: [{ name, dims, values }]. The Fourier basis (a fifth of the model) is
 * left out: it is checked here to be a Hann-windowed Fourier transform, which the program computes.
 */
export function sileroTensors(onnx) {
  const prefix = 'If_0_then_branch__Inline_0__'
  const tensors = [...constants(bytesOf(onnx, 7))].filter(
    ({ name }) => name.startsWith(prefix) && !name.includes('/'),
  )
  for (const tensor of tensors) tensor.name = tensor.name.slice(prefix.length)
  const basis = tensors.find(({ name }) => name === 'stft.forward_basis_buffer')
  if (!basis || !isHannFourierBasis(basis.values))
    throw new Error('silero_vad.onnx is not the model that was expected')
  return tensors.filter(tensor => tensor !== basis)
}

/**
 * The file read by src/audio/vad/silero-weights.ts, little endian: uint32 length of the header, the header as JSON
 * { format: 1, model, precision: 'float24', tensors: [{ name, dims }] }, then the values of all tensors in that
 * order, each as the upper three bytes of its float32. Half floats would be a third smaller and move the
 * probability by up to 0.007; these move it by less than 0.001.
 */
function packTensors(tensors) {
  const described = tensors.map(({ name, dims }) => ({ name, dims }))
  const text = JSON.stringify({
    format: 1,
    model: 'silero-vad-6.2-16k',
    precision: 'float24',
    tensors: described,
  })
  const header = Buffer.from(text)
  const length = Buffer.alloc(4)
  length.writeUInt32LE(header.length)
  return Buffer.concat([length, header, ...tensors.map(({ values }) => packFloats(values))])
}

function packFloats(values) {
  const bits = new Uint32Array(values.buffer)
  const bytes = Buffer.alloc(values.length * 3)
  for (const [index, full] of bits.entries()) {
    const rounded = Math.round(full / 256)
    bytes.writeUIntLE(rounded, index * 3, 3)
  }
  return bytes
}

function isHannFourierBasis(basis) {
  for (let row = 0; row < 258; row++) {
    const wave = row < 129 ? Math.cos : phase => -Math.sin(phase)
    for (let k = 0; k < 256; k++) {
      const expected =
        (0.5 - 0.5 * Math.cos((2 * Math.PI * k) / 256)) * wave((2 * Math.PI * (row % 129) * k) / 256)
      if (Math.abs(basis[row * 256 + k] - expected) > 1e-6) return false
    }
  }
  return basis.length === 258 * 256
}

// ONNX is protobuf. Fields used: ModelProto 7 graph; GraphProto 1 node; NodeProto 2 output, 5 attribute;
// AttributeProto 5 tensor, 6 graph; TensorProto 1 dims, 2 type (1 is float), 9 raw data.
function* constants(graph) {
  for (const [field, node] of fields(graph)) {
    if (field !== 1) continue
    const name = String(bytesOf(node, 2))
    for (const [nodeField, attribute] of fields(node)) {
      if (nodeField !== 5) continue
      for (const [kind, content] of fields(attribute)) {
        if (kind === 6) yield* constants(content)
        if (kind === 5) yield* floatTensor(name, [...fields(content)])
      }
    }
  }
}

function* floatTensor(name, tensorFields) {
  const raw = tensorFields.find(([field]) => field === 9)?.[1]
  if (!raw || !tensorFields.some(([field, type]) => field === 2 && type === 1)) return
  const dims = tensorFields.filter(([field]) => field === 1).flatMap(([, value]) => numbers(value))
  yield {
    name,
    dims,
    values: new Float32Array(raw.buffer.slice(raw.byteOffset, raw.byteOffset + raw.length)),
  }
}

/** A repeated integer is one number a field, or all of them packed into one. */
function numbers(value) {
  if (typeof value === 'number') return [value]
  const found = []
  for (let at = 0; at < value.length; ) {
    const [number, next] = variableInteger(value, at)
    found.push(number)
    at = next
  }
  return found
}

function bytesOf(message, wanted) {
  for (const [field, value] of fields(message)) if (field === wanted) return value
  return Buffer.alloc(0)
}

/** The fields of a protobuf message: [number, integer or bytes]. */
function* fields(message) {
  for (let at = 0; at < message.length; ) {
    const [tag, start] = variableInteger(message, at)
    const wire = tag % 8
    if (wire === 0) {
      const [value, next] = variableInteger(message, start)
      yield [Math.floor(tag / 8), value]
      at = next
      continue
    }
    const [length, from] = wire === 2 ? variableInteger(message, start) : [wire === 1 ? 8 : 4, start]
    yield [Math.floor(tag / 8), message.subarray(from, from + length)]
    at = from + length
  }
}

function variableInteger(bytes, at) {
  let value = 0
  let factor = 1
  for (;;) {
    const byte = bytes[at++]
    value += (byte % 128) * factor
    if (byte < 128) return [value, at]
    factor *= 128
  }
}
