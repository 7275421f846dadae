/** A field of a Protocol Buffers message: a number or bytes. */
function field(number: number, value: number | string | Uint8Array): Buffer {
  if (typeof value === 'number') return Buffer.concat([varint(number << 3), varint(value)])
  const bytes = Buffer.from(value as string)
  return Buffer.concat([varint((number << 3) | 2), varint(bytes.length), bytes])
}

function varint(value: number): Buffer {
  const bytes: number[] = []
  let rest = value
  while (rest > 127) {
    bytes.push((rest & 127) | 128)
    rest >>>= 7
  }
  return Buffer.from([...bytes, rest])
}

const FLOAT = 1
const INT64 = 7

function node(kind: string, inputs: string[], output: string, attributes: Buffer[] = []): Buffer {
  return Buffer.concat([
    ...inputs.map(name => field(1, name)),
    field(2, output),
    field(4, kind),
    ...attributes.map(attribute => field(5, attribute)),
  ])
}

function valueInfo(name: string, type: number): Buffer {
  const shape = Buffer.concat([field(1, field(1, 1)), field(1, field(2, 'tokens'))])
  const tensor = Buffer.concat([field(1, type), field(2, shape)])
  return Buffer.concat([field(1, name), field(2, field(1, tensor))])
}

/** An ONNX file: `prob` = sigmoid of (`input_ids` - 98), token by token. */
export function identityModel(): Buffer {
  const raw = Buffer.alloc(4)
  raw.writeFloatLE(98)
  const shift = Buffer.concat([field(2, FLOAT), field(8, 'shift'), field(9, raw)])
  const cast = Buffer.concat([field(1, 'to'), field(3, FLOAT), field(20, 2)])
  const graph = Buffer.concat([
    field(1, node('Cast', ['input_ids'], 'numbers', [cast])),
    field(1, node('Sub', ['numbers', 'shift'], 'shifted')),
    field(1, node('Sigmoid', ['shifted'], 'prob')),
    field(2, 'tiny'),
    field(5, shift),
    field(11, valueInfo('input_ids', INT64)),
    field(12, valueInfo('prob', FLOAT)),
  ])
  return Buffer.concat([field(1, 8), field(7, graph), field(8, field(2, 13))])
}
