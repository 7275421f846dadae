import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { packageFile } from '../../src/package-root.ts'
import { startVapi, vapi } from '../support/program.ts'

describe('the program', () => {
  it.each(['--version', '-v'])('%s prints the version of the package', async flag => {
    const { version } = JSON.parse(readFileSync(packageFile('package.json'), 'utf8'))
    expect(await vapi([flag])).toEqual({ stdout: `${version}\n`, stderr: '', code: 0 })
  })

  it.each([[[]], [['--help']], [['-h']], [['help']]])('%j prints every group of commands', async args => {
    const { stdout, code } = await vapi(args)
    expect(code).toBe(0)
    for (const name of ['call', 'completion', 'version']) expect(stdout).toContain(`\n  ${name} `)
  })

  it.each([[['call', 'local', '--help']], [['help', 'call', 'local']], [['call', 'local', 'x.json', '-h']]])(
    '%j prints the options of the command',
    async args => {
      const { stdout, code } = await vapi(args)
      expect(code).toBe(0)
      expect(stdout).toContain('Usage: vapi call local')
      expect(stdout).toContain('--in <mic|FILE.wav|text|->')
    },
  )

  it('help of a group lists its commands', async () => {
    expect((await vapi(['call', '--help'])).stdout).toContain('call simulate')
  })

  it.each([
    [['cal', 'local'], 'did you mean vapi call local?'],
    [['nonsense'], 'vapi --help'],
    [['call'], 'vapi call --help'],
    [['call', 'simulate', '--jnit', 'x', 'y.yaml'], 'unknown option'],
    [['call', 'simulate'], 'missing required argument'],
    [['call', 'devices', 'extra'], 'too many arguments'],
    [['call', 'local', 'a.json', '--max-duration', 'soon'], 'not a number'],
    [['call', 'local', 'a.json', '--semantics', 'mine'], 'Allowed choices'],
    [['call', 'simulate', 'a.yaml', '--output', 'tsv'], 'cannot print tsv'],
    [['call', 'devices', '--json', '--output', 'yaml'], 'exclude each other'],
    [['call', 'devices', '--jq', '.['], '--jq'],
  ])('%j is a usage error that helps on', async (args, text) => {
    const { stdout, stderr, code } = await vapi(args)
    expect(code).toBe(2)
    expect(stdout).toBe('')
    expect(stderr).toMatch(
      args.some(word => word === '--json' || word === '--jq') ? /^\{"error":/ : /^error: /,
    )
    expect(stderr).toContain(text)
    expect(stderr).not.toMatch(/\n\s+at /)
  })

  it('errors are one JSON object on stderr with --json', async () => {
    const { stderr, code } = await vapi(['call', 'local', 'missing.json', '--json'])
    expect(code).toBe(5)
    expect(JSON.parse(stderr)).toMatchObject({
      error: { code: 'file-not-found', message: expect.stringContaining('missing.json') },
    })
  })

  it('options may stand before the command', async () => {
    expect((await vapi(['--json', 'call', 'local', 'missing.json'])).code).toBe(5)
  })

  it('says which Node it needs', () => {
    expect(readFileSync(packageFile('bin', 'vapi.js'), 'utf8')).toContain('20.19')
    expect(JSON.parse(readFileSync(packageFile('package.json'), 'utf8')).engines.node).toBe('>=20.19')
  })

  it('ends quietly when its reader goes away', async () => {
    const running = startVapi([
      'call',
      'simulate',
      ...Array(40).fill(packageFile('templates', 'demo', 'appointment-desk.yaml')),
      '--json',
    ])
    running.child.stdout?.once('data', () => running.child.stdout?.destroy())
    const { stderr, code } = await running.finished
    expect(stderr).not.toMatch(/EPIPE|\n\s+at /)
    expect(code).toBe(0)
  })
})

describe('vapi call devices', () => {
  const noSound = { XDG_RUNTIME_DIR: '/nonexistent', PULSE_SERVER: 'unix:/nonexistent' }

  it('prints tab-separated values into a pipe, and says on stderr when there is nothing', async () => {
    const { stdout, stderr, code } = await vapi(['call', 'devices'], { env: noSound })
    expect(code).toBe(0)
    for (const line of stdout.split('\n').filter(Boolean)) expect(line.split('\t')).toHaveLength(4)
    if (stdout === '') expect(stderr).toContain('no microphone')
  })

  it('filters that give nothing print nothing', async () => {
    expect(await vapi(['call', 'devices', '--jq', 'empty'], { env: noSound })).toMatchObject({
      stdout: '',
      code: 0,
    })
  })

  it('filters with jq', async () => {
    expect(await vapi(['call', 'devices', '--jq', 'type'], { env: noSound })).toMatchObject({
      stdout: '"array"\n',
      code: 0,
    })
  })
})
