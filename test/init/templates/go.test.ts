import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from '../../support/program.ts'
import { requires, requiresFiles } from '../../support/requires.ts'
import { expectContract, expectEveryEvent, expectRefusal } from './webhook-contract.ts'
import { rewrite, startServer, writtenProject } from './written-project.ts'

const WEBHOOK = '/api/vapi/webhook'
const PORT = /port: (\d+)/
const LIBRARIES = '/usr/share/gocode/src/github.com'

/** Routers as Debian has them; the packages are outside of modules, and of another name where it has a version. */
const routers = [
  { template: 'go', library: null, link: null },
  { template: 'gin', library: 'gin-gonic/gin', link: null },
  { template: 'echo', library: 'labstack/echo', link: 'labstack/echo/v4' },
  { template: 'chi', library: 'go-chi/chi', link: 'go-chi/chi/v5' },
]

/** Compiles a project with the libraries of Debian, and gives the program. The example needs the SDK, which is not among them. */
function compiled(root: string, link: string | null): string {
  const workspace = join(temporaryFolder(), 'go')
  const place = join(workspace, 'src/example.com/demo')
  cpSync(root, place, { recursive: true })
  if (link !== null && !existsSync(join(LIBRARIES, link))) {
    mkdirSync(join(workspace, 'src/github.com', link, '..'), { recursive: true })
    symlinkSync(join(LIBRARIES, link, '..'), join(workspace, 'src/github.com', link))
  }
  const env = {
    ...process.env,
    GO111MODULE: 'off',
    GOPATH: `${workspace}:/usr/share/gocode`,
    GOFLAGS: '-p=1',
    CGO_ENABLED: '0',
  }
  const checked = spawnSync('go', ['build', '-o', 'server', '.'], { cwd: place, env, encoding: 'utf8' })
  expect(checked.stdout + checked.stderr).toBe('')
  return join(place, 'server')
}

describe.each(routers)('vapi init in a project of $template', ({ template, library, link }) => {
  const missing =
    library === null ? requires('go') : requires('go') || requiresFiles(join(LIBRARIES, library))
  it.skipIf(missing)(
    `compiles and answers every message of the platform${missing === false ? '' : ` (${missing})`}`,
    { timeout: 180_000 },
    async () => {
      const { root, report } = await writtenProject(template)
      expect(report.byHand).toEqual([])
      const program = compiled(root, link)
      const [guarded, open] = await Promise.all([
        startServer(root, [program], PORT),
        startServer(root, [program], PORT, { VAPI_WEBHOOK_SECRET: '' }),
      ])
      await expectEveryEvent(guarded + WEBHOOK)
      await expectContract(guarded + WEBHOOK)
      await expectRefusal(open + WEBHOOK)
    },
  )
})

describe('vapi init in a project of Go', () => {
  it('adds the import and the route under the names that the project has', async () => {
    const { text, report } = await writtenProject('gin')
    expect(text('main.go')).toContain('\t"github.com/gin-gonic/gin"\n\n\t"example.com/demo/internal/vapi"\n)')
    expect(text('main.go')).toContain(
      '\trouter := gin.New()\n\trouter.POST("/api/vapi/webhook", gin.WrapH(vapi.Webhook()))\n',
    )
    expect(report.installs).toMatchObject([
      { command: ['go', 'get', 'github.com/VapiAI/server-sdk-go/v2@latest'] },
    ])
  })

  it('takes the version of Fiber that the project has', async () => {
    const { text } = await writtenProject('fiber')
    expect(text('main.go')).toContain(
      '\t"github.com/gofiber/fiber/v2/middleware/adaptor"\n\n\t"example.com/demo/',
    )
    expect(text('main.go')).toContain(
      '\tapp.Post("/api/vapi/webhook", adaptor.HTTPHandler(vapi.Webhook()))\n',
    )
  })

  it('adds to a program with one import, and without a mux of its own', async () => {
    const { text } = await writtenProject('go', {
      prepare: root =>
        writeFileSync(
          join(root, 'main.go'),
          'package main\n\nimport "net/http"\n\nfunc main() {\n\tpanic(http.ListenAndServe(":8080", nil))\n}\n',
        ),
    })
    expect(text('main.go')).toBe(
      'package main\n\nimport "net/http"\nimport "example.com/demo/internal/vapi"\n\nfunc main() {\n' +
        '\thttp.Handle("/api/vapi/webhook", vapi.Webhook())\n\tpanic(http.ListenAndServe(":8080", nil))\n}\n',
    )
  })

  it('says what is to be added by hand where the application is made elsewhere', async () => {
    const { report } = await writtenProject('gin', {
      prepare: root => rewrite(root, 'main.go', text => text.replace('gin.New()', 'newRouter()')),
    })
    expect(report.byHand).toMatchObject([
      { text: 'router.POST("/api/vapi/webhook", gin.WrapH(vapi.Webhook()))' },
    ])
  })
})
