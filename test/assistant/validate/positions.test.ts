import { describe, expect, it } from 'vitest'
import { formatPath, parsePath } from '../../../src/assistant/validate/finding.ts'
import { createLocator } from '../../../src/assistant/validate/positions.ts'

const yaml = `# a comment
name: Reception
model: &model
  provider: openai
  messages:
    - role: system
      content: hello
    - { role: user, content: hi }
other: *model
`
const json = `{
  "name": "Reception",
  "model": {
    "provider": "openai", "messages": [
      { "role": "system", "content": "hello" }, { "role": "user" }
    ]
  }
}
`

describe('the place of a path', () => {
  it.each([
    ['name', 2, 1],
    ['model.provider', 4, 3],
    ['model.messages[0].content', 7, 7],
    ['model.messages[1]', 8, 7],
    ['model.messages[1].content', 8, 21],
    // What is missing stands at what should have it.
    ['model.messages[0].name', 6, 7],
    ['voice.voiceId', 2, 1],
    // Through an alias to where the text is.
    ['other.provider', 4, 3],
  ])('in YAML: %s is at %i:%i', async (path, line, column) => {
    expect((await createLocator(yaml, 'a.yaml'))(parsePath(path))).toEqual({ line, column })
  })

  it.each([
    ['name', 2, 3],
    ['model.provider', 4, 5],
    ['model.messages[0].content', 5, 27],
    ['model.messages[1]', 5, 49],
    ['model.messages[5]', 4, 27],
    ['', 1, 1],
  ])('in JSON: %s is at %i:%i', async (path, line, column) => {
    expect((await createLocator(json, 'a.json'))(parsePath(path))).toEqual({ line, column })
  })
})

describe('a path', () => {
  it.each([
    [['model', 'tools', 0, 'name'], 'model.tools[0].name'],
    [['tools:append', 1], 'tools:append[1]'],
    [['properties', 'a.b', 'c "d"'], 'properties["a.b"]["c \\"d\\""]'],
    [[], ''],
  ])('is written and read back', (parts, text) => {
    expect(formatPath(parts)).toBe(text)
    expect(parsePath(text)).toEqual(parts)
  })
})
