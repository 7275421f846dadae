/**
 * The first words of commands under headings, as `vapi --help` shows them, each with what its commands are for. A word
 * without commands is not shown; one that is missing here stands under the last heading. A word that is a command
 * without others below it has its own summary instead.
 */
export const headings: readonly { title: string; words: Readonly<Record<string, string>> }[] = [
  {
    title: 'Calls',
    words: {
      call: 'calls, here and on the platform: run, simulate, make, watch, steer',
      voice: 'models for speech on this machine',
      chat: 'written conversations with an assistant',
      session: 'conversations that keep their context over several chats',
      campaign: 'calls to many customers',
      logs: 'what happened in calls and webhooks, and what went wrong',
      analytics: 'figures over calls and chats',
    },
  },
  {
    title: 'Assistants and what they use',
    words: {
      assistant: 'assistants: create, change, check, copy, templates',
      squad: 'assistants that hand a call over to each other',
      phone: 'phone numbers and who answers them',
      tool: 'tools that assistants call',
      file: 'files that assistants know',
      'knowledge-base': 'what assistants look up',
      'structured-output': 'data that is taken out of calls',
      'pronunciation-dictionary': 'how voices speak single words',
      workflow: 'workflows (given up by the platform)',
    },
  },
  {
    title: 'Quality',
    words: {
      eval: 'checks of what an assistant answers, and their runs',
      simulation: 'simulated callers, scenarios, suites and their runs',
      scorecard: 'marks for calls',
      insight: 'questions to the data of calls',
      board: 'boards of insights',
    },
  },
  {
    title: 'Development',
    words: {
      init: 'put an assistant into a project',
      webhook: 'where server messages go, and tests of the receiver',
      listen: 'receive server messages on this machine',
      trigger: 'send made-up server messages',
      emulator: 'the platform on this machine',
      mcp: 'the documentation and the commands for coding assistants',
      docs: 'search in the documentation',
      api: 'any request to the API with the account’s key',
    },
  },
  {
    title: 'Accounts and settings',
    words: {
      login: 'log in to an account',
      logout: 'forget the active account’s key',
      auth: 'accounts: log in, switch, check',
      config: 'the configuration file',
      'provider-key': 'keys of providers, for calls on this machine',
      credential: 'keys of providers, storage and other services, for the platform',
    },
  },
  {
    title: 'This program',
    words: { version: '', update: 'newer versions', completion: '', commands: '' },
  },
]

/** What the commands below several words are for: `simulation personality`. */
export const subgroups: Readonly<Record<string, string>> = {
  'auth alias': 'further names of accounts',
  'call logs': 'logs of single calls',
  'campaign v2': 'campaigns of the API’s second version, with counts of contacts',
  'config analytics': 'whether usage is reported',
  'eval run': 'runs of evals',
  'simulation personality': 'how simulated callers are',
  'simulation scenario': 'what simulated callers want, and what must come of it',
  'simulation suite': 'simulations that run together',
  'simulation run': 'runs of simulations and suites',
  'voice models': 'recognisers and voices that run on this machine',
}
