import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { basename, join } from 'node:path'
import { packageFile } from '../../src/package-root.ts'

export interface Release {
  file: string
  sha256: string
}

const release = (file: string): Release => ({
  file,
  sha256: createHash('sha256').update(readFileSync(file)).digest('hex'),
})

/** What `npm pack` makes of a folder whose files all belong to the package, but in a tenth of its time. */
function pack(folder: string, into: string): string {
  const work = mkdtempSync(join(into, 'pack-'))
  symlinkSync(folder, join(work, 'package'))
  const file = `${work}.tgz`
  execFileSync('tar', ['-czhf', file, '--exclude=node_modules', '-C', work, 'package'])
  return file
}

/** A small package of our name that says a version; `program` in place of its program. */
export function writeSmallCheckout(
  folder: string,
  version: string,
  { program, dependencies = {} }: { program?: string; dependencies?: Record<string, string> } = {},
): void {
  const manifest = {
    name: 'vapi-toolchain',
    version,
    bin: { vapi: 'bin/vapi.js' },
    files: ['bin', 'dist'],
    scripts: { build: 'node build.mjs', postinstall: 'node -e "process.exit(7)"' },
    dependencies,
  }
  mkdirSync(join(folder, 'bin'), { recursive: true })
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest, null, 2))
  writeFileSync(
    join(folder, 'bin', 'vapi.js'),
    program ?? "#!/usr/bin/env node\nconsole.log(require('../package.json').version)\n",
  )
}

/** A packed release of such a package. */
export function packSmall(
  folder: string,
  version: string,
  options?: Parameters<typeof writeSmallCheckout>[2],
): Release {
  const source = mkdtempSync(join(folder, 'source-'))
  writeSmallCheckout(source, version, options)
  return release(pack(source, folder))
}

/** The real program, packed. */
export function packProgram(folder: string): Release {
  const [packed] = JSON.parse(
    execFileSync('npm', ['pack', '--json', '--silent', '--ignore-scripts', '--pack-destination', folder], {
      cwd: packageFile(),
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }),
  )
  return release(join(folder, packed.filename))
}

/** Serves files by name; keeps what was asked for. */
export async function serveReleases(files: Readonly<Record<string, string>>) {
  const requests: string[] = []
  const server = createServer((request, response) => {
    requests.push(request.url ?? '')
    const file = files[(request.url ?? '').slice(1)]
    if (file === undefined) response.writeHead(404).end('there is no such release')
    else response.end(readFileSync(file))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { url, requests, close: () => void server.close() }
}

/**
 * A registry with the packages that are installed here, so that a test needs no network. `held`: it never answers;
 * `asked` resolves at the first request.
 */
export async function serveRegistry(folder: string, { held = false } = {}) {
  let heard = () => {}
  const asked = new Promise<void>(resolve => {
    heard = resolve
  })
  const server = createServer((request, response) => {
    heard()
    if (held) return
    const path = decodeURIComponent((request.url ?? '/').slice(1))
    if (path.startsWith('-/file/')) {
      response.end(readFileSync(join(folder, path.slice(7))))
      return
    }
    const source = packageFile('node_modules', path)
    if (!existsSync(join(source, 'package.json'))) {
      response.writeHead(404).end('{}')
      return
    }
    const manifest = JSON.parse(readFileSync(join(source, 'package.json'), 'utf8'))
    const file = basename(pack(realpathSync(source), folder))
    const tarball = `http://${request.headers.host}/-/file/${encodeURIComponent(file)}`
    response.setHeader('content-type', 'application/json')
    response.end(
      JSON.stringify({
        name: manifest.name,
        'dist-tags': { latest: manifest.version },
        versions: { [manifest.version]: { ...manifest, dist: { tarball } } },
      }),
    )
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    asked,
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}
