import { describe, expect, it } from 'vitest'
import { isLoopback, readProxySettings } from '../../src/net/proxy-settings.ts'

function proxyFor(target: string, env: Record<string, string>): string | null {
  const url = new URL(target)
  const settings = readProxySettings(env)
  const setting = settings?.byScheme[url.protocol]
  if (settings === null || setting === undefined || settings.isDirect(url)) return null
  if ('error' in setting) throw setting.error
  return setting.url.host
}

describe('the proxy of an address', () => {
  it.each([
    ['https://a.example', {}, null],
    ['https://a.example', { HTTPS_PROXY: 'http://p:1' }, 'p:1'],
    ['https://a.example', { https_proxy: 'http://low:1', HTTPS_PROXY: 'http://up:1' }, 'low:1'],
    ['https://a.example', { https_proxy: '', HTTPS_PROXY: 'http://up:1' }, 'up:1'],
    ['https://a.example', { HTTP_PROXY: 'http://p:1' }, null],
    ['http://a.example', { HTTP_PROXY: 'http://p:1' }, 'p:1'],
    ['http://a.example', { HTTPS_PROXY: 'http://p:1' }, null],
    ['http://a.example', { ALL_PROXY: 'socks5://p:1' }, 'p:1'],
    ['https://a.example', { all_proxy: 'socks5h://p:1', HTTPS_PROXY: 'http://q:1' }, 'q:1'],
    ['https://a.example', { HTTPS_PROXY: ' p:8080 ' }, 'p:8080'],
    ['http://a.example', { HTTP_PROXY: 'http://evil:1', REQUEST_METHOD: 'GET' }, null],
    ['http://a.example', { http_proxy: 'http://p:1', REQUEST_METHOD: 'GET' }, 'p:1'],
  ] as [string, Record<string, string>, string | null][])('%s with %j is %s', (target, env, proxy) => {
    expect(proxyFor(target, env)).toBe(proxy)
  })

  it.each(['ftp://user:secret@p:1', 'http://', 'http://user:secret@', 'socks9://user:secret@p'])(
    'is no such thing as %s, and the error does not repeat it',
    value => {
      expect(() => proxyFor('https://a.example', { HTTPS_PROXY: value })).toThrow(
        expect.objectContaining({ exit: 2, message: 'HTTPS_PROXY is not the address of a proxy' }),
      )
    },
  )
})

describe('NO_PROXY', () => {
  it.each([
    ['https://api.example.com', '*', true],
    ['https://api.example.com', 'api.example.com', true],
    ['https://api.example.com', 'example.com', true],
    ['https://api.example.com', '.example.com', true],
    ['https://api.example.com', '*.example.com', true],
    ['https://api.example.com', 'other.com, example.com', true],
    ['https://api.example.com', 'other.com example.com', true],
    ['https://api.example.com', 'EXAMPLE.com', true],
    ['https://api.example.com', 'ample.com', false],
    ['https://api.example.com', 'api.example.com:443', true],
    ['https://api.example.com', 'api.example.com:8443', false],
    ['http://api.example.com:8080', 'example.com:8080', true],
    ['https://api.example.com', '', false],
    ['https://api.example.com', ',', false],
    ['http://10.1.2.3', '10.0.0.0/8', true],
    ['http://11.1.2.3', '10.0.0.0/8', false],
    ['http://10.1.2.3', '10.1.2.3', true],
    ['http://10.1.2.3', '2.3', false],
    ['http://[fd00::5]:8080', 'fd00::/8', true],
    ['http://[fd00::5]:8080', '[fd00::5]:8080', true],
    ['http://[fd00::5]:8080', '[fd00::5]:81', false],
    ['http://[fd00::5]', 'fd00::5', true],
    ['http://10.1.2.3', '10.0.0.0/99', false],
    ['http://10.1.2.3', 'nonsense/8', false],
  ])('%s is direct with "%s": %s', (target, exceptions, direct) => {
    const env = { ALL_PROXY: 'http://p:1', NO_PROXY: exceptions }
    expect(proxyFor(target, env) === null).toBe(direct)
    expect(proxyFor(target, { ...env, no_proxy: 'unrelated.example' })).toBe('p:1')
  })

  it.each(['localhost', 'x.localhost', '127.0.0.1', '127.9.9.9', '[::1]', 'LOCALHOST'])(
    'is not needed for %s',
    host => {
      expect(isLoopback(host)).toBe(true)
      expect(proxyFor(`http://${host}:3000/x`, { ALL_PROXY: 'http://p:1' })).toBeNull()
    },
  )

  it.each(['localhost.example', '128.0.0.1', '127.example', '0.0.0.0'])('%s is not this machine', host => {
    expect(isLoopback(host)).toBe(false)
  })
})
