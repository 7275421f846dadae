// Waits as a command does: until a key is typed, or not at all.
import { Output } from '../../src/output/output.ts'
import { processStreams } from '../../src/output/streams.ts'

const [how = '', ...flags] = process.argv.slice(2)
const streams = processStreams(() => process.exit(1))
const output = new Output(streams, {
  format: null,
  jq: null,
  quiet: flags.includes('quiet'),
  debug: false,
  colour: { stdout: false, stderr: false },
})
process.on('SIGINT', () => process.exit(130))

const progress = output.progress('Fetching calls', how === 'bar' ? 'bytes' : 'items')
if (how === 'quick') progress.stop()
if (how === 'bar') progress.update({ done: 500_000, total: 2_000_000 })
if (how !== 'quick' && how !== 'forgotten') {
  process.stdin.once('data', () => {
    output.note('a note')
    if (how === 'failing') output.error(Object.assign(new Error('it broke'), { code: 'broke' }) as never)
    else progress.stop()
    streams.stdout.write('over\n')
    process.stdin.pause()
  })
}
