import { cpSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { rolldown } from 'rolldown'
import { describe, expect, it, onTestFinished } from 'vitest'
import { packageFile } from '../../../src/package-root.ts'
import { requires } from '../../support/requires.ts'
import { openBrowser } from '../../web/browser.ts'
import { linkPackages, requiresPackages, rewrite, typeErrors, writtenProject } from './written-project.ts'

const PACKAGES = ['react', 'react-dom', '@types/react', '@vapi-ai/web', 'vite']
const missing = requiresPackages(...PACKAGES)
const noBrowser = requires('chromium') || missing

const SHOWN =
  "import { VapiButton } from './components/VapiButton';\n\nexport function App() {\n  return <VapiButton />;\n}\n"

describe('vapi init in a React project', () => {
  it('writes the button, the call and its configuration for the bundler that there is', async () => {
    const { report, text } = await writtenProject('react')
    expect(report).toMatchObject({ framework: 'react', variant: 'vite', byHand: [], warnings: [] })
    expect(report.files.map(({ path }) => path)).toEqual([
      'src/components/VapiButton.tsx',
      'src/lib/vapi-call.ts',
      'src/lib/vapi-config.ts',
      '.env.example',
      '.gitignore',
    ])
    expect(text('src/lib/vapi-config.ts')).toContain('import.meta.env.VITE_VAPI_PUBLIC_KEY')
    expect(text('.env.example')).toContain('VITE_VAPI_ASSISTANT_ID=\n')
    expect(report.installs).toMatchObject([{ command: ['npm', 'install', '@vapi-ai/web'] }])
  })

  it.each([
    ['react-scripts', 'cra', 'process.env.REACT_APP_VAPI_PUBLIC_KEY'],
    ['@rsbuild/core', 'rsbuild', 'import.meta.env.PUBLIC_VAPI_PUBLIC_KEY'],
    ['parcel', 'parcel', 'process.env.VAPI_PUBLIC_KEY'],
    ['webpack', 'webpack', 'process.env.VAPI_PUBLIC_KEY'],
    ['rollup', 'rollup', "publicKey: ''"],
  ])('takes the environment of %s', async (bundler, variant, expression) => {
    const { report, text } = await writtenProject('react', {
      prepare: root => {
        rmSync(join(root, 'vite.config.ts'))
        rewrite(root, 'package.json', json => json.replaceAll('"vite"', `"${bundler}"`))
        rewrite(root, 'package.json', json => json.replace('"@vitejs/plugin-react": "^5.1.0",', ''))
      },
    })
    expect(report.variant).toBe(variant)
    expect(text('src/lib/vapi-config.ts')).toContain(expression)
    expect(report.byHand.length).toBe(variant === 'webpack' ? 1 : 0)
  })

  it('writes JavaScript into a project of JavaScript', async () => {
    const { text } = await writtenProject('react', {
      prepare: root => {
        rmSync(join(root, 'tsconfig.json'))
        rewrite(root, 'package.json', json => json.replace(/"(@types[^"]*|typescript)": "[^"]*",\s*/g, ''))
        for (const name of ['main', 'App']) {
          cpSync(join(root, `src/${name}.tsx`), join(root, `src/${name}.jsx`))
          rmSync(join(root, `src/${name}.tsx`))
        }
        rewrite(root, 'index.html', html => html.replace('main.tsx', 'main.jsx'))
      },
    })
    expect(text('src/components/VapiButton.jsx')).toContain(
      "import { CALL_LABELS, createVapiCall } from '../lib/vapi-call'",
    )
    expect(text('src/lib/vapi-call.js')).not.toMatch(/interface|: string|import type/)
  })

  it('gives Next.js the same button, for the browser alone', async () => {
    const [react, next] = await Promise.all([writtenProject('react'), writtenProject('nextjs')])
    const button = react.text('src/components/VapiButton.tsx')
    expect(next.text('components/VapiButton.tsx')).toBe(`'use client';\n\n${button}`)
  })

  it.skipIf(missing)(`compiles${missing === false ? '' : ` (${missing})`}`, async () => {
    const { root } = await writtenProject('react')
    writeFileSync(join(root, 'src/App.tsx'), SHOWN)
    expect(typeErrors(root)).toBe('')
    rewrite(root, 'src/App.tsx', code => code.replace('<VapiButton />', '<VapiButton wrong />'))
    expect(typeErrors(root)).toContain('App.tsx')
  })

  it.skipIf(noBrowser)(
    `makes a call in a browser, by button and keyboard${noBrowser === false ? '' : ` (${noBrowser})`}`,
    async () => {
      const { root } = await writtenProject('react')
      writeFileSync(join(root, 'src/App.tsx'), SHOWN)
      linkPackages(root)
      const requests: { authorization: string | undefined; body: unknown }[] = []
      const page = await servedPage(root, requests)
      const browser = await openBrowser()
      onTestFinished(() => browser.close())
      await browser.open(page)
      const until = async (expression: string) => {
        const found = await browser.evaluate<boolean>(
          `new Promise(resolve => {
            const end = performance.now() + 10_000
            const check = () =>
              (${expression}) ? resolve(true) : performance.now() > end ? resolve(false) : requestAnimationFrame(check)
            check()
          })`,
        )
        const shown = await browser.evaluate('document.body.innerHTML')
        expect(found, `${expression}\n${shown}\n${browser.complaints.join('\n')}`).toBe(true)
      }
      const button = "document.querySelector('button')"
      await until(button)
      expect(await browser.evaluate(`${button}.textContent`)).toBe('Talk to the assistant')

      await browser.press('Tab')
      await browser.press('Enter')
      await until('window.daily?.joined.length === 1')
      expect(requests).toEqual([
        {
          authorization: 'Bearer the public key',
          body: expect.objectContaining({ assistantId: 'the assistant' }),
        },
      ])
      expect(await browser.evaluate(`[${button}.dataset.status, ${button}.disabled]`)).toEqual([
        'connecting',
        true,
      ])
      expect(await browser.evaluate('window.daily.joined')).toEqual(['https://rooms.example/one'])

      await browser.evaluate("window.daily.emit('app-message', { data: 'listening' })")
      await until(`${button}.dataset.status === 'listening'`)
      expect(await browser.evaluate(`${button}.ariaPressed`)).toBe('true')
      const say = (transcript: string, transcriptType: string, role = 'user') =>
        browser.evaluate(
          `window.daily.emit('app-message', { data: ${JSON.stringify(
            JSON.stringify({ type: 'transcript', role, transcript, transcriptType }),
          )} })`,
        )
      await say('I need', 'partial')
      await say('I need an appointment.', 'final')
      await say('Which day?', 'final', 'assistant')
      await until("document.querySelectorAll('li').length === 2")
      expect(
        await browser.evaluate("[...document.querySelectorAll('li')].map(line => line.textContent)"),
      ).toEqual(['You: I need an appointment.', 'Assistant: Which day?'])
      expect(await browser.evaluate("document.querySelector('ol').ariaLive")).toBe('polite')

      await browser.evaluate(`${button}.click()`)
      await until(`${button}.dataset.status === 'idle'`)
      expect(await browser.evaluate('window.daily.destroyed')).toBe(1)

      await browser.evaluate(`fetch('/refuse').then(() => ${button}.click())`)
      await until(`${button}.dataset.status === 'error'`)
      expect(await browser.evaluate("document.querySelector('[role=alert]').textContent")).toBe(
        'Invalid Key.',
      )
      expect(await browser.evaluate(`${button}.textContent`)).toBe('Try again')
    },
  )
})

/** Bundles a project with the real SDK, and serves it with an API that answers as the platform does. */
async function servedPage(root: string, requests: object[]): Promise<string> {
  let refuses = false
  const server = createServer((request, response) => {
    const { url = '/', headers } = request
    if (url === '/refuse') refuses = true
    if (url === '/page.js') return response.writeHead(200, { 'content-type': 'text/javascript' }).end(code)
    if (!url.startsWith('/call/web')) {
      response.setHeader('content-type', 'text/html')
      return response.end(
        '<!doctype html><div id="root"></div><script type="module" src="/page.js"></script>',
      )
    }
    let text = ''
    request.on('data', piece => {
      text += piece
    })
    request.on('end', () => {
      requests.push({ authorization: headers.authorization, body: JSON.parse(text) })
      response.writeHead(refuses ? 401 : 201, { 'content-type': 'application/json' })
      const refusal = { message: 'Invalid Key.', error: 'Unauthorized', statusCode: 401 }
      response.end(JSON.stringify(refuses ? refusal : { id: 'one', webCallUrl: 'https://rooms.example/one' }))
    })
    return undefined
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const bundle = await rolldown({
    cwd: root,
    input: join(root, 'src/main.tsx'),
    platform: 'browser',
    logLevel: 'silent',
    resolve: {
      alias: { '@daily-co/daily-js': packageFile('test', 'init', 'templates', 'stand-in-daily.mjs') },
    },
    transform: {
      define: {
        'process.env.NODE_ENV': '"production"',
        'import.meta.env.VITE_VAPI_PUBLIC_KEY': '"the public key"',
        'import.meta.env.VITE_VAPI_ASSISTANT_ID': '"the assistant"',
      },
    },
    plugins: [
      // The SDK's one address, so that nothing leaves this machine.
      { name: 'local-api', transform: code => code.replaceAll('https://api.vapi.ai', address) },
    ],
  })
  const { output } = await bundle.generate({ format: 'esm', codeSplitting: false })
  await bundle.close()
  const { code } = output[0]
  return `${address}/`
}
