import type { Field, Variant, Variants } from './types.ts'

const functionName: Field = {
  flag: 'name',
  path: 'function.name',
  ask: true,
  summary: 'name by which the model calls it',
}
const functionDescription: Field = {
  flag: 'description',
  path: 'function.description',
  ask: true,
  summary: 'when the model is to call it',
}
const functionParameters: Field = {
  flag: 'parameters',
  path: 'function.parameters',
  kind: 'json',
  ask: true,
  summary: 'JSON Schema of its arguments, as JSON or a file',
}
const serverUrl: Field = {
  flag: 'server-url',
  path: 'server.url',
  ask: true,
  summary: 'address that carries it out',
}
const destinations: Field = {
  flag: 'destinations',
  path: 'destinations',
  kind: 'destinations',
  ask: true,
  summary: 'where it can lead: numbers or SIP addresses separated by commas, else as JSON or a file',
}

/** A tool that needs nothing beside its type. */
function plain(summary: string, ...fields: Field[]): Variant {
  return { summary, fields }
}

/** A tool that the model's maker defines; its names are fixed. */
function builtIn(summary: string, subType: string, name: string, ...fields: Field[]): Variant {
  return { summary, fields: [...fields, serverUrl], constants: { subType, name } }
}

/** Tools by type: all that can be created (API: the members of `CreateToolDto`). */
export const toolVariants: Variants = {
  field: 'type',
  of: {
    function: plain(
      'a function of your own server',
      { ...functionName, required: true },
      functionDescription,
      functionParameters,
      serverUrl,
      { flag: 'async', path: 'async', kind: 'boolean', summary: 'the call does not wait for its result' },
    ),
    apiRequest: plain(
      'an HTTP request that Vapi makes',
      { flag: 'name', path: 'name', ask: true, summary: 'name by which the model calls it' },
      {
        flag: 'method',
        path: 'method',
        required: true,
        choices: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
        summary: 'HTTP method',
      },
      { flag: 'url', path: 'url', required: true, summary: 'address, may have {{variables}}' },
      { ...functionDescription, path: 'description' },
      { flag: 'body', path: 'body', kind: 'json', summary: 'JSON Schema of the body, as JSON or a file' },
      {
        flag: 'headers',
        path: 'headers',
        kind: 'json',
        summary: 'JSON Schema of the headers, as JSON or a file',
      },
    ),
    code: plain('TypeScript that Vapi runs', functionName, functionDescription, functionParameters, {
      flag: 'code',
      path: 'code',
      required: true,
      summary: 'the code (@FILE reads a file)',
    }),
    transferCall: plain('hands the call to a number, SIP address or assistant', destinations),
    handoff: plain('hands the call to another assistant of a squad', {
      ...destinations,
      kind: 'json',
      summary: 'where it can lead, as JSON or a file',
    }),
    endCall: plain('hangs up'),
    dtmf: plain('presses keys'),
    sms: plain('sends a text message'),
    voicemail: plain('leaves a message on an answering machine'),
    query: plain('searches knowledge bases', {
      flag: 'knowledge-bases',
      path: 'knowledgeBases',
      kind: 'json',
      ask: true,
      summary: 'what it searches, as JSON or a file',
    }),
    mcp: plain('tools of a server that speaks the Model Context Protocol', {
      ...serverUrl,
      summary: 'address of the server',
    }),
    sipRequest: plain('sends a SIP message into the call', {
      flag: 'verb',
      path: 'verb',
      required: true,
      choices: ['INFO', 'MESSAGE', 'NOTIFY'],
      summary: 'SIP method',
    }),
    bash: builtIn('commands in a shell of your server', 'bash_20241022', 'bash'),
    computer: builtIn(
      'a screen, mouse and keyboard of your server',
      'computer_20241022',
      'computer',
      {
        flag: 'display-width',
        path: 'displayWidthPx',
        kind: 'number',
        required: true,
        summary: 'width of the screen in pixels',
      },
      {
        flag: 'display-height',
        path: 'displayHeightPx',
        kind: 'number',
        required: true,
        summary: 'height of the screen in pixels',
      },
    ),
    textEditor: builtIn('an editor of files on your server', 'text_editor_20241022', 'str_replace_editor'),
    'google.calendar.event.create': plain('makes an event in a Google calendar'),
    'google.calendar.availability.check': plain('looks for free time in a Google calendar'),
    'google.sheets.row.append': plain('adds a row to a Google sheet'),
    'slack.message.send': plain('sends a message to Slack'),
    'gohighlevel.calendar.availability.check': plain('looks for free time in a GoHighLevel calendar'),
    'gohighlevel.calendar.event.create': plain('makes an event in a GoHighLevel calendar'),
    'gohighlevel.contact.create': plain('makes a contact in GoHighLevel'),
    'gohighlevel.contact.get': plain('finds a contact in GoHighLevel'),
  },
}
