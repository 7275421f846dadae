import { spawnSync } from 'node:child_process'
import { existsSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Liquid } from 'liquidjs'
import { beforeAll, describe, expect, it } from 'vitest'
import { parse as parseYaml } from 'yaml'
import { loadValidator, type Validator } from '../../src/assistant/validate/validate.ts'
import { messageOf } from '../../src/errors.ts'
import { packageFile } from '../../src/package-root.ts'
import { temporaryFolder } from '../support/program.ts'
import { requires } from '../support/requires.ts'
import { commandLineFault, shellCommands } from './command-lines.ts'
import {
  KNOWLEDGE,
  type KnowledgePage,
  knowledgePages,
  proseOf,
  readPage,
  type Sample,
} from './knowledge-pages.ts'

/** The pages of the specification, by the slugs that they have there. */
const SEED_SLUGS = [
  'quickstart/introduction',
  'quickstart/phone',
  'quickstart/web',
  'guides',
  'cli',
  'assistants/quickstart',
  'assistants/concepts/transient-vs-permanent-configurations',
  'assistants/dynamic-variables',
  'customization/multilingual',
  'assistants/personalization',
  'assistants/voice-formatting-plan',
  'assistants/flush-syntax',
  'assistants/background-messages',
  'assistants/idle-messages',
  'assistants/assistant-hooks',
  'assistants/background-speech-denoising',
  'assistants/pronunciation-dictionaries',
  'customization/speech-configuration',
  'customization/voice-pipeline-configuration',
  'voice-fallback-plan',
  'openai-realtime',
  'customization/provider-keys',
  'customization/custom-transcriber',
]

const LANGUAGES = ['ts', 'tsx', 'python', 'bash', 'json', 'yaml', 'text', 'liquid', 'html']

const pages = knowledgePages()
const samples = pages.flatMap(page => page.samples)
const samplesIn = (...languages: string[]) => samples.filter(({ language }) => languages.includes(language))

describe('pages of the knowledge base', () => {
  it('are there for every page of the specification', () => {
    const slugs = pages.map(({ matter }) => matter.slug)
    expect(SEED_SLUGS.filter(slug => !slugs.includes(slug))).toEqual([])
  })

  it('have a slug of their own', () => {
    const slugs = pages.map(({ matter }) => matter.slug)
    expect(slugs.filter((slug, place) => slugs.indexOf(slug) !== place)).toEqual([])
  })

  it.each(pages.map(page => [page.file, page] as const))(
    '%s begins with its front matter',
    (_, { matter }) => {
      expect(Object.keys(matter).toSorted()).toEqual(['description', 'keywords', 'slug', 'title'])
      expect(matter.title).toMatch(/^\S.*\S$/)
      expect(matter.slug).toMatch(/^[a-z0-9]+([-/][a-z0-9]+)*$/)
      expect(matter.description).toMatch(/^\S.{20,200}\S$/)
      const keywords = matter.keywords as unknown[]
      expect(keywords.length).toBeGreaterThan(4)
      expect(keywords.filter(word => typeof word !== 'string' || word.trim() === '')).toEqual([])
    },
  )

  it.each(pages.map(page => [page.file, page] as const))(
    '%s is of a readable length, in sections',
    (_, page) => {
      const lines = page.body.split('\n').length
      expect(lines).toBeGreaterThan(40)
      expect(lines).toBeLessThan(220)
      expect(proseOf(page).match(/^## \S/gm)?.length ?? 0).toBeGreaterThan(2)
      expect(proseOf(page)).not.toMatch(/^# /m)
    },
  )

  it('link to pages that are there', () => {
    const missing = pages.flatMap(({ file, body }) =>
      [...body.matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)(?:#[^)]*)?\)/g)].flatMap(([, target = '']) =>
        existsSync(join(KNOWLEDGE, target)) ? [] : [`${file}: ${target}`],
      ),
    )
    expect(missing).toEqual([])
  })

  it('link to headings that are there', () => {
    const anchors = new Map(pages.map(page => [page.file, headingAnchors(page)]))
    const missing = pages.flatMap(({ file, body }) =>
      [...body.matchAll(/\]\((?!https?:)([^)#\s]*)#([^)\s]+)\)/g)].flatMap(([, target = '', anchor = '']) =>
        anchors.get(target === '' ? file : target.replace('./', ''))?.includes(anchor) === true
          ? []
          : [`${file}: ${target}#${anchor}`],
      ),
    )
    expect(missing).toEqual([])
  })

  it('name commands that are there, with flags that they take, also within a line', async () => {
    const named = pages.flatMap(page =>
      [...proseOf(page).matchAll(/`(vapi [^`]+)`/g)].map(([, line = '']) => `${page.file}: ${line}`),
    )
    const faults = await commandFaults(named.map(line => ({ at: line, code: line.replace(/^\S+ /, '') })))
    // Within a sentence a command or flag may stand without what it works on, and a group without its command.
    const whole = /missing required argument|argument missing|it is a group/
    expect(faults.filter(fault => !whole.test(fault))).toEqual([])
  })
})

describe('samples of the knowledge base', () => {
  it('are in languages that are checked or need no check', () => {
    expect(samples.filter(({ language }) => !LANGUAGES.includes(language)).map(({ at }) => at)).toEqual([])
  })

  it('compile, in TypeScript', () => {
    expect(typeFaults(samplesIn('ts', 'tsx'))).toBe('')
  }, 60_000)

  const noPython = requires('python3')
  it.skipIf(noPython)(`parse, in Python${noPython ? ` (${noPython})` : ''}`, () => {
    expect(pythonFaults(samplesIn('python'))).toBe('')
  })

  const noBash = requires('bash')
  it.skipIf(noBash)(`parse, in the shell${noBash ? ` (${noBash})` : ''}`, () => {
    expect(samplesIn('bash').flatMap(bashFaults)).toEqual([])
  })

  it('run commands that are there, with flags that they take', async () => {
    expect(await commandFaults(samplesIn('bash'))).toEqual([])
  })

  it('send JSON that is JSON, with curl', () => {
    const bodies = samplesIn('bash').flatMap(({ at, code }) =>
      shellCommands(code).flatMap(([program, ...words]) =>
        program === 'curl' ? words.filter(word => /^[{[]/.test(word)).map(text => ({ at, text })) : [],
      ),
    )
    expect(bodies.length).toBeGreaterThan(2)
    expect(bodies.flatMap(({ at, text }) => jsonFaults(at, text))).toEqual([])
  })

  it('parse, in JSON', () => {
    expect(samplesIn('json').flatMap(({ at, code }) => jsonFaults(at, code))).toEqual([])
  })

  it('parse, in YAML and Liquid', () => {
    const yamlFaults = samplesIn('yaml').flatMap(({ at, code }) => faultOf(at, () => parseYaml(code)))
    const liquid = new Liquid()
    const liquidFaults = samplesIn('liquid').flatMap(({ at, code }) => faultOf(at, () => liquid.parse(code)))
    expect([...yamlFaults, ...liquidFaults]).toEqual([])
  })

  describe('whole assistants', () => {
    let validator: Validator
    beforeAll(async () => {
      validator = await loadValidator()
    })
    const assistants = samplesIn('json').filter(({ info }) => info === 'assistant')

    it('are there', () => {
      expect(assistants.length).toBeGreaterThan(5)
    })

    it.each(assistants.map(sample => [sample.at, sample] as const))('%s has no fault', (_, { code }) => {
      const findings = validator.validate(JSON.parse(code))
      expect(findings.map(({ path, level, message }) => `${level} ${path}: ${message}`)).toEqual([])
    })
  })
})

describe('the checks themselves', () => {
  const sample = (language: string, code: string): Sample => ({
    at: 'made-up.md:1',
    language,
    info: '',
    code,
  })

  it('find a wrong type, an unused name and an unknown field of the SDK', () => {
    const faults = typeFaults([
      sample('ts', "import { VapiClient } from '@vapi-ai/server-sdk'\nconst n: number = 'x'\n"),
      sample(
        'ts',
        "import { VapiClient } from '@vapi-ai/server-sdk'\nawait new VapiClient({ token: 't' }).calls.create({ asistantId: 'x' })\n",
      ),
      sample('tsx', 'export const button = <button onClick={3}>x</button>\n'),
    ])
    expect(faults.match(/error TS\d+/g)?.length).toBeGreaterThanOrEqual(4)
    expect(faults).toContain('made-up.md:1')
  }, 60_000)

  it.skipIf(requires('python3'))('find a fault of Python', () => {
    expect(pythonFaults([sample('python', 'x = 1\n'), sample('python', 'def broken(:\n')])).toContain(
      'made-up.md:1',
    )
  })

  it.skipIf(requires('bash'))('find a fault of the shell', () => {
    expect(bashFaults(sample('bash', "echo 'open\n"))).toHaveLength(1)
  })

  it.each([
    ['vapi call lokal a.json', 'no such command'],
    ['vapi call local a.json --ofline', 'unknown option'],
    ['KEY=1 vapi call create --to', 'argument missing'],
    ['vapi assistant validate', 'missing required argument'],
    ['vapi assistant', 'it is a group'],
    ['cat a.json | vapi assistant validate - --strictly', 'unknown option'],
    ['id=$(vapi assistant get x --idd)', 'unknown option'],
    ['vapi call local a.json \\\n  --in tekst --echo loud', 'invalid'],
  ])('find the fault of %s', async (line, fault) => {
    expect((await commandFaults([{ at: 'x', code: line }])).join()).toContain(fault)
  })

  it.each([
    'vapi call local assistant.json --in text --var "name=Ada Lovelace" # a comment --nonsense',
    "vapi api GET /assistant -f limit=5 --jq '.[].name | length' > names.txt",
    'vapi login && vapi phone-number list --json 2>/dev/null',
  ])('find none in %s', async line => {
    expect(await commandFaults([{ at: 'x', code: line }])).toEqual([])
  })

  it('refuse a page without front matter, and an open fence', () => {
    expect(() => readPage('x.md', '# Title\n')).toThrow('no front matter')
    expect(() => readPage('x.md', '---\ntitle: x\n---\n\n```ts\n')).toThrow('x.md:5: the fence is not closed')
  })
})

/** As search results link to them: lower case, words joined by hyphens, no other signs. */
function headingAnchors(page: KnowledgePage): string[] {
  return [...proseOf(page).matchAll(/^#{2,4} (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replace(/\s/g, '-'),
  )
}

async function commandFaults(texts: readonly { at: string; code: string }[]): Promise<string[]> {
  const lines = texts.flatMap(({ at, code }) =>
    shellCommands(code)
      .filter(([program]) => program === 'vapi')
      .map(words => ({ at, words })),
  )
  const faults = await Promise.all(
    lines.map(async ({ at, words }) => ({ at, fault: await commandLineFault(words) })),
  )
  return faults.flatMap(({ at, fault }) => (fault === null ? [] : [`${at}: ${fault}`]))
}

/** What TypeScript says to the samples, each a module of its own, as strictly as the project itself; '' where nothing is wrong. */
function typeFaults(all: readonly Sample[]): string {
  const root = temporaryFolder()
  symlinkSync(packageFile('node_modules'), join(root, 'node_modules'))
  const names = new Map(all.map((sample, place) => [`sample-${place}.${sample.language}`, sample]))
  for (const [name, { code }] of names) writeFileSync(join(root, name), code)
  const compilerOptions = {
    lib: ['es2023', 'dom', 'dom.iterable'],
    jsx: 'react-jsx',
    moduleDetection: 'force',
  }
  const settings = { extends: packageFile('tsconfig.json'), compilerOptions, include: ['*'], exclude: [] }
  writeFileSync(join(root, 'tsconfig.json'), JSON.stringify(settings))
  const compiler = packageFile('node_modules', 'typescript', 'bin', 'tsc')
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [compiler, '--noEmit', '-p', '.', '--pretty', 'false'],
    {
      cwd: root,
      encoding: 'utf8',
    },
  )
  return `${stdout}${stderr}`
    .trim()
    .replace(/^(sample-\d+\.tsx?)/gm, (_, name: string) => `${names.get(name)?.at} line`)
}

/** Compiles in one process; `py_compile` stops at nothing, so all faults are told. */
function pythonFaults(all: readonly Sample[]): string {
  const root = temporaryFolder()
  const files = all.map(({ code, at }, place) => {
    const file = `sample_${place}_${at.replace(/\W/g, '_')}.py`
    writeFileSync(join(root, file), code)
    return { file, at }
  })
  const { stdout, stderr } = spawnSync('python3', ['-m', 'py_compile', ...files.map(({ file }) => file)], {
    cwd: root,
    encoding: 'utf8',
  })
  return files.reduce((text, { file, at }) => text.replaceAll(file, at), `${stdout}${stderr}`).trim()
}

function bashFaults({ at, code }: Sample): string[] {
  const { status, stderr } = spawnSync('bash', ['-n'], { input: code, encoding: 'utf8' })
  return status === 0 ? [] : [`${at}: ${stderr.trim()}`]
}

function jsonFaults(at: string, text: string): string[] {
  return faultOf(at, () => JSON.parse(text))
}

function faultOf(at: string, read: () => unknown): string[] {
  try {
    read()
    return []
  } catch (error) {
    return [`${at}: ${messageOf(error)}`]
  }
}
