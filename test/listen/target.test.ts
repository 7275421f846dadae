import { describe, expect, it } from 'vitest'
import { fits, parseRoute, routesFor, withRealNames } from '../../src/listen/routes.ts'
import { parseSize, routesOf } from '../../src/listen/settings.ts'
import { assumedAddress, parseTarget, pathFor } from '../../src/listen/target.ts'

describe('a target', () => {
  it.each([
    ['3000', 'http://localhost:3000/'],
    ['3000/webhook', 'http://localhost:3000/webhook'],
    ['localhost:3000/webhook', 'http://localhost:3000/webhook'],
    ['127.0.0.1:8080', 'http://127.0.0.1:8080/'],
    ['[::1]:8080/x', 'http://[::1]:8080/x'],
    ['http://example.test/a?b=c', 'http://example.test/a?b=c'],
    ['HTTPS://example.test', 'https://example.test/'],
    [' 3000 ', 'http://localhost:3000/'],
    ['/webhook', 'http://localhost:3000/webhook'],
    ['/', 'http://localhost:3000/'],
    ['/hook?a=1', 'http://localhost:3000/hook?a=1'],
  ])('%s is %s', (text, url) => expect(parseTarget(text).url.href).toBe(url))

  it.each([
    '',
    'ftp://example.test',
    'http://',
    '0',
    '70000',
    'a b',
    'http://user:word@example.test',
    'localhost:99999',
    '//example.test/hook',
    '3000:80',
  ])('refuses “%s” and says which forms there are', text =>
    expect(() => parseTarget(text)).toThrow(
      expect.objectContaining({ exit: 2, hint: expect.stringContaining('3000') }),
    ),
  )
})

describe('a path alone', () => {
  it('is told of with the address that was taken, without its secrets', () => {
    expect(assumedAddress(parseTarget('/webhook'))).toBe('/webhook is taken as http://localhost:3000/webhook')
    expect(assumedAddress(parseTarget('/hook?token=s3cret'))).not.toContain('s3cret')
    expect(assumedAddress(parseTarget('3000/webhook'))).toBeNull()
  })
})

describe('the path that is asked of the target', () => {
  it.each([
    ['3000/webhook', '/', 'append', '/webhook'],
    ['3000/webhook', '/tools/book', 'append', '/webhook/tools/book'],
    ['3000/webhook/', '/tools', 'append', '/webhook/tools'],
    ['3000', '/tools?x=1', 'append', '/tools?x=1'],
    ['3000/webhook?key=1', '/?x=2', 'append', '/webhook?key=1&x=2'],
    ['3000/webhook', '/tools?x=1', 'fixed', '/webhook?x=1'],
    ['3000/webhook', '/a%2Fb/ü', 'append', '/webhook/a%2Fb/ü'],
  ] as const)('%s asked for %s (%s) is %s', (target, requested, mode, path) =>
    expect(pathFor(parseTarget(target), requested, mode)).toBe(path),
  )
})

describe('routes', () => {
  it('take events by name, by a part of it, or all', () => {
    expect(fits(['status-*'], 'status-update')).toBe(true)
    expect(fits(['*-update'], 'speech-update')).toBe(true)
    expect(fits(['tool-calls'], 'tool-calls-result')).toBe(false)
    expect(fits(['assistant.*'], 'assistantXstarted')).toBe(false)
    expect(fits(['*'], '')).toBe(true)
  })

  it('let the one answer that names the event', () => {
    const routes = ['*=1000', 'tool-*=2000', 'tool-calls=3000', 'tool-calls=4000'].map(parseRoute)
    const ports = (type: string) => routesFor(routes, type).map(({ target }) => target.url.port)
    expect(ports('tool-calls')).toEqual(['3000', '4000', '2000', '1000'])
    expect(ports('tool.completed')).toEqual(['1000'])
  })

  it.each(['tool-calls', '=3000', 'tool-calls='])('refuses “%s”', text =>
    expect(() => parseRoute(text)).toThrow(),
  )

  it('come from flags, else from the file; --forward-to takes what no route takes', () => {
    const file = { forwardTo: 5000, routes: { 'tool-calls, status-*': '6000/x' } }
    const flat = (routes: ReturnType<typeof routesOf>) =>
      routes.map(({ patterns, target }) => [patterns.join(), target.url.port])
    expect(flat(routesOf({ forwardTo: undefined, routes: [] }, file))).toEqual([
      ['tool-calls,status-*', '6000'],
      ['*', '5000'],
    ])
    expect(flat(routesOf({ forwardTo: '7000', routes: ['hang=8000'] }, file))).toEqual([
      ['hang', '8000'],
      ['*', '7000'],
    ])
    expect(() => routesOf({ forwardTo: undefined, routes: [] }, {})).toThrow(/where to/)
  })

  it.each(['', ' ', ','])('of the file that name no event are refused: “%s”', events =>
    expect(() => routesOf({ forwardTo: undefined, routes: [] }, { routes: { [events]: 3000 } })).toThrow(
      expect.objectContaining({ exit: 2, message: expect.stringContaining('names no event') }),
    ),
  )

  it('take the real types that names of older documentation stand for, with a note', () => {
    const notes: string[] = []
    const real = (text: string) => withRealNames([parseRoute(text)], note => notes.push(note))[0]?.patterns
    expect(real('tool-call-started,hang,status-*,*=3000')).toEqual(['tool-calls', 'hang', 'status-*', '*'])
    expect(notes).toEqual([expect.stringContaining('tool-call-started')])
    expect(real('Tool_Calls=3000')).toEqual(['tool-calls'])
  })

  it.each([
    ['call-started=3000', "'status-update="],
    ['tool-cals=3000', 'tool-calls'],
    ['dtmf=3000', 'trigger --list'],
  ])('that would never fit are refused: %s', (text, hint) =>
    expect(() => withRealNames([parseRoute(text)], () => {})).toThrow(
      expect.objectContaining({ exit: 2, hint: expect.stringContaining(hint) }),
    ),
  )
})

it.each([
  ['20MB', 20_000_000],
  ['512k', 512_000],
  ['1MiB', 1_048_576],
  ['1000', 1000],
])('%s is %d bytes', (text, bytes) => expect(parseSize(text, '--max-body')).toBe(bytes))

it.each(['0', '-1', 'much', '5TB', ''])('“%s” is no size', text =>
  expect(() => parseSize(text, '--max-body')).toThrow(),
)
