const STAMP = '1795394595887'

/** Makes events of about so many bytes, of which no two are the same. */
export function eventMaker(bytes) {
  const template = Buffer.from(event(bytes))
  const stampAt = template.indexOf(STAMP)
  return number => {
    const body = Buffer.from(template)
    body.write(String(Number(STAMP) + number), stampAt, 'latin1')
    return body
  }
}

/** A tool call of about so many bytes, as the platform sends it: the history of the call is what makes it long. */
function event(size) {
  const call = { id: '7f6c0c2e-1f0a-4f5e-9a53-0f3f6b7f6c11', type: 'webCall', status: 'in-progress' }
  const toolCall = {
    id: 'call_1',
    type: 'function',
    function: { name: 'book', arguments: { day: 'Monday' } },
  }
  const messages = []
  const make = () =>
    JSON.stringify({
      message: {
        timestamp: 1795394595887,
        type: 'tool-calls',
        toolCallList: [toolCall],
        toolCalls: [toolCall],
        call,
        artifact: { messages },
      },
    })
  while (make().length < size - 400)
    for (let count = 0; count < Math.max(1, size / 4000); count++)
      messages.push({
        role: messages.length % 2 ? 'bot' : 'user',
        message: 'I would like to come on Monday, if there is a place left; “nine o’clock” is best for me.',
        time: 1795394595887,
        secondsFromStart: 12.5,
      })
  return make()
}
