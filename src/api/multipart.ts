import { randomBytes } from 'node:crypto'
import type { BodySource } from '../net/http.ts'

/**
 * A form as multipart/form-data (RFC 7578), read while it is sent: a file of any size is never whole in memory. Names
 * are escaped as browsers do it (HTML standard).
 */
export function multipartBody(form: FormData): { contentType: string; body: BodySource } {
  const boundary = `vapi-${randomBytes(18).toString('hex')}`
  const parts = [...form].map(([name, value]) => {
    const field = `content-disposition: form-data; name="${escaped(name)}"`
    if (typeof value === 'string') return { head: head(field), content: Buffer.from(value) }
    const type = value.type || 'application/octet-stream'
    return {
      head: head(`${field}; filename="${escaped(value.name)}"\r\ncontent-type: ${type}`),
      content: value,
    }
  })
  const end = Buffer.from(`--${boundary}--\r\n`)

  function head(lines: string): Buffer {
    return Buffer.from(`--${boundary}\r\n${lines}\r\n\r\n`)
  }

  async function* open(): AsyncGenerator<Uint8Array> {
    for (const { head: bytes, content } of parts) {
      yield bytes
      if (content instanceof Uint8Array) yield content
      else yield* readBlob(content)
      yield LINE_END
    }
    yield end
  }

  const sizeOf = (content: Uint8Array | Blob): number =>
    content instanceof Uint8Array ? content.length : content.size
  const byteLength = parts.reduce(
    (sum, part) => sum + part.head.length + sizeOf(part.content) + LINE_END.length,
    end.length,
  )
  return { contentType: `multipart/form-data; boundary=${boundary}`, body: { byteLength, open } }
}

const LINE_END = Buffer.from('\r\n')

function escaped(name: string): string {
  return name.replace(/\r\n|\r|\n/g, '%0D%0A').replaceAll('"', '%22')
}

async function* readBlob(blob: Blob): AsyncGenerator<Uint8Array> {
  const reader = blob.stream().getReader()
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      yield value
    }
  } finally {
    await reader.cancel().catch(() => {})
  }
}
