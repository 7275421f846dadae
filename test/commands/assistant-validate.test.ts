import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { jsonLines, temporaryFolder, vapi } from '../support/program.ts'

const wrong = `name: Reception
firstMessage: Hello.
model:
  provider: openai
  model: gpt-4o
  temperature: 3
  messages: [{ role: system, content: Be kind. }]
voice:
  provider: 11labs
  voiceId: sarah
  stabilty: 0.5
`
const doubtful = wrong
  .replace('  temperature: 3\n', '')
  .replace('  stabilty: 0.5\n', '')
  .concat('serverUrl: https://example.com\n')
const good = doubtful.replace('serverUrl: https://example.com\n', '')

function folderWith(files: Record<string, string>): string {
  const folder = temporaryFolder()
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  return folder
}

describe('vapi assistant validate', () => {
  it('tells every fault with its line and what to write, and exits with 3', async () => {
    const cwd = folderWith({ 'a.yaml': wrong })
    const { stdout, stderr, code } = await vapi(['assistant', 'validate', 'a.yaml', '-o', 'table'], { cwd })
    expect(stdout).toBe(
      'a.yaml:6:3 error model.temperature: must be from 0 to 2, is 3\n' +
        'a.yaml:11:3 error voice.stabilty: unknown field, did you mean stability?\n' +
        '  fix: rename it to stability\n',
    )
    expect(stderr).toBe('2 errors and 0 warnings in 1 file\n')
    expect(code).toBe(3)
  })

  it('exits with 0 for warnings alone, and with 3 under --strict', async () => {
    const cwd = folderWith({ 'a.yaml': doubtful })
    expect(await vapi(['assistant', 'validate', 'a.yaml'], { cwd })).toMatchObject({ code: 0 })
    expect(await vapi(['assistant', 'validate', 'a.yaml', '--strict'], { cwd })).toMatchObject({ code: 3 })
  })

  it('says nothing on stdout of good files', async () => {
    const cwd = folderWith({ 'a.yaml': good, 'b.json': JSON.stringify({ members: [{ assistantId: 'x' }] }) })
    const { stdout, code } = await vapi(['assistant', 'validate', 'a.yaml', 'b.json', '--strict'], { cwd })
    expect({ stdout, code }).toEqual({ stdout: '', code: 0 })
  })

  it('prints objects with --json, tab-separated values in a pipe', async () => {
    const cwd = folderWith({ 'a.json': `{"name": "A", "firstMessage": "Hi",\n "colour": 1}` })
    const json = await vapi(['assistant', 'validate', 'a.json', '--json', '--quiet'], { cwd })
    expect(JSON.parse(json.stdout)).toEqual([
      {
        file: 'a.json',
        line: 2,
        column: 2,
        path: 'colour',
        level: 'error',
        code: 'unknown-field',
        message: 'unknown field',
      },
    ])
    expect(json.stderr).toBe('')
    const piped = await vapi(['assistant', 'validate', 'a.json'], { cwd })
    expect(piped.stdout).toBe('a.json:2:2\terror\tcolour\tunknown field\t\n')
    const none = await vapi(['assistant', 'validate', '-', '--json'], { cwd, stdin: good })
    expect(JSON.parse(none.stdout)).toEqual([])
  })

  it('reads standard input', async () => {
    const { stdout, code } = await vapi(['assistant', 'validate', '-', '-o', 'jsonl'], { stdin: wrong })
    expect(jsonLines(stdout).map(({ file, line }) => `${file}:${line}`)).toEqual(['<stdin>:6', '<stdin>:11'])
    expect(code).toBe(3)
  })

  it('checks the other files when one cannot be read, and exits as that one asks', async () => {
    const cwd = folderWith({ 'a.yaml': wrong, 'b.yaml': 'name: [\n', 'c.json': '{"name": }' })
    const broken = await vapi(['assistant', 'validate', 'b.yaml', 'a.yaml', 'c.json'], { cwd })
    expect(broken.code).toBe(2)
    expect(broken.stderr).toMatch(/b\.yaml:\d+:\d+/)
    expect(broken.stderr).toMatch(/c\.json:1:\d+/)
    expect(broken.stdout).toContain('a.yaml:6:3')
    expect(await vapi(['assistant', 'validate', 'missing.yaml'], { cwd })).toMatchObject({
      code: 5,
      stdout: '',
    })
  })
})

describe('vapi assistant templates', () => {
  it('lists them', async () => {
    const { stdout } = await vapi(['assistant', 'templates', '--json'])
    expect(JSON.parse(stdout)).toHaveLength(11)
    const ids = await vapi(['assistant', 'templates', '--squad', '-o', 'id'])
    expect(ids.stdout.trim().split('\n')).toHaveLength(4)
  })

  it('prints one that validates and runs', async () => {
    const cwd = temporaryFolder()
    const { stdout } = await vapi(['assistant', 'templates', 'lead-qualification'])
    writeFileSync(join(cwd, 'assistant.yaml'), stdout)
    const scenario = {
      assistant: './assistant.yaml',
      caller: [{ after: 'assistant', plus: 0.5, say: 'Yes, it is.', lasts: 1 }],
      model: [{ reply: 'Good. How many people work with you?' }],
      expect: [{ event: 'transcript', role: 'assistant', matches: 'How many people' }],
    }
    writeFileSync(join(cwd, 'call.json'), JSON.stringify(scenario))
    expect(await vapi(['assistant', 'validate', 'assistant.yaml', '--strict'], { cwd })).toMatchObject({
      code: 0,
    })
    expect(await vapi(['call', 'simulate', 'call.json'], { cwd })).toMatchObject({ code: 0 })
  })

  it('prints a squad, as JSON too', async () => {
    const { stdout } = await vapi(['assistant', 'templates', 'medical-triage', '--squad', '--json'])
    expect(
      JSON.parse(stdout).members.map(({ assistant }: { assistant: { name: string } }) => assistant.name),
    ).toEqual(['Triage', 'Emergency', 'Scheduling'])
  })

  it('names what is near for one that is not there', async () => {
    const { stderr, code } = await vapi(['assistant', 'templates', 'docs-agnt'])
    expect(stderr).toContain('did you mean docs-agent?')
    expect(code).toBe(5)
  })
})
