import { spawn } from 'node:child_process'
import { createServer } from 'node:net'

const LIMIT_MS = 120_000

/**
 * Starts a built server at a free port ($PORT in its arguments, PORT in its environment), and hands its address to `work` when it
 * answers. It ends with the work.
 */
export async function withServer([program, ...rest], env, work) {
  const port = await freePort()
  const child = spawn(
    program,
    rest.map(word => word.replace('$PORT', port)),
    {
      env: { ...process.env, PORT: String(port), HOST: '127.0.0.1', ...env },
      stdio: ['ignore', 'inherit', 'inherit'],
      detached: true,
    },
  )
  let ended = false
  child.on('close', () => {
    ended = true
  })
  // Some listen at one of the two addresses of this machine alone.
  const address = `http://localhost:${port}`
  try {
    const end = Date.now() + LIMIT_MS
    while (!(await answers(address))) {
      if (ended || Date.now() > end) throw new Error(`${program} does not answer`)
      await new Promise(resolve => setTimeout(resolve, 250))
    }
    return await work(address)
  } finally {
    if (!ended) process.kill(-child.pid, 'SIGKILL')
  }
}

function answers(address) {
  return fetch(address).then(
    () => true,
    () => false,
  )
}

function freePort() {
  return new Promise(resolve => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address()
      server.close(() => resolve(port))
    })
  })
}
