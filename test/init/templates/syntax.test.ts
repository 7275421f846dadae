import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { basename, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { packageFile } from '../../../src/package-root.ts'
import { temporaryFolder } from '../../support/program.ts'
import { requires } from '../../support/requires.ts'
import { unbalanced } from './unbalanced.ts'

/** Every file of the templates, their projects included, by its path below templates/init. */
const folder = packageFile('templates', 'init')
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .map(path => path.replaceAll('\\', '/'))
  .filter(path => !/(^|\/)(node_modules|dist|\.[^/]+)\//.test(path))

interface Checker {
  language: string
  files: RegExp
  program: string
  /** In front of the files. */
  flags: readonly string[]
  /** It takes one file at a time: as its last argument, or as its input. */
  single?: 'argument' | 'input'
  /** What of its words is a fault of syntax. Without it the exit code decides. */
  fault?: RegExp
  /** A file with a fault in it, which has to be found. */
  broken: string
}

const inPython = (code: string) => [
  '-c',
  `import ast, sys, xml.dom.minidom\nfor path in sys.argv[1:]: ${code}`,
]
const inElixir = 'for path <- System.argv(), do: Code.string_to_quoted!(File.read!(path), file: path)'

const checkers: readonly Checker[] = [
  { language: 'Go', files: /\.go$/, program: 'gofmt', flags: ['-e'], broken: 'package a\nfunc {' },
  {
    language: 'Rust',
    files: /\.rs$/,
    program: 'rustfmt',
    flags: ['--edition', '2021', '--check'],
    // Not by its path, so that it does not look for the modules that a file names.
    single: 'input',
    broken: 'fn main( {}\n',
  },
  {
    language: 'Java',
    files: /\.java$/,
    program: 'javac',
    flags: ['-proc:none', '-Xmaxerrs', '1000', '--release', '17', '-d', '.'],
    // What the files import is not here: only what the parser says counts.
    fault:
      /error: (?:.* expected\b|illegal |unclosed |not a statement|reached end of file|orphaned |class, interface|invalid |'.*' without )/,
    broken: 'class A { void a( { } }',
  },
  {
    language: 'Elixir',
    files: /\.exs?$/,
    program: 'elixir',
    flags: ['-e', inElixir],
    broken: 'defmodule A do',
  },
  {
    language: 'Ruby',
    files: /\.(rb|ru)$/,
    program: 'ruby',
    flags: ['-c'],
    single: 'argument',
    broken: 'def a(',
  },
  {
    language: 'PHP',
    files: /\.php$/,
    program: 'php',
    flags: ['-l'],
    single: 'argument',
    broken: '<?php function {',
  },
  {
    language: 'Python',
    files: /\.py$/,
    program: 'python3',
    flags: inPython('ast.parse(open(path).read(), path)'),
    broken: 'def a(:\n',
  },
  {
    language: 'XML',
    files: /\.(xml|csproj|plist)$/,
    program: 'python3',
    flags: inPython('xml.dom.minidom.parse(path)'),
    broken: '<a><b></a>',
  },
]

/** What a checker has against files. */
function faultsOf({ program, flags, single, fault }: Checker, paths: readonly string[]): string[] {
  const { PATH, RUSTUP_HOME, CARGO_HOME } = process.env
  const folder = temporaryFolder()
  const home = program === 'rustfmt' ? homedir() : folder
  const env = {
    PATH,
    RUSTUP_HOME,
    CARGO_HOME,
    HOME: home,
    LC_ALL: 'C.UTF-8',
    PYENV_ROOT: process.env.PYENV_ROOT,
  }
  const run = (some: readonly string[], input = '') => {
    const { stdout, stderr, status, error } = spawnSync(program, [...flags, ...some], {
      cwd: folder,
      encoding: 'utf8',
      input,
      env,
    })
    if (error !== undefined) throw error
    if (fault !== undefined) return (stdout + stderr).split('\n').filter(line => fault.test(line))
    return status === 0 ? [] : [stdout + stderr]
  }
  if (single === undefined) return run(paths)
  return paths.flatMap(path => (single === 'argument' ? run([path]) : run([], readFileSync(path, 'utf8'))))
}

describe.each(checkers)('the $language of the templates', checker => {
  const { files: pattern, program, broken } = checker
  const missing = requires(program)
  const reason = missing === false ? '' : ` (${missing})`
  const own = files.filter(path => pattern.test(path)).map(path => join(folder, path))

  it.skipIf(missing)(`has no fault of syntax${reason}`, { timeout: 120_000 }, () => {
    expect(own.length).toBeGreaterThan(1)
    expect(faultsOf(checker, own)).toEqual([])
  })

  it.skipIf(missing)(`would not have one without being found${reason}`, { timeout: 60_000 }, () => {
    const path = join(temporaryFolder(), basename(own[0] ?? ''))
    writeFileSync(path, broken)
    expect(faultsOf(checker, [path])).not.toEqual([])
  })
})

describe('what no checker here knows', () => {
  const others = files.filter(path => /\.(kts?|swift|dart|cs|razor|gradle)$/.test(path))

  it('has its brackets and quotation marks in pairs', () => {
    expect(others.length).toBeGreaterThan(10)
    for (const path of others) expect(unbalanced(readFileSync(join(folder, path), 'utf8')), path).toBe(null)
  })

  it('would not have a bracket too many without being found', () => {
    for (const path of others) {
      const text = readFileSync(join(folder, path), 'utf8')
      expect(unbalanced(`${text}\n}`), path).not.toBe(null)
      expect(unbalanced(`${text}\n(`), path).not.toBe(null)
    }
  })
})
