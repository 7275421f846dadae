/** Runs `vapi voice models pull` with the process's arguments and environment, in a process that can be killed. */
import voiceModelsPull from '../../src/commands/voice-models-pull.ts'
import { runCommand } from './run-command.ts'

const run = runCommand(voiceModelsPull, process.argv.slice(2), {
  baseUrl: 'http://127.0.0.1:9',
  env: process.env,
})
void run.finished.then(({ exit, stderr, error }) => {
  process.stdout.write(JSON.stringify({ exit, stderr, code: error?.code ?? null }))
})
