// A real call on this machine, beside its providers: CPU of the program, from a sound file at the pace of speech, without a
// denoiser, with the light one and with the better one; and how soon the assistant is silent when the customer
// speaks. The recogniser is another process, the model another server, the voice silent: their work is not counted. Run: node bench/live.mjs (four
// minutes, Linux)
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const SOUNDS = '/usr/share/sounds/alsa'
const WORDS = [
  'Front_Center',
  'Front_Left',
  'Front_Right',
  'Rear_Left',
  'Rear_Right',
  'Side_Left',
  'Side_Right',
]
/** Clock ticks a second of /proc (sysconf _SC_CLK_TCK, 100 on every Linux that Node runs on). */
const TICKS = 100
const VOICE_SECONDS = 0.2
const program = fileURLToPath(new URL('../bin/vapi.js', import.meta.url))

if (!existsSync(SOUNDS)) console.log(`skipped: the speech of the package alsa-utils is not in ${SOUNDS}`)
else if (spawnSync('sox', ['--version']).status !== 0) console.log('skipped: sox is not installed')
else if (!existsSync('/proc/self/stat')) console.log('skipped: the CPU of another process is read from /proc')
else await run()

async function run() {
  const folder = await mkdtemp(join(tmpdir(), 'vapi-bench-'))
  const model = await startModel()
  try {
    const caller = join(folder, 'caller.wav')
    const made = spawnSync('sox', [
      ...WORDS.flatMap(name => [`|sox ${join(SOUNDS, `${name}.wav`)} -p pad 2 4`]),
      '-r',
      '16000',
      '-c',
      '1',
      '-b',
      '16',
      caller,
    ])
    if (made.status !== 0) throw new Error(`sox failed: ${made.stderr}`)
    const silences = []
    for (const [name, smart, denoiser] of [
      ['no denoiser', false, 'rnnoise'],
      ['rnnoise (light)', true, 'rnnoise'],
      ['gtcrn (better)', true, 'gtcrn'],
    ]) {
      const { share, seconds, barges } = await call(folder, caller, model.url, smart, denoiser)
      silences.push(...barges)
      console.log(
        `live call, ${name.padEnd(16)} ${(share * 100).toFixed(1)} % of a core over ${seconds.toFixed(0)} s`,
      )
    }
    const sorted = silences.toSorted((a, b) => a - b)
    const budget = VOICE_SECONDS * 1000 + 50
    console.log(
      `barge-in to silence       median ${Math.round(sorted[sorted.length >> 1])} ms, worst ${Math.round(sorted.at(-1))} ms of ${sorted.length}  (budget ${budget}: voiceSeconds + 50)`,
    )
  } finally {
    model.close()
    await rm(folder, { recursive: true })
  }
}

/** One call; `barges`: from the start of the customer's sound to the assistant's silence, in milliseconds. */
async function call(folder, caller, url, smart, denoiser) {
  const file = join(folder, 'assistant.json')
  const long =
    'I will go on talking about this for quite a while, so that there is something to interrupt. '.repeat(8)
  await writeFile(
    file,
    JSON.stringify({
      model: { provider: 'custom-llm', model: 'bench', url },
      voice: { provider: 'silent', voiceId: 'silent' },
      transcriber: { provider: 'pocketsphinx' },
      firstMessage: long,
      firstMessageInterruptionsEnabled: true,
      stopSpeakingPlan: { numWords: 0, voiceSeconds: VOICE_SECONDS, backoffSeconds: 0 },
      backgroundSpeechDenoisingPlan: { smartDenoisingPlan: { enabled: smart } },
    }),
  )
  const args = [
    'call',
    'local',
    file,
    '--in',
    caller,
    '--out',
    join(folder, 'out.wav'),
    '--json',
    '--denoiser',
    denoiser,
  ]
  const child = spawn(process.execPath, [program, ...args], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let complaints = ''
  child.stderr.on('data', text => {
    complaints += text
  })
  const barges = []
  let begun = null
  let measured = null
  let onset = null
  for await (const line of createInterface({ input: child.stdout })) {
    const event = JSON.parse(line)
    // What starting costs is the start's; the call is measured from its first sound on.
    if (event.type === 'assistant.speech.started' && begun === null) begun = usage(child.pid)
    if (event.type === 'customer.speech.started') onset = event.audioMs
    if (event.type === 'assistant.speech.stopped' && event.reason === 'interrupted' && onset !== null)
      barges.push(event.atMs - onset)
    if (begun !== null && existsSync(`/proc/${child.pid}/stat`)) measured = usage(child.pid)
    if (event.type === 'call.ended') break
  }
  await new Promise(resolve => child.once('close', resolve))
  if (begun === null || measured === null) throw new Error(`the call did not begin: ${complaints}`)
  const seconds = (measured.atMs - begun.atMs) / 1000
  return { share: (measured.cpu - begun.cpu) / seconds, seconds, barges }
}

/** CPU seconds of a process and its threads so far, without its children. */
function usage(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ')
  return { cpu: (Number(fields[11]) + Number(fields[12])) / TICKS, atMs: performance.now() }
}

/** An OpenAI-compatible model that answers at once, at length. */
function startModel() {
  const text =
    'This is a long answer that nobody waits for to the end of it, since they have more to say. '.repeat(6)
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    for (const word of text.split(/(?<= )/))
      response.write(`data: ${JSON.stringify({ choices: [{ delta: { content: word } }] })}\n\n`)
    response.end('data: [DONE]\n\n')
  })
  return new Promise(resolve =>
    server.listen(0, '127.0.0.1', () =>
      resolve({ url: `http://127.0.0.1:${server.address().port}/v1`, close: () => server.close() }),
    ),
  )
}
