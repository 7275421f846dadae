#!/usr/bin/env node
'use strict'
const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(`error: vapi needs Node 20.19 or newer; this is ${process.version}\n`)
  process.exitCode = 1
} else {
  require('../dist/launch.cjs').launch(process.argv.slice(2), process)
}
