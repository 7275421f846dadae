import { dotnetFrameworks } from './dotnet.ts'
import { elixirFrameworks } from './elixir.ts'
import { frontEnds } from './front-end.ts'
import { goFrameworks } from './go.ts'
import { jvmFrameworks } from './jvm.ts'
import { metaFrameworks } from './meta.ts'
import { mobileFrameworks } from './mobile.ts'
import { nodeServers } from './node-servers.ts'
import { phpFrameworks } from './php.ts'
import { pythonFrameworks } from './python.ts'
import type { Framework } from './row.ts'
import { rubyFrameworks } from './ruby.ts'
import { rustFrameworks } from './rust.ts'
import { swiftFrameworks } from './swift.ts'

/** Every framework that `vapi init` knows, in the order in which candidates of equal weight are listed. */
export const FRAMEWORKS: readonly Framework[] = [
  ...mobileFrameworks,
  ...metaFrameworks,
  ...frontEnds,
  ...nodeServers,
  ...pythonFrameworks,
  ...goFrameworks,
  ...rubyFrameworks,
  ...jvmFrameworks,
  ...dotnetFrameworks,
  ...phpFrameworks,
  ...rustFrameworks,
  ...elixirFrameworks,
  ...swiftFrameworks,
]

/** The row of an id; undefined where there is none. */
export function frameworkOf(id: string): Framework | undefined {
  return FRAMEWORKS.find(row => row.id === id)
}
