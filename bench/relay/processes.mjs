import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'

/** Starts a program that tells its port in a first JSON line; `onLine` gets the others, which are dropped without it. */
export function start(file, args, { cwd, onLine } = {}) {
  const child = spawn(process.execPath, [file, ...args.map(String)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    ...(cwd !== undefined && { cwd }),
  })
  return new Promise((resolve, reject) => {
    child.once('exit', code => reject(new Error(`${file} ended with ${code}`)))
    const lines = createInterface({ input: child.stdout })
    lines.once('line', line => {
      if (onLine === undefined) {
        lines.close()
        child.stdout.resume()
      } else lines.on('line', onLine)
      resolve({ child, port: JSON.parse(line).port })
    })
  })
}

export function stop({ child }) {
  child.removeAllListeners('exit')
  return new Promise(resolve => {
    child.once('exit', resolve)
    child.kill('SIGTERM')
  })
}

/** CPU seconds of all threads of a process so far, in its code and in the system's for it. */
export function cpuOf(pid) {
  return readdirSync(`/proc/${pid}/task`).reduce((sum, thread) => {
    const [nanoseconds] = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')
    return sum + Number(nanoseconds) / 1e9
  }, 0)
}

/** Resident memory of a process in MB. */
export function memoryOf(pid) {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024
}
