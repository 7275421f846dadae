import { describe, expect, it } from 'vitest'
import { assign, changedFields, deepEqual, parseAssignment, textAt } from '../../src/api/body.ts'

describe('--set path=value', () => {
  it.each([
    ['model.temperature=0.3', 'model.temperature', 0.3],
    ['enabled=true', 'enabled', true],
    ['name=Ada', 'name', 'Ada'],
    ['text=a=b', 'text', 'a=b'],
    ['text=', 'text', ''],
    ['list=[1,2]', 'list', [1, 2]],
    ['server=null', 'server', null],
    ['name="42"', 'name', '42'],
  ])('reads %s', (text, path, value) => {
    expect(parseAssignment(text)).toEqual({ path, value })
  })

  it('keeps digits as text where the field takes text', () => {
    const typeOf = () => 'string' as const
    expect(parseAssignment('name=42', typeOf).value).toBe('42')
    expect(parseAssignment('name=true', typeOf).value).toBe('true')
    expect(parseAssignment('name="42"', typeOf).value).toBe('42')
    expect(parseAssignment('name=null', typeOf).value).toBeNull()
  })

  it('refuses a value of the wrong type', () => {
    expect(() => parseAssignment('temperature=warm', () => 'number')).toThrow('"warm" is no number')
    expect(() => parseAssignment('list=3', () => 'array')).toThrow('is no array')
  })

  it.each(['name', '=3', ' =3', 'a..b=1', '.a=1', 'a.=1', 'a[-1]=1', 'a[x]=1', 'a[=1'])(
    'refuses %s',
    text => {
      expect(() => parseAssignment(text)).toThrow(
        expect.objectContaining({ exit: 2, message: expect.stringContaining('--set') }),
      )
    },
  )

  it('keeps numbers as text that JSON cannot carry as they are', () => {
    expect(parseAssignment('account=12345678901234567890').value).toBe('12345678901234567890')
    expect(parseAssignment('size=1e999').value).toBe('1e999')
    expect(parseAssignment('big=9007199254740991').value).toBe(9_007_199_254_740_991)
    expect(() => parseAssignment('n=12345678901234567890', () => 'number')).toThrow('is no number')
  })

  it('cannot reach the prototype of objects', () => {
    expect(() => assign({}, [parseAssignment('__proto__.polluted=yes')])).toThrow()
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
  })
})

describe('assignments', () => {
  it('reach into objects and lists without changing the original', () => {
    const body = { model: { messages: [{ role: 'system', content: 'old' }] } }
    const changed = assign(body, [{ path: 'model.messages[0].content', value: 'new' }])
    expect(changed).toEqual({ model: { messages: [{ role: 'system', content: 'new' }] } })
    expect(body.model.messages[0]?.content).toBe('old')
  })

  it('make what is on their way', () => {
    expect(assign({}, [{ path: 'a.b[1].c', value: 1 }])).toEqual({ a: { b: [undefined, { c: 1 }] } })
  })

  it('go on at the end of a list, and leave no gap in it', () => {
    expect(assign({ list: ['a'] }, [{ path: 'list[1]', value: 'b' }])).toEqual({ list: ['a', 'b'] })
    expect(() => assign({ list: ['a'] }, [{ path: 'list[3]', value: 'b' }])).toThrow('list has 1 items')
    expect(() => assign({ list: ['a'] }, [{ path: 'list[2].x', value: 'b' }])).toThrow('list has 1 items')
  })

  it('do not lead through a text', () => {
    expect(() => assign({ name: 'Ada' }, [{ path: 'name.first', value: 'A' }])).toThrow(
      'name is "Ada" and has no fields',
    )
  })
})

describe('what a PATCH has to send', () => {
  it('is each top-level field that differs, whole', () => {
    const current = { name: 'a', model: { provider: 'openai', temperature: 0 }, voice: { voiceId: 'x' } }
    const wanted = assign(current, [{ path: 'model.temperature', value: 1 }])
    expect(changedFields(current, wanted)).toEqual({ model: { provider: 'openai', temperature: 1 } })
  })

  it('does not mind the order of keys', () => {
    expect(deepEqual({ a: 1, b: { c: 2, d: [1, 2] } }, { b: { d: [1, 2], c: 2 }, a: 1 })).toBe(true)
    expect(deepEqual({ a: [1, 2] }, { a: [2, 1] })).toBe(false)
  })
})

describe('text of a cell', () => {
  it('is found by a path', () => {
    const row = { model: { model: 'gpt' }, members: [1, 2], cost: 0, tags: { a: 1 } }
    expect(textAt(row, 'model.model')).toBe('gpt')
    expect(textAt(row, 'members.length')).toBe('2')
    expect(textAt(row, 'cost')).toBe('0')
    expect(textAt(row, 'tags')).toBe('{"a":1}')
    expect(textAt(row, 'model.none.deeper')).toBe('')
  })
})
