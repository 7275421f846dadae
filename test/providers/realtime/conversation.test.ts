import { describe, expect, it } from 'vitest'
import type { ModelMessage } from '../../../src/engine/ports/language-model.ts'
import { type Edit, type Entry, reconcile, wantedOf } from '../../../src/providers/realtime/conversation.ts'

const heard = (id: string, text: string | null, isKnown = false): Entry => ({
  type: 'heard',
  id,
  text,
  isKnown,
})
const spoken = (id: string, text: string, isKnown = false, isVoid = false): Entry => ({
  type: 'spoken',
  id,
  text,
  isKnown,
  isVoid,
})
const call = (id: string, callId: string): Entry => ({ type: 'call', id, callId })

/** `-id` for what goes, `+text@id` for what comes and after what, and the ids that there are in the end. */
function edited(entries: readonly Entry[], messages: readonly ModelMessage[]) {
  let names = 0
  const done = reconcile(entries, wantedOf(messages).contents, () => `new${++names}`)
  return { edits: done.edits.map(shown), ids: done.entries.map(({ id }) => id) }
}

function shown(edit: Edit): string {
  if (edit.type === 'delete') return `-${edit.entry.id}`
  const { content, after } = edit
  const text = content.type === 'message' ? content.text : content.callId
  return `+${text}${after === undefined ? '' : `@${after?.id ?? 'root'}`}`
}

const calling = (id: string): ModelMessage => ({
  role: 'assistant',
  content: null,
  tool_calls: [{ id, type: 'function', function: { name: 'look', arguments: '{}' } }],
})

describe('the conversation of a session', () => {
  it('keeps what was spoken as it is', () => {
    const entries = [
      heard('u1', 'Hello there.'),
      spoken('a1', 'Hi! How are you?'),
      heard('u2', 'Fine, thanks.'),
    ]
    const messages: ModelMessage[] = [
      { role: 'system', content: 'Be kind.' },
      { role: 'user', content: 'hello there' },
      { role: 'assistant', content: 'Hi! How are you?' },
      { role: 'user', content: 'Fine, thanks.' },
    ]
    expect(edited(entries, messages)).toEqual({ edits: [], ids: ['u1', 'a1', 'u2'] })
    expect(wantedOf(messages).instructions).toBe('Be kind.')
  })

  it('has one turn of several stretches of speech, without an answer that was taken back between them', () => {
    const entries = [
      heard('u1', 'I need'),
      spoken('a1', 'What do you', false, true),
      heard('u2', 'an appointment.'),
    ]
    expect(edited(entries, [{ role: 'user', content: 'I need an appointment.' }])).toEqual({
      edits: ['-a1'],
      ids: ['u1', 'u2'],
    })
  })

  it('gets as text what was said without the model, where it belongs', () => {
    const entries = [heard('u1', 'Hello.')]
    const messages: ModelMessage[] = [
      { role: 'assistant', content: 'Welcome!' },
      { role: 'user', content: 'Hello.' },
      { role: 'system', content: 'It is late.' },
      { role: 'user', content: 'typed' },
    ]
    expect(edited(entries, messages)).toEqual({
      edits: ['+Welcome!@root', '+It is late.', '+typed'],
      ids: ['new1', 'u1', 'new2', 'new3'],
    })
  })

  it('knows an answer of which a part was heard, and lets go of one that nobody heard', () => {
    const entries = [
      heard('u1', 'Hi.', true),
      spoken('a1', 'One two three four.', false, true),
      heard('u2', 'Stop.'),
    ]
    const user = { role: 'user', content: 'Hi.' } as const
    const stop = { role: 'user', content: 'Stop.' } as const
    expect(edited(entries, [user, { role: 'assistant', content: 'One two' }, stop])).toEqual({
      edits: [],
      ids: ['u1', 'a1', 'u2'],
    })
    expect(edited(entries, [user, stop])).toEqual({ edits: ['-a1'], ids: ['u1', 'u2'] })
  })

  it('keeps an answer whose sound is still to come, though the history does not have it yet', () => {
    const entries = [heard('u1', 'Hi.'), spoken('a1', 'Let me look.'), call('c1', 'call_1')]
    const messages: ModelMessage[] = [
      { role: 'user', content: 'Hi.' },
      calling('call_1'),
      { role: 'tool', content: '42', tool_call_id: 'call_1' },
    ]
    expect(edited(entries, messages)).toEqual({ edits: ['+call_1'], ids: ['u1', 'a1', 'c1', 'new1'] })
  })

  it('takes back the news that a tool is running when its result is there', () => {
    const first = edited(
      [call('c1', 'x')],
      [calling('x'), { role: 'tool', content: 'running', tool_call_id: 'x' }],
    )
    expect(first.edits).toEqual(['+x'])
    const entries: Entry[] = [call('c1', 'x'), { type: 'result', id: 'r1', callId: 'x', output: 'running' }]
    expect(edited(entries, [calling('x'), { role: 'tool', content: 'done', tool_call_id: 'x' }])).toEqual({
      edits: ['-r1', '+x@c1'],
      ids: ['c1', 'new1'],
    })
  })

  it('keeps words that no turn has taken, lets go of noise, and of what a hand-over has hidden', () => {
    const entries = [
      heard('n1', ''),
      heard('u1', 'Yes.', true),
      spoken('a1', 'Good.', true),
      heard('n2', ''),
      heard('u2', 'And'),
      heard('u3', null),
    ]
    const both: ModelMessage[] = [
      { role: 'user', content: 'Yes.' },
      { role: 'assistant', content: 'Good.' },
    ]
    expect(edited(entries, both)).toEqual({ edits: ['-n1', '-n2'], ids: ['u1', 'a1', 'u2', 'u3'] })
    expect(edited(entries, [])).toEqual({ edits: ['-n1', '-u1', '-a1', '-n2'], ids: ['u2', 'u3'] })
  })

  it('does not mistake the second of two equal turns for the first', () => {
    const entries = [heard('u1', 'Yes.', true), spoken('a1', 'Really?', true), heard('u2', 'Yes.')]
    const messages: ModelMessage[] = [
      { role: 'assistant', content: 'Welcome.' },
      { role: 'user', content: 'Yes.' },
      { role: 'assistant', content: 'Really?' },
      { role: 'user', content: 'Yes.' },
    ]
    expect(edited(entries, messages)).toEqual({ edits: ['+Welcome.@root'], ids: ['new1', 'u1', 'a1', 'u2'] })
  })
})
