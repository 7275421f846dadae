import { describe, expect, it } from 'vitest'
import { callWith, resolveDocument, store } from '../support/configured.ts'

/** What a first message becomes; the call begins at noon UTC on the first of January 2024, a Monday. */
async function spoken(firstMessage: string, more: Record<string, unknown> = {}, date?: string) {
  const { said } = await callWith(
    { assistant: { firstMessage }, ...more },
    date === undefined ? {} : { date },
  )
  return said[0]
}

const values = (variableValues: Record<string, unknown>) => ({ assistantOverrides: { variableValues } })

describe('variables of a call', () => {
  it('[variables-hello-john, variables-from-overrides, variables-values-are-a-map] come with its overrides', async () => {
    expect(await spoken('Hello, {{name}}!', values({ name: 'John' }))).toBe('Hello, John!')
    expect(await spoken('{{one}} and {{two}}', values({ one: 'A', two: 'B' }))).toBe('A and B')
  })

  it('[variables-double-braces, variables-every-occurrence] are filled wherever they stand in the prompts', async () => {
    const { prompts, said } = await callWith({
      assistant: {
        firstMessage: 'Hi {{name}}, {{ name }}.',
        model: {
          provider: 'openai',
          messages: [
            { role: 'system', content: 'You talk to {{name}}.' },
            { role: 'system', content: '{{name}} is a customer.' },
          ],
        },
      },
      ...values({ name: 'Ann' }),
    })
    expect(prompts).toEqual(['You talk to Ann.', 'Ann is a customer.'])
    expect(said).toEqual(['Hi Ann, Ann.'])
  })

  it('[variables-in-any-message] are filled in first and last words and in what tools and hooks say', async () => {
    const { said } = await callWith(`
assistant:
  firstMessage: "Hello {{name}}."
  endCallMessage: "Goodbye {{name}}."
  hooks:
    - on: customer.speech.timeout
      options: { timeoutSeconds: 5 }
      do: [{ type: say, exact: "Still there, {{name}}?" }]
  model:
    provider: openai
    tools:
      - { type: function, function: { name: look }, messages: [{ type: request-start, content: "One moment, {{name}}." }] }
      - { type: endCall }
assistantOverrides: { variableValues: { name: Ann } }
caller: [{ after: assistant, plus: 1, say: "Look, please.", lasts: 1 }, { after: assistant, plus: 9, say: "Bye.", lasts: 1 }]
model: [{ toolCalls: [{ name: look }] }, { reply: "There it is." }, { toolCalls: [{ name: endCall }] }]`)
    expect(said).toEqual(
      expect.arrayContaining(['Hello Ann.', 'One moment, Ann.', 'Still there, Ann?', 'Goodbye Ann.']),
    )
  })

  it('[variables-singular-override] come by the spelling assistantOverride too, with a warning', async () => {
    const { said, warnings } = await callWith({
      call: {
        assistant: { firstMessage: 'Hello, {{name}}!' },
        assistantOverride: { variableValues: { name: 'John' } },
      },
    })
    expect(said).toEqual(['Hello, John!'])
    expect(warnings).toContainEqual(expect.stringMatching(/assistantOverride .*write assistantOverrides/))
  })

  it('[variables-stored-assistant] are filled in a stored assistant', async () => {
    const { said } = await callWith(
      { call: { assistantId: 'desk' }, ...values({ name: 'Ann' }) },
      { stored: store({ assistant: { desk: { firstMessage: 'Hello, {{name}}!' } } }) },
    )
    expect(said).toEqual(['Hello, Ann!'])
  })

  it('[variables-value-missing, api-variables-undefined-empty] without a value print nothing', async () => {
    expect(await spoken('Hello {{name}}{{customer.email}}{{no.such.thing}}.')).toBe('Hello .')
  })

  it('[variables-only-double-braces] are written with two braces', async () => {
    const { compiled } = await resolveDocument({ firstMessage: 'A {name} and a {{name}}.' })
    expect(compiled[0].plan.opening).toEqual({ type: 'say', text: 'A {name} and a .' })
  })

  it('[variables-are-liquid] are Liquid: filters and tags work', async () => {
    const text = '{{ name | upcase }}{% if vip %}, thank you{% endif %}{% for x in list %} {{x}}{% endfor %}.'
    expect(await spoken(text, values({ name: 'ann', vip: true, list: ['one', 'two'] }))).toBe(
      'ANN, thank you one two.',
    )
  })

  it('in a template that cannot be parsed stop the call before it starts, with the path', async () => {
    const assistant = {
      firstMessage: 'Hello',
      hooks: [{ on: 'call.ending', do: [{ type: 'say', exact: 'Bye {{ name' }] }],
      model: { provider: 'openai', messages: [{ role: 'system', content: '{% if x %}' }] },
    }
    const error = await callWith({ assistant }).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ exit: 2 })
    expect(String(error)).toContain('hooks[0].do[0].exact: ')
    expect(String(error)).toContain('model.messages[0].content: ')
  })
})

describe('default variables', () => {
  it.each([
    ['[variables-now, variables-defaults-need-no-values] now', '{{now}}', 'Jan 1, 2024 12:00 PM'],
    ['[variables-date] date', '{{date}}', 'Jan 1, 2024'],
    ['[variables-time] time', '{{time}}', '12:00 PM'],
    ['[variables-month] month', '{{month}}', 'January'],
    ['[variables-day] day', '{{day}}', '1'],
    ['[variables-year] year', '{{year}}', '2024'],
  ])('%s', async (_name, template, text) => {
    const { compiled } = await resolveDocument({ firstMessage: `<${template}>` })
    expect(compiled[0].plan.opening).toEqual({ type: 'say', text: `<${text}>` })
  })

  it('[variables-defaults-in-utc] tell the time in UTC, whatever the machine’s zone', async () => {
    const zone = process.env.TZ
    process.env.TZ = 'Asia/Tokyo'
    try {
      const { compiled } = await resolveDocument(
        { firstMessage: '{{now}} {{now | date: "%H:%M"}} {{"2024-05-06T07:08" | date: "%H:%M"}}' },
        store({}),
        '2024-01-01T23:30:00Z',
      )
      expect(compiled[0].plan.opening).toMatchObject({ text: 'Jan 1, 2024 11:30 PM 23:30 07:08' })
    } finally {
      if (zone === undefined) delete process.env.TZ
      else process.env.TZ = zone
    }
  })

  it('[variables-customer-number, variables-customer-property] know the customer of the call', async () => {
    const customer = { number: '+15551234567', name: 'Ann', email: 'ann@example.com', externalId: 'C7' }
    const { compiled } = await resolveDocument({
      customer,
      assistant: {
        firstMessage: '{{customer.number}} {{customer.name}} {{customer.email}} {{customer.externalId}}',
      },
    })
    expect(compiled[0].plan.opening).toMatchObject({ text: '+15551234567 Ann ann@example.com C7' })
  })

  it('[variables-customer-number-e164] refuse a customer’s number of another form', async () => {
    const assistant = { firstMessage: 'Hello.' }
    await expect(callWith({ assistant, customer: { number: '555 1234' } })).rejects.toMatchObject({
      exit: 2,
      message: expect.stringContaining('customer.number "555 1234" is not in E.164 form'),
    })
    const unchecked = { number: '555 1234', numberE164CheckEnabled: false }
    expect((await callWith({ assistant, customer: unchecked })).said).toEqual(['Hello.'])
  })

  it('[api-variables-call-and-number] know the call and its number', async () => {
    const { prompts } = await callWith({
      assistant: {
        firstMessage: 'Hello.',
        model: {
          provider: 'openai',
          messages: [
            {
              role: 'system',
              content:
                '{{call.id}} {{call.type}} {{call.startedAt}} {{phoneNumber.number}} {{phoneNumber.name}}',
            },
          ],
        },
      },
      customer: { number: '+15551234567' },
      phoneNumber: { number: '+15557654321', name: 'Desk' },
    })
    expect(prompts).toEqual(['simulated-1 outboundPhoneCall 2024-01-01T12:00:00.000Z +15557654321 Desk'])
  })
})

describe('the date filter', () => {
  it.each([
    ['[variables-format-ymd]', '%Y-%m-%d', '2024-01-01'],
    ['[variables-format-12-hours]', '%I:%M %p', '03:45 PM'],
    ['[variables-format-24-hours]', '%H:%M', '15:45'],
    ['[variables-format-weekday]', '%A', 'Monday'],
    ['[variables-format-month-day]', '%b %d, %Y', 'Jan 01, 2024'],
  ])('%s prints %s of the call’s moment', async (_id, format, text) => {
    const { compiled } = await resolveDocument(
      { firstMessage: `{{"now" | date: "${format}"}}` },
      store({}),
      '2024-01-01T15:45:00Z',
    )
    expect(compiled[0].plan.opening).toEqual({ type: 'say', text })
  })

  const opening = async (firstMessage: string, date: string) => {
    const { compiled } = await resolveDocument(
      { assistant: { firstMessage }, customer: { number: '+15551234567' } },
      store({}),
      date,
    )
    const [{ plan }] = compiled
    return plan.opening.type === 'say' ? plan.opening.text : null
  }

  it('[variables-date-filter-los-angeles] takes a zone: the page’s example', async () => {
    const template = '{{"now" | date: "%A, %B %d, %Y, %I:%M %p", "America/Los_Angeles"}}'
    expect(await opening(template, '2024-01-01T23:45:00Z')).toBe('Monday, January 01, 2024, 03:45 PM')
  })

  it('[variables-date-filter-london] follows summer time', async () => {
    const template = '{{"now" | date: "%H:%M", "Europe/London"}}'
    expect(await opening(template, '2024-07-01T16:30:00Z')).toBe('17:30')
    expect(await opening(template, '2024-01-01T17:30:00Z')).toBe('17:30')
  })

  it('[variables-date-filter-weekday] is in UTC without a zone', async () => {
    expect(await opening('{{"now" | date: "%A"}}', '2024-01-02T23:59:00Z')).toBe('Tuesday')
  })

  it('[variables-date-filter-with-number] stands beside other variables', async () => {
    const template =
      'Hello, your number is {{customer.number}} and the time is {{"now" | date: "%I:%M %p", "America/New_York"}}'
    expect(await opening(template, '2024-01-01T20:45:00Z')).toBe(
      'Hello, your number is +15551234567 and the time is 03:45 PM',
    )
  })

  it('reads the call’s clock and not the machine’s: the same call says the same', async () => {
    const scenario = { assistant: { firstMessage: 'It is {{"today" | date: "%Y"}}.' } }
    expect((await callWith(scenario, { date: '1999-06-01T00:00:00Z' })).said).toEqual(['It is 1999.'])
  })
})
