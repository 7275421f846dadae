// Asks the question that its argument names and prints the answer; what a command with a question looks like.
import { asVapiError } from '../../src/errors.ts'
import type { Prompt } from '../../src/output/prompt.ts'
import { createPrompt } from '../../src/output/prompt-terminal.ts'
import { processStreams } from '../../src/output/streams.ts'

const voices = Array.from({ length: 40 }, (_, number) => ({
  value: `voice-${number + 1}`,
  label: `Voice ${number + 1}${number === 30 ? ' of the sea' : ''}`,
}))
const providers = [
  { value: 'vapi', label: 'Vapi', description: 'a free number' },
  { value: 'twilio', label: 'Twilio \u001b[31mred\u0007' },
  { value: 'vonage' },
] as const

const questions: Record<string, (prompt: Prompt) => Promise<unknown>> = {
  text: prompt => prompt.text({ message: 'Name' }),
  'text-default': prompt => prompt.text({ message: 'Name', default: 'Ada' }),
  'text-checked': prompt =>
    prompt.text({ message: 'Number', validate: text => /^\+\d+$/.test(text) || 'it begins with +' }),
  secret: prompt => prompt.secret({ message: 'Key' }),
  confirm: prompt => prompt.confirm({ message: 'Delete it?' }),
  'confirm-yes': prompt => prompt.confirm({ message: 'Save it?', default: true }),
  select: prompt => prompt.select({ message: 'Provider', choices: providers }),
  'select-default': prompt =>
    prompt.select({ message: 'Provider', choices: providers, default: 'vonage' as const }),
  'select-long': prompt => prompt.select({ message: 'Voice', choices: voices }),
  checkbox: prompt => prompt.checkbox({ message: 'Providers', choices: providers }),
  two: async prompt => [await prompt.text({ message: 'First' }), await prompt.text({ message: 'Second' })],
  limited: prompt => {
    const limit = new AbortController()
    process.on('SIGUSR2', () => limit.abort())
    return prompt.text({ message: 'Key, or the browser', signal: limit.signal })
  },
}

async function main(name: string): Promise<void> {
  const interrupt = new AbortController()
  process.on('SIGTERM', () => interrupt.abort())
  const streams = processStreams(() => process.exit(1))
  try {
    const prompt = await createPrompt(streams, interrupt.signal, { colour: !process.argv.includes('plain') })
    const answer = await questions[name]?.(prompt)
    streams.stdout.write(`answer: ${JSON.stringify(answer)} raw: ${process.stdin.isRaw}\n`)
  } catch (error) {
    const { code, exit } = asVapiError(error)
    streams.stdout.write(`failed: ${code} raw: ${process.stdin.isRaw}\n`)
    process.exitCode = exit
  }
}

void main(process.argv[2] ?? '')
