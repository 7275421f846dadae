/** What the build needs to render the help; not part of the program that is shipped. */
export { commands } from '../commands/manifest.ts'
export { renderHelp } from './help.ts'
