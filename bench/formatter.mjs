// Throughput of the text formatter: ordinary prose as one text and in chunks as a call makes them, and hostile texts.
// Prints megabytes per second, and the ratio to a reference that ran at the same moment: one pass of a simple regex
// over the same text. Run: node bench/formatter.mjs
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { rolldown } from 'rolldown'

const PROSE = [
  'Thanks for calling. I can see that your appointment is still open, and I would be happy to move it for you. ',
  'Would the morning suit you better, or shall we look for something in the afternoon? Take your time. ',
  'Your balance is $42.50 and it is due on 2023-05-10 at 14:00; you can reach us at 123-456-7890. ',
  'We are about 5km from the station, and 50% of our guests walk. The NASA tour has 12 places left. ',
  'Just so that I get this right: you want to change the address on your account, and nothing else?\n',
].join('')
const PLAIN = 'I would be happy to help you with that, so let me have a look at what is open this week. '

const HOSTILE = [
  '<',
  '<a',
  '<spell>',
  '*',
  '* a',
  ':',
  '1',
  '1.',
  '1,',
  '1,111,',
  '1-',
  '1:',
  '1 ',
  '$1',
  '$1-',
  '+1 ',
  '@',
  'a@',
  'a.',
  '_',
  ' ',
  '\n',
  '\n ',
  'A',
  'AB ',
  '(123) ',
  'www.',
  'a://',
  '12:30',
  '2023-05-10 ',
]

const { createFormatter, remove } = await build()
const plan = { enabled: true, numberToDigitsCutoff: 2025, formattersEnabled: null, replacements: [] }
const format = createFormatter(plan)

try {
  console.log('text                              MB/s   reference/ours')
  for (const [name, prose] of [
    ['mixed prose', PROSE],
    ['plain prose', PLAIN],
  ]) {
    const text = prose.repeat(Math.ceil(200_000 / prose.length))
    const chunks = text.match(/[^.?!;\n]+[.?!;\n]*\s?/g)
    report(`${name}, 200 kB at once`, text, () => format(text))
    report(`${name}, ${Math.round(text.length / chunks.length)} characters a chunk`, text, () => {
      for (const chunk of chunks) format(chunk)
    })
  }
  console.log('\nhostile text, 100 kB              ms')
  for (const part of HOSTILE) {
    const text = part.repeat(Math.ceil(100_000 / part.length))
    console.log(
      JSON.stringify(part).padEnd(32),
      fastest(() => format(text), 3)
        .toFixed(1)
        .padStart(6),
    )
  }
} finally {
  await remove()
}

async function build() {
  const folder = await mkdtemp(join(tmpdir(), 'vapi-bench-'))
  const file = join(folder, 'formatter.mjs')
  const bundle = await rolldown({
    input: fileURLToPath(new URL('../src/format/formatter.ts', import.meta.url)),
    platform: 'node',
  })
  await bundle.write({ file, format: 'esm' })
  await bundle.close()
  const { createFormatter } = await import(pathToFileURL(file).href)
  return { createFormatter, remove: () => rm(folder, { recursive: true }) }
}

function report(name, text, run) {
  const reference = fastest(() => text.replace(/\b[a-z]+\b/g, word => word), 15)
  const ours = fastest(run, 15)
  const megabytesPerSecond = text.length / 1_000 / ours
  console.log(
    name.padEnd(32),
    megabytesPerSecond.toFixed(1).padStart(6),
    (reference / ours).toFixed(2).padStart(10),
  )
}

/** Milliseconds of the fastest of some runs. */
function fastest(run, times) {
  let best = Number.POSITIVE_INFINITY
  for (let i = 0; i < times; i++) {
    const start = performance.now()
    run()
    best = Math.min(best, performance.now() - start)
  }
  return best
}
