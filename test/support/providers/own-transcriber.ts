/** A custom transcriber in our own words: Deepgram's library understands both sides, each connection with its own stream. */
export const ownTranscriber: Readonly<Record<string, string>> = {
  'server.js': `
    const { createClient, LiveTranscriptionEvents: On } = require('@deepgram/sdk')
    const { WebSocketServer } = require('ws')

    const SIDES = ['customer', 'assistant']

    /** Gives each transcript of a stream of stereo sound to tell(text, side, isFinal). */
    function understand(tell, fail) {
      const stream = createClient(process.env.DEEPGRAM_API_KEY).listen.live({
        model: 'nova-2', encoding: 'linear16', sample_rate: 16000, channels: 2, multichannel: true,
        interim_results: true, endpointing: 300,
      })
      const early = []
      stream.on(On.Open, () => {
        for (const sound of early.splice(0)) stream.send(sound)
      })
      stream.on(On.Transcript, ({ channel, channel_index: [side], is_final: isFinal }) => {
        const text = channel.alternatives[0].transcript
        if (text !== '') tell(text, SIDES[side], isFinal)
      })
      stream.on(On.Error, fail)
      return {
        push: sound => (stream.isConnected() ? stream.send(sound) : early.push(sound)),
        end: () => stream.requestClose(),
      }
    }

    const server = new WebSocketServer({ port: process.env.PORT, path: '/api/custom-transcriber' })
    server.on('connection', client => {
      const say = message => client.send(JSON.stringify(message))
      const stream = understand(
        (transcription, channel, isFinal) =>
          say({ type: 'transcriber-response', transcription, channel, transcriptType: isFinal ? 'final' : 'partial' }),
        () => say({ type: 'error', error: 'it cannot be understood' }),
      )
      client.on('message', (data, isBinary) => isBinary && stream.push(data))
      client.on('close', () => stream.end())
    })
    server.on('listening', () => console.log('running'))`,
}
