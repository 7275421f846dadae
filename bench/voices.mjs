// Voices over the network: our own share of the time to the first sound, and how connections compare (new, kept, WebSocket,
// after a cancelled text). Local servers, one of them 20 ms away behind TLS. Needs openssl. Run: node bench/voices.mjs
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { rolldown } from 'rolldown'

const { VAPI_BENCH_FOLDER: folder } = process.env
if (folder === undefined) {
  const made = mkdtempSync(join(tmpdir(), 'vapi-bench-'))
  try {
    const cert = join(made, 'cert.pem')
    const names = [
      '-subj',
      '/CN=localhost',
      '-addext',
      'subjectAltName=DNS:localhost',
      '-days',
      '2',
      '-nodes',
    ]
    const files = ['-keyout', join(made, 'key.pem'), '-out', cert]
    execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', ...files, ...names], { stdio: 'ignore' })
    const env = { ...process.env, NODE_EXTRA_CA_CERTS: cert, VAPI_BENCH_FOLDER: made }
    process.exitCode =
      spawnSync(process.execPath, [fileURLToPath(import.meta.url)], { stdio: 'inherit', env }).status ?? 1
  } finally {
    rmSync(made, { recursive: true, force: true })
  }
} else {
  const build = await rolldown({
    input: fileURLToPath(new URL('voices/main.ts', import.meta.url)),
    platform: 'node',
    external: /^node:/,
    resolve: { mainFields: ['module', 'main'] },
    logLevel: 'silent',
  })
  await build.write({ file: join(folder, 'voices.mjs'), format: 'esm', codeSplitting: false })
  const { ownShare, transports } = await import(pathToFileURL(join(folder, 'voices.mjs')).href)
  const at = (times, share) => times.toSorted((a, b) => a - b)[Math.floor(times.length * share)].toFixed(1)
  for (const [id, times] of await ownShare(500))
    console.log(
      `${`own share, ${id}`.padEnd(34)} p50 ${at(times, 0.5)} ms, p99 ${at(times, 0.99)} ms  (budget p99 5)`,
    )
  const names = {
    httpNew: 'HTTP, new connection',
    httpKept: 'HTTP, kept connection',
    afterLeftover: 'after cancelling, leftover read',
    afterClosing: 'after cancelling, closed at once',
    socketNew: 'WebSocket, new',
    socketKept: 'WebSocket, kept',
  }
  const measured = await transports(20, join(folder, 'key.pem'), join(folder, 'cert.pem'))
  console.log('to the first sound, 40 ms there and back, 100 ms to make it:')
  for (const [name, times] of Object.entries(measured))
    console.log(`  ${names[name].padEnd(32)} p50 ${at(times, 0.5)} ms`)
  process.exit(0)
}
