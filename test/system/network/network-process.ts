/** A process of its own with a network, and in a place of it a process that never looks up: for the test that kills it. */
import { spawn } from 'node:child_process'

import { createWorld } from './world.ts'

const { network } = createWorld()
const place = await network.createPlace()
const [file, ...args] = [...place.prefix, 'sh', '-c', 'echo up; while :; do :; done']
spawn(file ?? '', args, { stdio: ['ignore', 'inherit', 'inherit'], detached: true })
