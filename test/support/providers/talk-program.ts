/** Talks to a plain transcriber at the address given, closes it, and must then end by itself. */
import { createHttpClient } from '../../../src/net/http.ts'
import { plainTranscriber } from './plain.ts'
import { talkTo } from './talk.ts'

async function run(): Promise<void> {
  const startMs = performance.now()
  const http = createHttpClient()
  const transcriber = plainTranscriber(process.argv[2] ?? '', http)
  const talk = talkTo(transcriber)
  await talk.start()
  await talk.say('one two three')
  await talk.until(() => talk.finals.length > 0)
  await transcriber.close()
  http.close()
  process.stdout.write(JSON.stringify([talk.text, performance.now() - startMs]))
}

void run()
