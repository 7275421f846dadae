import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { packageFile } from '../../src/package-root.ts'
import { startVapi, temporaryFolder, vapi } from '../support/program.ts'
import { startInTerminal } from '../support/terminal.ts'

function put(root: string, files: Readonly<Record<string, string>>): string {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  return root
}

function expressProject(root = temporaryFolder()): string {
  cpSync(packageFile('templates', 'init', 'express', 'project'), root, { recursive: true })
  return root
}

/** Every file of a folder with its text, installed packages left out. */
function everything(root: string): Record<string, string> {
  const paths = readdirSync(root, { recursive: true, encoding: 'utf8' }).sort()
  const files = paths.filter(path => statSync(join(root, path)).isFile())
  return Object.fromEntries(files.map(path => [path, readFileSync(join(root, path), 'latin1')]))
}

/** Programs of our own in front of the machine's. */
function withPrograms(programs: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const folder = temporaryFolder()
  for (const [name, script] of Object.entries(programs)) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`)
    chmodSync(join(folder, name), 0o755)
  }
  return { PATH: [folder, process.env.PATH].join(delimiter) }
}

const read = (root: string, path: string) => readFileSync(join(root, path), 'utf8')
const webhook = 'src/vapi/vapi-webhook.ts'

describe('vapi init', () => {
  it('writes, finds nothing to do a second time, and takes everything back to the byte', async () => {
    const root = expressProject()
    const before = everything(root)
    const first = await vapi(['init', '--skip-install'], { cwd: root })
    expect(first.code, first.stderr).toBe(0)
    expect(first.stdout).toContain('Express (typescript, npm)')
    expect(first.stdout).toContain('├── src/\n│   ├── vapi/\n│   │   ├── router.ts  new\n')
    expect(first.stdout).toContain("+app.use('/api/vapi', vapiRouter);")
    expect(first.stdout).toContain('created   src/vapi/router.ts')
    expect(first.stderr).toContain('npm install @vapi-ai/server-sdk')
    expect(first.stderr).toContain('vapi listen -f localhost:3000/api/vapi/webhook')
    const written = everything(root)

    const second = await vapi(['init', '--skip-install', '--json'], { cwd: root })
    expect(JSON.parse(second.stdout)).toMatchObject({ files: [], byHand: [] })
    expect(everything(root)).toEqual(written)

    const undone = await vapi(['init', '--undo'], { cwd: root })
    expect(undone.code, undone.stderr).toBe(0)
    expect(everything(root)).toEqual(before)
    expect((await vapi(['init', '--undo'], { cwd: root })).code).toBe(5)
  })

  it('shows with --dry-run what it would do, and does nothing', async () => {
    const root = expressProject()
    const before = everything(root)
    const { stdout, code } = await vapi(['init', '--dry-run', '--json'], { cwd: root })
    expect(code).toBe(0)
    expect(everything(root)).toEqual(before)
    const report = JSON.parse(stdout)
    expect(report).toMatchObject({ framework: 'express', dryRun: true, parts: ['webhook', 'example', 'env'] })
    expect(report.files).toContainEqual({
      path: 'src/index.ts',
      action: 'edit',
      backup: null,
      part: 'webhook',
      diff: expect.stringContaining("+import { vapiRouter } from './vapi/router.js';"),
    })
    expect(report.installs).toEqual([
      { command: ['npm', 'install', '@vapi-ai/server-sdk'], status: 'skipped' },
    ])
  })

  it('writes the named parts alone, and says what there is instead of others', async () => {
    const root = expressProject()
    const { stdout } = await vapi(['init', '--with', 'example,env', '--skip-install', '--json'], {
      cwd: root,
    })
    expect(JSON.parse(stdout).files.map(({ path }: { path: string }) => path)).toEqual([
      'src/vapi/vapi-example.ts',
      '.env.example',
      '.gitignore',
    ])
    expect(read(root, '.env.example')).not.toContain('VAPI_WEBHOOK_SECRET')
    const wrong = await vapi(['init', '--with', 'button'], { cwd: root })
    expect([wrong.code, wrong.stderr]).toEqual([
      2,
      'error: there is no button for express here\nhint: there is webhook, example, env\n',
    ])
    expect((await vapi(['init', '--with', 'buton'], { cwd: root })).stderr).toContain('does not know buton')
  })

  it('leaves a file that is in the way, and replaces it with --force, kept as a backup', async () => {
    const root = put(expressProject(), { [webhook]: 'mine\n' })
    const kept = await vapi(['init', '--yes', '--skip-install'], { cwd: root })
    expect(kept.stdout).toContain(`kept      ${webhook}`)
    expect(kept.stderr).toContain('--force replaces them')
    expect(read(root, webhook)).toBe('mine\n')
    const forced = await vapi(['init', '--force', '--skip-install'], { cwd: root })
    expect(forced.stdout).toContain(`replaced  ${webhook}  (before: ${webhook}.backup)`)
    expect(read(root, webhook)).toContain('answerVapi')
    expect(read(root, `${webhook}.backup`)).toBe('mine\n')
    await vapi(['init', '--undo'], { cwd: root })
    expect(read(root, webhook)).toBe('mine\n')
    expect(existsSync(join(root, `${webhook}.backup`))).toBe(false)
  })

  it('does not take back what was changed since, unless told to', async () => {
    const root = expressProject()
    await vapi(['init', '--skip-install'], { cwd: root })
    writeFileSync(join(root, webhook), 'changed')
    const { code, stderr } = await vapi(['init', '--undo'], { cwd: root })
    expect([code, stderr]).toEqual([1, expect.stringContaining(webhook)])
    expect(read(root, webhook)).toBe('changed')
    expect((await vapi(['init', '--undo', '--force'], { cwd: root })).code).toBe(0)
    expect(existsSync(join(root, 'src/vapi'))).toBe(false)
  })

  it('refuses a file that it could not give back as it was', async () => {
    const root = expressProject()
    writeFileSync(join(root, '.gitignore'), Buffer.from([0xff, 0xfe, 0x0a]))
    const before = everything(root)
    const { code, stderr } = await vapi(['init', '--skip-install'], { cwd: root })
    expect([code, stderr]).toEqual([2, expect.stringContaining('.gitignore is no UTF-8 text')])
    expect(everything(root)).toEqual(before)
  })
})

describe('vapi init where it is not plain what the project is', () => {
  const react = { react: '^19.0.0', 'react-dom': '^19.0.0' }

  it('ends with 2 in a folder without a project, and names the way out', async () => {
    const { code, stdout, stderr } = await vapi(['init'])
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toContain('was not found')
    expect(stderr).toContain('vapi init --list')
  })

  it('ends with 2 and the candidates where there are several, in JSON with their evidence', async () => {
    const root = put(temporaryFolder(), {
      'package.json': JSON.stringify({ dependencies: { ...react, express: '^5.0.0' }, main: 'server.js' }),
      'index.html': '<div id="root"></div>',
      'server.js': "const express = require('express')\nconst app = express()\napp.listen(3000)\n",
    })
    const { code, stdout, stderr } = await vapi(['init', '--json'], { cwd: root })
    expect(code).toBe(2)
    const found = JSON.parse(stdout)
    expect(found.framework).toBeNull()
    expect(found.candidates.map(({ framework }: { framework: string }) => framework)).toEqual(
      expect.arrayContaining(['react', 'express']),
    )
    expect(JSON.parse(stderr.trim().split('\n').at(-1) ?? '')).toMatchObject({
      error: { code: 'framework-not-found', hint: expect.stringContaining('--framework express') },
    })
    const named = await vapi(['init', '--framework', 'express', '--dry-run', '--json'], { cwd: root })
    expect(JSON.parse(named.stdout)).toMatchObject({ framework: 'express' })
  })

  const monorepo = (packages: readonly string[]) => {
    const root = put(temporaryFolder(), {
      'package.json': JSON.stringify({ private: true, workspaces: ['apps/*'] }),
      'package-lock.json': '{}',
    })
    for (const name of packages) expressProject(join(root, 'apps', name))
    return root
  }

  it('takes the only package of a monorepo, and names all where there are more', async () => {
    const one = monorepo(['api'])
    const done = await vapi(['init', '--skip-install', '--json'], { cwd: one })
    expect(JSON.parse(done.stdout).root).toMatch(/apps\/api$/)
    expect(existsSync(join(one, 'apps/api', webhook))).toBe(true)
    expect((await vapi(['init', 'apps/api', '--undo'], { cwd: one })).code).toBe(0)

    const two = monorepo(['api', 'hooks'])
    const { code, stderr } = await vapi(['init'], { cwd: two })
    expect(code).toBe(2)
    expect(stderr).toContain('vapi init apps/api (Express)')
    expect(stderr).toContain('vapi init apps/hooks (Express)')
  })

  it('asks at a terminal for the package', async () => {
    const root = monorepo(['api', 'hooks'])
    const run = startInTerminal(['init', '--skip-install'], { cwd: root })
    await run.waitFor('Which package?')
    run.press('down', 'enter')
    await run.waitFor(/Write \d files and install the SDK\?/)
    run.press('enter')
    expect((await run.finished).code).toBe(0)
    expect(existsSync(join(root, 'apps/hooks', webhook))).toBe(true)
    expect(existsSync(join(root, 'apps/api', webhook))).toBe(false)
  })
})

describe('vapi init at a terminal', () => {
  it('shows the plan, asks once, and for each file that is in the way', async () => {
    const tools = 'src/vapi/vapi-tools.ts'
    const root = put(expressProject(), { [webhook]: 'mine\n', [tools]: 'mine too\n' })
    const run = startInTerminal(['init', '--skip-install'], { cwd: root, rows: 200 })
    await run.waitFor('vapi-webhook.ts  in the way')
    await run.waitFor("+app.use('/api/vapi', vapiRouter);")
    await run.waitFor('?')
    run.press('enter')
    await run.waitFor('-mine')
    await run.waitFor(`${webhook} is there already. Replace it`)
    run.type('y')
    run.press('enter')
    await run.waitFor(`${tools} is there already. Replace it`)
    run.press('enter')
    expect((await run.finished).code).toBe(0)
    expect(read(root, webhook)).toContain('answerVapi')
    expect(read(root, `${webhook}.backup`)).toBe('mine\n')
    expect(read(root, tools)).toBe('mine too\n')
  })

  it.each([
    ['no', 1],
    ['Ctrl-C', 130],
  ])('changes nothing after %s', async (answer, code) => {
    const root = expressProject()
    const before = everything(root)
    const run = startInTerminal(['init'], { cwd: root, rows: 200 })
    await run.waitFor('install the SDK?')
    if (answer === 'no') {
      run.type('n')
      run.press('enter')
    } else run.press('ctrl-c')
    expect((await run.finished).code).toBe(code)
    expect(everything(root)).toEqual(before)
  })
})

describe('the package manager', () => {
  it('is run in the project, its words on stderr, and what it wrote is taken back too', async () => {
    const root = expressProject()
    const before = everything(root)
    const env = withPrograms({
      npm: 'echo "npm says: $*"; echo {} > package-lock.json; echo changed > package.json',
    })
    const { code, stdout, stderr } = await vapi(['init', '--json'], { cwd: root, env })
    expect(code, stderr).toBe(0)
    expect(JSON.parse(stdout).installs).toEqual([
      { command: ['npm', 'install', '@vapi-ai/server-sdk'], status: 'done' },
    ])
    expect(stderr).toContain('npm says: install @vapi-ai/server-sdk')
    expect(read(root, 'package.json')).toBe('changed\n')
    await vapi(['init', '--undo'], { cwd: root })
    expect(everything(root)).toEqual(before)
  })

  it('that fails leaves the files, and its command is told', async () => {
    const root = expressProject()
    const { code, stderr } = await vapi(['init'], { cwd: root, env: withPrograms({ npm: 'exit 7' }) })
    expect(code).toBe(1)
    expect(stderr).toContain('it ended with 7')
    expect(stderr).toContain('what is left to do: npm install @vapi-ai/server-sdk')
    expect(existsSync(join(root, webhook))).toBe(true)
  })

  it('that is not installed is started another way, or its command is told', async () => {
    const root = put(expressProject(), { 'pnpm-lock.yaml': 'lockfileVersion: 9\n' })
    const only = (programs: Readonly<Record<string, string>>) => ({
      PATH: withPrograms(programs).PATH?.split(delimiter)[0],
    })
    const { stderr, code } = await vapi(['init'], { cwd: root, env: only({ npx: 'echo "npx says: $*"' }) })
    expect(code, stderr).toBe(0)
    expect(stderr).toContain('npx says: -y pnpm@10 add @vapi-ai/server-sdk')
    await vapi(['init', '--undo'], { cwd: root })
    const without = await vapi(['init'], { cwd: root, env: only({}) })
    expect(without.code).toBe(1)
    expect(without.stderr).toContain('what is left to do: pnpm add @vapi-ai/server-sdk')
  })

  it('ends on Ctrl-C with the program, and what is left to do is told', async () => {
    const root = expressProject()
    const env = withPrograms({ npm: 'echo begun; exec sleep 60' })
    const run = startVapi(['init'], { cwd: root, env })
    await run.prints('begun')
    run.child.kill('SIGINT')
    const { code, stderr } = await run.finished
    expect(code).toBe(130)
    expect(stderr).toContain('what is left to do: npm install @vapi-ai/server-sdk')
    expect(existsSync(join(root, webhook))).toBe(true)
  })
})

describe('a template of the user’s own', () => {
  const yaml = (from: string) =>
    `format: 1\nframework: express\nfiles:\n  - { part: webhook, from: ${from}, to: '{entryFolder}own.ts' }\n`

  it('is taken from a folder', async () => {
    const root = expressProject()
    const template = put(temporaryFolder(), { 'template.yaml': yaml('own.ts'), 'own.ts': 'export {};\n' })
    const { code, stderr } = await vapi(['init', '--template', template], { cwd: root })
    expect(code, stderr).toBe(0)
    expect(read(root, 'src/own.ts')).toBe('export {};\n')
  })

  it('is taken from a package of npm, which runs nothing of it', async () => {
    const root = expressProject()
    const template = put(temporaryFolder(), { 'template.yaml': yaml('own.ts'), 'own.ts': 'export {};\n' })
    const env = withPrograms({
      npm: `echo "npm: $*" >&2; mkdir -p "$3/node_modules/@me"; cp -r ${template} "$3/node_modules/@me/own"`,
    })
    const { code, stderr } = await vapi(['init', '--template', '@me/own@1'], { cwd: root, env })
    expect(code, stderr).toBe(0)
    expect(stderr).toContain('--ignore-scripts')
    expect(read(root, 'src/own.ts')).toBe('export {};\n')
  })

  it('cannot take files from elsewhere, nor write them there', async () => {
    const root = expressProject()
    const outside = put(temporaryFolder(), { 'template/template.yaml': yaml('../secret'), secret: 'secret' })
    const taking = await vapi(['init', '--template', join(outside, 'template')], { cwd: root })
    expect([taking.code, taking.stderr]).toEqual([2, expect.stringContaining('outside of its folder')])
    const writing = put(temporaryFolder(), {
      'template.yaml': yaml('own.ts').replace('{entryFolder}own.ts', '../own.ts'),
      'own.ts': '',
    })
    const refused = await vapi(['init', '--template', writing], { cwd: root })
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('outside of the project')])
  })

  it('says what is wrong with it', async () => {
    const template = put(temporaryFolder(), { 'template.yaml': 'format: 1\nframework: express\nfile: []\n' })
    const { code, stderr } = await vapi(['init', '--template', template], { cwd: expressProject() })
    expect([code, stderr]).toEqual([2, expect.stringContaining('template.yaml')])
    expect((await vapi(['init', '--template', './none'], { cwd: expressProject() })).code).toBe(2)
  })
})

describe('vapi init --detect and --list', () => {
  it('tell what a project is, and write nothing', async () => {
    const root = expressProject()
    const before = everything(root)
    const { stdout } = await vapi(['init', '--detect', '--json'], { cwd: root })
    expect(JSON.parse(stdout)).toMatchObject({
      framework: 'express',
      language: 'typescript',
      packageManager: 'npm',
      typescript: true,
      monorepo: null,
      markers: expect.any(Array),
      candidates: expect.any(Array),
      confidence: expect.any(Number),
    })
    expect(everything(root)).toEqual(before)
    expect(JSON.parse((await vapi(['init', '--detect', '--json'])).stdout).framework).toBeNull()
  })

  it('name every framework, with what there is for it', async () => {
    const rows = JSON.parse((await vapi(['init', '--list', '--json'])).stdout)
    const row = (id: string) => rows.find((one: { id: string }) => one.id === id)
    expect(row('nextjs')).toMatchObject({ parts: ['button', 'webhook', 'example', 'env'], status: 'proven' })
    expect(row('express')).toMatchObject({ parts: ['webhook', 'example', 'env'] })
    expect(rows.length).toBeGreaterThan(60)
  })

  it('are not asked for together', async () => {
    expect((await vapi(['init', '--detect', '--undo'])).code).toBe(2)
    expect((await vapi(['init', '--framework', 'expres'])).stderr).toContain('did you mean express?')
  })
})
