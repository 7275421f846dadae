import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { actions } from '../../src/api/actions.ts'
import { resources } from '../../src/api/resources.ts'
import { actionLine, type Line, linesOf } from '../support/openapi/command-lines.ts'
import { ownLines, SERVED_ID, served, servedTool } from '../support/openapi/own-lines.ts'
import { createRouter } from '../support/openapi/routes.ts'
import {
  documentAbsent,
  loadOpenApiDocument,
  type OpenApiMock,
  pathsOutsideDocument,
  startOpenApiMock,
} from '../support/openapi-mock.ts'
import { temporaryFolder, vapi } from '../support/program.ts'

const document = loadOpenApiDocument()
const title = 'every request of the resource commands is valid by the API’s document'
/** Starts of the program at the same time. */
const BATCH = 4

describe.skipIf(document === false)(
  document ? title : `${title} (skipped: ${documentAbsent})`,
  { timeout: 120_000 },
  () => {
    if (document === false) return
    let mock: OpenApiMock

    beforeAll(async () => {
      mock = await startOpenApiMock({
        document,
        extraPaths: pathsOutsideDocument,
        overrides: [
          { method: 'GET', path: `/assistant/${SERVED_ID}`, reply: () => ({ status: 200, body: served }) },
          { method: 'GET', path: `/tool/${SERVED_ID}`, reply: () => ({ status: 200, body: servedTool }) },
        ],
      })
    })
    afterAll(() => mock.close())
    beforeEach(() => {
      mock.requests.length = 0
      mock.violations.length = 0
    })

    /** Runs the lines a few at a time and compares all that came of them with what must come. */
    async function expectValid(lines: readonly Line[]): Promise<void> {
      const problems: string[] = []
      const waiting = [...lines]
      const run = async () => {
        for (let line = waiting.shift(); line !== undefined; line = waiting.shift()) {
          const folder = temporaryFolder()
          if (line.body !== undefined) writeFileSync(join(folder, 'body.json'), JSON.stringify(line.body))
          for (const [name, text] of Object.entries(line.files ?? {})) writeFileSync(join(folder, name), text)
          const { code, stderr } = await vapi(line.args, {
            cwd: folder,
            env: { HOME: folder, VAPI_API_KEY: 'valid-key', VAPI_API_BASE_URL: mock.url },
          })
          if (code !== 0) problems.push(`vapi ${line.args.join(' ')}\nexits with ${code}: ${stderr}`)
        }
      }
      await Promise.all(Array.from({ length: BATCH }, run))
      const sent = new Set(mock.requests.map(({ method, path }) => `${method} ${path}`))
      for (const { args, sends } of lines)
        if (!sent.has(sends)) problems.push(`vapi ${args.join(' ')}\ndoes not send ${sends}`)
      expect([...problems, ...mock.violations]).toEqual([])
    }

    it.each(resources.map(resource => ({ words: resource.words, resource })))(
      'vapi $words',
      async ({ resource }) => {
        await expectValid(linesOf(document, resource))
      },
    )

    it.each(actions.map(action => ({ words: action.words, action })))('vapi $words', async ({ action }) => {
      await expectValid([actionLine(document, action)])
    })

    it.each(ownLines)('vapi $words', async ({ lines }) => {
      await expectValid(lines)
    })

    it('covers every operation of the document', () => {
      const find = createRouter(document)
      const lines = [
        ...resources.flatMap(resource => linesOf(document, resource)),
        ...actions.map(action => actionLine(document, action)),
        ...ownLines.flatMap(own => own.lines),
      ]
      const covered = new Set(
        lines.map(({ sends }) => {
          const [method = '', path = ''] = sends.split(' ')
          const route = find(method, path)?.route
          return `${method} ${route?.template}`
        }),
      )
      const known = Object.entries(document.paths).flatMap(([path, operations]) =>
        Object.keys(operations).map(method => `${method.toUpperCase()} ${path}`),
      )
      expect(known.filter(operation => !covered.has(operation))).toEqual([])
    })
  },
)
