import { readFile, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Context } from '../cli/context.ts'
import { defineCommand } from '../cli/definition.ts'
import { Exit, type ExitCode, systemCodeOf, usageError } from '../errors.ts'
import { journalFolder } from '../listen/journal/journal.ts'
import { bodyOf, entryOf, headersOf, type ParsedLine, parseLine } from '../listen/journal/lines.ts'
import { findEvent, loadLine } from '../listen/journal/reader.ts'
import { revealLine, SecretFiles } from '../listen/journal/secrets.ts'
import { isRawRequest, parseRawRequests } from '../listen/raw-request.ts'
import { provingParts, type ReceivedRequest, verifyRequest } from '../listen/verify.ts'
import { maskHeaders } from '../net/trace.ts'
import { type Expectations, expectationOptions, readExpectations } from './listen-verify-options.ts'

/** A request that was kept. */
interface Saved {
  /** Of the event, or the place in the file. */
  id: string
  event: string | null
  /** When it came; null where that is not known. */
  receivedMs: number | null
  /** Null where its body was not kept. */
  request: ReceivedRequest | null
  /** Names of what the journal does not have any more: of headers, and of values of the query as `?token`. */
  lost: readonly string[]
}

interface Verdict {
  id: string
  event: string | null
  verified: boolean
  /** What is wrong; null where nothing is. */
  reason: string | null
}

export default defineCommand(
  {
    name: 'listen verify',
    summary: 'check offline who sent an event that was kept',
    description:
      'Checks the secret, token or signature of an event in the journal, or of requests in a file: a raw HTTP request, or lines of vapi listen export --with-secrets. A timestamp counts by the time at which the event came. Exits with 3 where it does not verify.',
    args: [{ name: 'event', summary: 'id of an event (vapi listen events), or a file', required: true }],
    options: expectationOptions,
    formats: ['table', 'json', 'yaml', 'jsonl', 'tsv'],
    examples: [
      { command: 'vapi listen verify 12 --secret @secret.txt', does: 'event 12 of the journal' },
      {
        command: 'vapi listen verify request.http --hmac @key.txt --hmac-plan plan.json',
        does: 'a signed request in a file',
      },
    ],
    needsLogin: false,
    destructive: false,
  },
  async ({ args: [given = ''], options }, context): Promise<ExitCode> => {
    const { output } = context
    const expected = await readExpectations(options, context)
    if (expected === null)
      throw usageError('nothing says what the sender must know', 'add --secret, --bearer or --hmac')
    const saved = await findSaved(given, context)
    if (expected.auth.hmac !== undefined && saved.some(({ receivedMs }) => receivedMs === null))
      output.note('the file does not say when it came: the age of a signature is not checked')
    const verdicts = saved.map((one): Verdict => {
      const reason = reasonAgainst(one, expected)
      return { id: one.id, event: one.event, verified: reason === null, reason }
    })
    await output.list(
      verdicts,
      [
        { heading: 'ID', value: ({ id }) => id },
        { heading: 'EVENT', value: ({ event }) => event ?? '-' },
        { heading: 'RESULT', value: ({ reason }) => reason ?? 'verified', wraps: true },
      ],
      ({ id }) => id,
    )
    return verdicts.every(({ verified }) => verified) ? Exit.done : Exit.checkFailed
  },
)

/** What speaks against it, or null. Where what it would be checked by is gone, that is said, and not that it is wrong. */
function reasonAgainst({ request, receivedMs, lost }: Saved, { auth, options }: Expectations): string | null {
  if (request === null) return 'its body was not kept'
  const reason = verifyRequest(request, auth, { nowMs: receivedMs, ...options })
  if (reason === null) return null
  const parts = provingParts(auth)
  const proves = (name: string) => parts.includes(name.startsWith('?') ? '?' : name.toLowerCase())
  const gone = lost.filter(proves)
  if (gone.length > 0)
    return `it cannot be checked: the value of ${gone.join(', ')} is not kept any more (the file with the journal’s secrets is missing)`
  return maskedNames(request).some(proves)
    ? 'its secrets were taken out when it was exported: vapi listen export --with-secrets keeps them'
    : reason
}

async function findSaved(given: string, context: Context): Promise<Saved[]> {
  const { workingDirectory } = context
  const path = resolve(workingDirectory, given)
  const isFile = await stat(path).then(
    found => found.isFile(),
    () => false,
  )
  if (isFile) return readSaved(path, given)
  if (/[/\\]|\.\w+$/.test(given)) throw usageError(`there is no file ${given}`)
  const { place } = await findEvent(journalFolder(workingDirectory), given)
  const { parsed, lost } = await loadLine(place)
  const saved = savedOf(parsed, lost)
  return saved === null ? [] : [saved]
}

async function readSaved(path: string, given: string): Promise<Saved[]> {
  let bytes: Buffer
  try {
    bytes = await readFile(path)
  } catch (error) {
    throw usageError(`${given} cannot be read (${systemCodeOf(error) ?? 'unknown error'})`)
  }
  if (isRawRequest(bytes))
    return parseRawRequests(bytes, given).map((request, place) => ({
      id: String(place + 1),
      event: null,
      receivedMs: null,
      request,
      lost: [],
    }))
  const secrets = new SecretFiles()
  const saved = linesOf(bytes).flatMap(line => {
    const read = parseLine(line)
    if (read === null) return []
    const { parsed, lost } = revealLine(read, path, secrets)
    return savedOf(parsed, lost) ?? []
  })
  if (saved.length > 0) return saved
  throw usageError(
    `${given} holds neither an HTTP request nor an exported event`,
    'vapi listen export --with-secrets makes lines; a request begins as in POST /webhook HTTP/1.1',
  )
}

function linesOf(bytes: Buffer): Buffer[] {
  const lines: Buffer[] = []
  let from = 0
  for (let end = bytes.indexOf('\n'); end !== -1; end = bytes.indexOf('\n', from)) {
    lines.push(bytes.subarray(from, end))
    from = end + 1
  }
  return [...lines, bytes.subarray(from)].filter(line => line.length > 0)
}

function savedOf(line: ParsedLine, lost: readonly string[]): Saved | null {
  const entry = entryOf(line)
  if (entry?.type !== 'event') return null
  const { id, event, atMs, method, requested } = entry
  const body = bodyOf(line)
  const request = body === null ? null : { method, requested, rawHeaders: headersOf(line), body }
  return { id, event, receivedMs: atMs, request, lost }
}

/** Names of the headers, and `?`, that an export has replaced. */
function maskedNames({ rawHeaders, requested }: ReceivedRequest): string[] {
  const [masked = ''] = Object.values(maskHeaders({ authorization: 'a token' }))
  const headers = rawHeaders.filter((_, place) => place % 2 === 0 && rawHeaders[place + 1] === masked)
  return [...headers, ...(requested.includes(`=${masked}`) ? ['?'] : [])]
}
