import fc from 'fast-check'
import { parse as parseToml } from 'smol-toml'
import { describe, expect, it } from 'vitest'
import { putJsonEntry, readJsonEntry, takeJsonEntry } from '../../../src/mcp/setup/edit/json.ts'
import { putTomlEntry, readTomlEntry, takeTomlEntry } from '../../../src/mcp/setup/edit/toml.ts'

const entry = { command: '/n', args: ['v.js', 'mcp', 'serve'] }
const json = JSON.stringify

/** The entry as it is written, at an indentation. */
function block(unit: string, depth: number, eol = '\n'): string {
  return `"vapi": ${json(entry, null, unit).replaceAll('\n', eol + unit.repeat(depth))}`
}

interface Shape {
  name: string
  before: string
  after: string
  keys?: string[]
}

const shapes: Shape[] = [
  {
    name: 'Cursor’s with no server yet',
    before: '{\n  "mcpServers": {}\n}\n',
    after: `{\n  "mcpServers": {\n    ${block('  ', 2)}\n  }\n}\n`,
  },
  {
    name: 'other servers with env and headers',
    before:
      '{\n  "mcpServers": {\n    "db": {\n      "command": "npx",\n      "args": ["-y", "db"],\n      "env": { "KEY": "sk-1" }\n    },\n    "web": { "url": "https://x", "headers": { "Authorization": "Bearer t" } }\n  }\n}\n',
    after: `{\n  "mcpServers": {\n    "db": {\n      "command": "npx",\n      "args": ["-y", "db"],\n      "env": { "KEY": "sk-1" }\n    },\n    "web": { "url": "https://x", "headers": { "Authorization": "Bearer t" } },\n    ${block('  ', 2)}\n  }\n}\n`,
  },
  {
    name: 'VS Code’s with tabs, comments, a trailing comma and inputs',
    keys: ['servers'],
    before:
      '// mine\n{\n\t"servers": {\n\t\t"a": { "type": "http", "url": "u" }, // keep\n\t\t/* old: "b" */\n\t},\n\t"inputs": [{ "id": "k", "type": "promptString", "password": true }],\n}\n',
    after: `// mine\n{\n\t"servers": {\n\t\t"a": { "type": "http", "url": "u" }, // keep\n\t\t/* old: "b" */\n\t\t${block('\t', 2)},\n\t},\n\t"inputs": [{ "id": "k", "type": "promptString", "password": true }],\n}\n`,
  },
  {
    name: 'a comment behind the last server',
    before: '{\n    "mcpServers": {\n        "a": {"command": "x"} // last\n    }\n}',
    after: `{\n    "mcpServers": {\n        "a": {"command": "x"}, // last\n        ${block('    ', 2)}\n    }\n}`,
  },
  {
    name: 'nothing but a comment among the servers',
    before: '{\n  "mcpServers": {\n    // none yet\n  }\n}\n',
    after: `{\n  "mcpServers": {\n    // none yet\n    ${block('  ', 2)}\n  }\n}\n`,
  },
  {
    name: 'Windows line ends',
    before: '{\r\n  "mcpServers": {\r\n    "a": {}\r\n  },\r\n  "z": 1\r\n}\r\n',
    after: `{\r\n  "mcpServers": {\r\n    "a": {},\r\n    ${block('  ', 2, '\r\n')}\r\n  },\r\n  "z": 1\r\n}\r\n`,
  },
  {
    name: 'one line',
    before: '{"mcpServers":{"a":{"command":"x"}},"n":1}',
    after: `{"mcpServers":{"a":{"command":"x"},"vapi":${json(entry)}},"n":1}`,
  },
  {
    name: 'one line with blanks and a trailing comma',
    before: '{ "mcpServers": { "a": { "command": "x" }, } }',
    after: `{ "mcpServers": { "a": { "command": "x" }, "vapi": ${json(entry)}, } }`,
  },
  {
    name: 'a brace behind the last server',
    before: '{\n  "mcpServers": {\n    "a": {} }\n}',
    after: `{\n  "mcpServers": {\n    "a": {},\n    ${block('  ', 2)} }\n}`,
  },
  {
    name: 'Zed’s settings with comments above',
    keys: ['context_servers'],
    before:
      '// Zed settings\n//\n{\n  "theme": "One", // dark\n  "context_servers": {},\n  "vim_mode": true,\n}\n',
    after: `// Zed settings\n//\n{\n  "theme": "One", // dark\n  "context_servers": {\n    ${block('  ', 2)}\n  },\n  "vim_mode": true,\n}\n`,
  },
]

describe('a JSON file', () => {
  it.each(shapes)(
    'with $name gets the entry and nothing else',
    ({ before, after, keys = ['mcpServers'] }) => {
      expect(putJsonEntry(before, keys, 'vapi', entry)).toBe(after)
    },
  )

  it.each(shapes)('with $name is the same again without it', ({ before, after, keys = ['mcpServers'] }) => {
    expect(takeJsonEntry(after, keys, 'vapi')).toBe(before)
  })

  it.each(shapes)('with $name is not changed twice', ({ after, keys = ['mcpServers'] }) => {
    expect(putJsonEntry(after, keys, 'vapi', entry)).toBe(after)
  })

  it('of any content and layout is the same again after put and take', () => {
    const name = fc.string({ maxLength: 6 }).filter(key => key !== 'vapi' && key !== '__proto__')
    const layout = fc.record({
      servers: fc.dictionary(name, fc.jsonValue({ maxDepth: 2 }), {
        minKeys: 1,
        maxKeys: 4,
        noNullPrototype: true,
      }),
      unit: fc.constantFrom('', ' ', '  ', '    ', '\t'),
      eol: fc.constantFrom('\n', '\r\n'),
      comma: fc.constantFrom('', ',', ' // x', ', // x', ' /* , } */'),
      end: fc.constantFrom('', '\n', '\n\n// bye\n'),
    })
    fc.assert(
      fc.property(layout, ({ servers, unit, eol, comma, end }) => {
        const inner = json(servers, null, unit)
        const isLong = unit !== ''
        const last = isLong ? inner.replace(/\n\}$/, `${comma}\n}`) : inner
        const text = `{"z": [],${isLong ? '\n' : ''}"mcpServers": ${last}}${end}`.replaceAll('\n', eol)
        const after = putJsonEntry(text, ['mcpServers'], 'vapi', entry)
        expect(readJsonEntry(after, ['mcpServers'], 'vapi')).toEqual(entry)
        expect(takeJsonEntry(after, ['mcpServers'], 'vapi')).toBe(text)
      }),
      { numRuns: 500 },
    )
  })

  it.each([
    ['nothing', ''],
    ['blanks', '\n  \n'],
    ['{}', '{}'],
    ['comments alone', '// soon\n'],
    ['other settings', '{\n  "theme": "dark"\n}\n'],
    ['blank lines among the servers', '{\n  "mcpServers": {\n    \n  }\n}'],
  ])('with %s gets all that leads to the entry', (_name, before) => {
    const after = putJsonEntry(before, ['mcpServers'], 'vapi', entry)
    expect(readJsonEntry(after, ['mcpServers'], 'vapi')).toEqual(entry)
    for (const line of before.split('\n').filter(one => /\w/.test(one))) expect(after).toContain(line)
    expect(
      readJsonEntry(takeJsonEntry(after, ['mcpServers'], 'vapi'), ['mcpServers'], 'vapi'),
    ).toBeUndefined()
  })

  it.each([
    ['first', '{"mcpServers": {\n  "vapi": {},\n  "b": 1\n}}', '{"mcpServers": {\n  "b": 1\n}}'],
    [
      'in the middle',
      '{"a": 1, "mcpServers": {"x": 1, "vapi": {}, "b": 1}}',
      '{"a": 1, "mcpServers": {"x": 1, "b": 1}}',
    ],
    [
      'below a comment',
      '{"mcpServers": {\n  // ours\n  "vapi": {},\n  "b": 1\n}}',
      '{"mcpServers": {\n  // ours\n  "b": 1\n}}',
    ],
  ])('loses an entry that stands %s', (_where, before, after) => {
    expect(takeJsonEntry(before, ['mcpServers'], 'vapi')).toBe(after)
  })

  it('keeps what the user has added to the entry, and its comments', () => {
    const before =
      '{\n  "mcpServers": {\n    "vapi": {\n      // which one\n      "command": "/old", // moved\n      "args": ["v.js", "mcp", "serve"],\n      "disabled": false\n    }\n  }\n}\n'
    const wanted = { ...entry, disabled: false }
    expect(putJsonEntry(before, ['mcpServers'], 'vapi', wanted)).toBe(before.replace('/old', '/n'))
  })

  it.each([
    ['an unclosed brace', '{\n  "mcpServers": {\n    "a": {}\n', 'line 4, column 1'],
    ['two commas', '{\n  "mcpServers": { "a": 1,, }\n}', 'line 2, column 26'],
    ['a missing comma', '{\n  "a": 1\n  "b": 2\n}', 'line 3, column 3'],
    ['text behind it', '{} nonsense', 'line 1, column 4'],
    ['a list', '[]', 'no JSON object'],
    ['servers that are a list', '{"mcpServers": []}', 'mcpServers is no JSON object'],
    ['servers that are null', '{"mcpServers": null}', 'mcpServers is no JSON object'],
    ['the servers twice', '{"mcpServers": {}, "mcpServers": {}}', 'more than once'],
  ])('with %s is refused, and the place is told', (_name, text, told) => {
    expect(() => putJsonEntry(text, ['mcpServers'], 'vapi', entry)).toThrow(
      expect.objectContaining({ code: 'mcp-file-broken', message: expect.stringContaining(told) }),
    )
  })
})

const keys = ['mcp_servers']
const table = '[mcp_servers.vapi]\ncommand = "/n"\nargs = ["v.js", "mcp", "serve"]'

const tomlShapes = [
  { name: 'settings', before: 'model = "x" # fast\n', after: `model = "x" # fast\n\n${table}\n` },
  { name: 'no end of its last line', before: 'model = "x"', after: `model = "x"\n\n${table}` },
  {
    name: 'other servers with env, comments, lists over lines and sub-tables',
    before:
      '# top\n[mcp_servers.alpha]\ncommand = "npx" # inline\nargs = [\n  "-y", # yes\n  "alpha",\n]\nstartup_timeout_sec = 30\nfuture = "kept"\n\n[mcp_servers.alpha.env]\nKEY = "1"\n\n[[rules]]\nx = 1979-05-27\n',
    after: `# top\n[mcp_servers.alpha]\ncommand = "npx" # inline\nargs = [\n  "-y", # yes\n  "alpha",\n]\nstartup_timeout_sec = 30\nfuture = "kept"\n\n[mcp_servers.alpha.env]\nKEY = "1"\n\n[[rules]]\nx = 1979-05-27\n\n${table}\n`,
  },
  {
    name: 'Windows line ends',
    before: 'a = 1\r\n\r\n[b]\r\nc = 2\r\n',
    after: `a = 1\r\n\r\n[b]\r\nc = 2\r\n\r\n${table.replaceAll('\n', '\r\n')}\r\n`,
  },
  {
    name: 'our heading inside of a long string',
    before: 's = """\n[mcp_servers.vapi]\ncommand = 1\n"""\n',
    after: `s = """\n[mcp_servers.vapi]\ncommand = 1\n"""\n\n${table}\n`,
  },
  {
    name: 'inline servers',
    before: '[mcp_servers]\na = { command = "x" }\n',
    after: `[mcp_servers]\na = { command = "x" }\n\n${table}\n`,
  },
]

describe('a TOML file', () => {
  it.each(tomlShapes)('with $name gets the table and nothing else', ({ before, after }) => {
    expect(putTomlEntry(before, keys, 'vapi', entry)).toBe(after)
    expect(readTomlEntry(after, keys, 'vapi')).toEqual(entry)
  })

  it.each(tomlShapes)('with $name is the same again without it', ({ before, after }) => {
    expect(takeTomlEntry(after, keys, 'vapi')).toBe(before)
  })

  it.each(tomlShapes)('with $name is not changed twice', ({ after }) => {
    expect(putTomlEntry(after, keys, 'vapi', entry)).toBe(after)
  })

  it('writes paths of Windows so that they are read back', () => {
    const windows = { command: 'C:\\new\\node.exe', args: ["C:\\it's\\v.js", 'mcp', 'serve'] }
    expect(readTomlEntry(putTomlEntry('', keys, 'vapi', windows), keys, 'vapi')).toEqual(windows)
  })

  it('changes only the lines of the keys that differ', () => {
    const before =
      '[mcp_servers.vapi]\n# ours\ncommand = "/old" # moved\nargs = [\n  "v.js", "mcp",\n  "serve",\n]\nenabled = true\n\n[mcp_servers.vapi.env]\nA = "1"\n\n# next\n[mcp_servers.b]\nurl = "u"\n'
    const wanted = { ...entry, enabled: true, env: { A: '1' } }
    expect(putTomlEntry(before, keys, 'vapi', wanted)).toBe(before.replace('/old', '/n'))
    const moved = putTomlEntry(before, keys, 'vapi', { ...wanted, args: ['w.js', 'mcp', 'serve'] })
    expect(moved).toContain('args = ["w.js", "mcp", "serve"]\nenabled = true\n')
    expect(parseToml(moved)).toMatchObject({ mcp_servers: { b: { url: 'u' } } })
  })

  it('loses the tables below it too, and no comment of the next', () => {
    const before =
      'a = 1\n\n[mcp_servers.vapi]\ncommand = "x"\n\n[mcp_servers.vapi.env]\nA = "1"\n\n# next\n[b]\nc = 1\n'
    expect(takeTomlEntry(before, keys, 'vapi')).toBe('a = 1\n\n# next\n[b]\nc = 1\n')
  })

  it.each([
    ['a mistake', 'a = 1\nb = \n', 'mcp-file-broken', 'line 2'],
    [
      'all servers in one line',
      'mcp_servers = { a = { command = "x" } }\n',
      'mcp-edit-refused',
      'cannot be changed',
    ],
    ['dotted keys', 'mcp_servers.vapi.command = "x"\n', 'mcp-edit-refused', 'cannot be changed'],
  ])('with %s is refused', (_name, text, code, told) => {
    expect(() => putTomlEntry(text, keys, 'vapi', entry)).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(told) }),
    )
  })
})
