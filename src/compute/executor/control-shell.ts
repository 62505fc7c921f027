/** A shell inside a sandbox that we tell what to do: it has the power there that the function has not. */
import type { Readable, Writable } from 'node:stream'

export interface ControlShell {
  /** Runs a script. Rejects with what it printed when its last command fails; resolves with it otherwise. */
  run(script: string): Promise<string>
  /** The same without waiting; scripts take their turns. */
  tell(script: string): void
  /** It ends when it has done what it was told. */
  leave(): void
  /** No script will be answered any more. */
  end(): void
}

/** Not what a command would print by itself. */
const MARK = /\u0001(\d+)\n$/
const MARKED = "printf '\\001%s\\n'"

export function createControlShell(input: Writable, output: Readable): ControlShell {
  const expected: { resolve: (output: string) => void; reject: (error: Error) => void }[] = []
  let received = ''
  let ended = false
  // The shell's end is told by its process.
  input.on('error', () => {})
  output.on('error', () => {})
  output.setEncoding('utf8').on('data', (chunk: string) => {
    received += chunk
    const [mark, status] = MARK.exec(received) ?? []
    if (mark === undefined) return
    const printed = received.slice(0, -mark.length).trim()
    received = ''
    const waiting = expected.shift()
    if (status === '0') waiting?.resolve(printed)
    else waiting?.reject(new Error(printed === '' ? `a command ended with status ${status}` : printed))
  })
  // Answers come one at a time, so a script is sent when the one before has been answered.
  let turn: Promise<unknown> = Promise.resolve()

  const send = (script: string): Promise<string> =>
    new Promise((resolve, reject) => {
      if (ended) return reject(new Error('the sandbox has ended'))
      expected.push({ resolve, reject })
      input.write(`{ ${script}\n} </dev/null 2>&1; ${MARKED} $?\n`)
    })

  return {
    run(script) {
      const answered = turn.then(() => send(script))
      turn = answered.catch(() => {})
      return answered
    },
    tell(script) {
      if (!ended) input.write(`${script}\n`)
    },
    leave: () => void input.end(),
    end() {
      ended = true
      for (const { reject } of expected.splice(0)) reject(new Error('the sandbox has ended'))
    },
  }
}

/** A word that the shell takes as it is. */
export function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`
}
