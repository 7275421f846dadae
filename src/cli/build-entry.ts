/** What the build needs to render the help and the completions; not part of the program that is shipped. */
export { commands } from '../commands/manifest.ts'
export { aliases } from './aliases.ts'
export { describeProgram } from './describe.ts'
export { globalOptions } from './global-options.ts'
export { membersOf, renderHelp } from './help.ts'
export { topics } from './help-topics.ts'
