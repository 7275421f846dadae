import { parse } from 'jsonc-parser'
import { describe, expect, it } from 'vitest'
import { withValue } from '../../src/init/edit-json.ts'
import { linesByHand, withLines } from '../../src/init/edit-text.ts'
import { withIgnoredEnvironment, withVariables } from '../../src/init/env-file.ts'

describe('lines into a file of the user', () => {
  const routes = `import { index, route } from '@react-router/dev/routes'\n\nexport default [\n  index('home.tsx'),\n]\n`

  it('go behind what the anchor finds, and are not added again', () => {
    const edit = { after: 'export default \\[', add: "  route('hook', 'hook.ts')," }
    const once = withLines(routes, edit)
    expect(once).toContain("export default [\n  route('hook', 'hook.ts'),\n  index('home.tsx'),")
    expect(withLines(once ?? '', edit)).toBe(once)
  })

  it('go before the line of the anchor', () => {
    expect(withLines('a\n  b\nc\n', { before: 'b', add: 'x' })).toBe('a\nx\n  b\nc\n')
  })

  it('go behind the last one of several', () => {
    expect(withLines('import a\nimport b\ncode\n', { afterLast: '^import', add: 'import c' })).toBe(
      'import a\nimport b\nimport c\ncode\n',
    )
  })

  it('call a thing as the user does', () => {
    const edit = { after: '(?<router>\\w+) := gin', add: '$<router>.POST()', indent: true }
    expect(withLines('{\n\tr := gin.New()\n}\n', edit)).toBe('{\n\tr := gin.New()\n\tr.POST()\n}\n')
    expect(linesByHand(edit.add)).toBe('router.POST()')
  })

  it('go to the end, of a file without a last line end too', () => {
    expect(withLines('a', { atEnd: true, add: 'b' })).toBe('a\nb\n')
    expect(withLines('', { atEnd: true, add: 'b' })).toBe('b\n')
  })

  it('keep the line ends of Windows', () => {
    expect(withLines('a\r\nb\r\n', { after: 'a', add: 'x\ny' })).toBe('a\r\nx\r\ny\r\nb\r\n')
  })

  it('are there already where the user wrote them in another form', () => {
    const edit = { after: 'a', add: 'app.include_router(vapi)' }
    expect(withLines('a\napp.include_router(  vapi)', edit)).not.toBeNull()
    expect(
      withLines('a\napp.include_router(vapi, prefix="/x")', { ...edit, unless: 'include_router\\(vapi' }),
    ).toBe('a\napp.include_router(vapi, prefix="/x")')
  })

  it('find no place without their anchor', () => {
    expect(withLines('nothing here', { after: 'routes', add: 'x' })).toBeNull()
  })
})

describe('a value in a JSON file of the user', () => {
  const app =
    '{\n  // the app\n  "expo": {\n    "name": "x",\n    "plugins": ["expo-router", ["a", { "b": 1 }]],\n  },\n}\n'

  it('is added to a list, comments and form kept, once', () => {
    const edit = { path: ['expo', 'plugins'], value: ['voice', { on: true }], append: true }
    const once = withValue(app, edit)
    expect(once).toContain('// the app')
    expect(parse(once ?? '')).toEqual({
      expo: { name: 'x', plugins: ['expo-router', ['a', { b: 1 }], ['voice', { on: true }]] },
    })
    expect(withValue(once ?? '', edit)).toBe(once)
    expect(withValue(app, { ...edit, value: 'a' })).toBe(app)
  })

  it('is set where there is none and left alone where there is one', () => {
    expect(withValue(app, { path: ['expo', 'slug'], value: 's' })).toContain('"slug": "s"')
    expect(withValue(app, { path: ['expo', 'name'], value: 's' })).toBe(app)
    expect(withValue('{}', { path: ['a', 'b'], value: [1] })).toContain('"b"')
  })

  it('has no place in what is no list, or no JSON', () => {
    expect(withValue('{"plugins": "all"}', { path: ['plugins'], value: 'x', append: true })).toBeNull()
    expect(withValue('', { path: ['plugins'], value: 'x', append: true })).toBeNull()
  })
})

describe('the example of an environment', () => {
  const variables = [
    { name: 'VAPI_API_KEY', comment: 'private key' },
    { name: 'PORT', comment: 'where it listens', value: '3000' },
  ]

  it('gets the variables that it lacks, behind what is there', () => {
    expect(withVariables('# mine\nPORT=4000\n', variables)).toBe(
      '# mine\nPORT=4000\n\n# private key\nVAPI_API_KEY=\n',
    )
  })

  it('stays as it is where all of them are there, also commented out or exported', () => {
    const text = 'export VAPI_API_KEY=x\n#PORT=1'
    expect(withVariables(text, variables)).toBe(text)
  })

  it('begins with the first variable where there was no file', () => {
    expect(withVariables('', variables)).toBe('# private key\nVAPI_API_KEY=\n# where it listens\nPORT=3000\n')
  })

  it.each([
    ['', '.env\n'],
    ['node_modules', 'node_modules\n.env\n'],
    ['.env*\n', '.env*\n!.env.example\n'],
    ['.env*\n!.env.example\n', null],
    ['.env\n', null],
    ['.env.*\n', '.env.*\n.env\n!.env.example\n'],
    ['**/.env\n', null],
    ['*.env\r\n', null],
  ])('is in the repository and the real one is not: %j', (text, expected) => {
    expect(withIgnoredEnvironment(text, '.env.example')).toBe(expected)
  })
})
