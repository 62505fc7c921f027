/** A program that stays: commands go into its standard input one after the other, and each answer ends with a mark. */
import { type ChildProcess, spawn } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'

export interface Resident {
  /** Resolves with what the program printed before the mark. Rejects when the program ends first. */
  ask(command: string): Promise<string>
  /** Ends the program. Harmless when it has gone. */
  close(): void
}

interface Question {
  readonly resolve: (answer: string) => void
  readonly reject: (error: Error) => void
}

/**
 * `mark`: what the program prints last for each command, and never within an answer. Its standard error must lead into its standard
 * output, or the order of the two is lost.
 */
export function startResident(
  commandLine: readonly string[],
  environment: Record<string, string>,
  mark: string,
): Resident {
  const [command = '', ...args] = commandLine
  const child = spawn(command, args, { env: environment, stdio: ['pipe', 'pipe', 'inherit'] })
  const { stdin, stdout } = child as ChildProcess & { stdin: Writable; stdout: Readable }
  const questions: Question[] = []
  let received = ''
  let ended: Error | undefined

  const end = (error: Error): void => {
    ended ??= error
    for (const { reject } of questions.splice(0)) reject(ended)
  }
  stdout.setEncoding('utf8').on('data', (chunk: string) => {
    received += chunk
    for (let at = received.indexOf(mark); at >= 0; at = received.indexOf(mark)) {
      const answer = received.slice(0, at)
      received = received.slice(at + mark.length)
      questions.shift()?.resolve(answer)
    }
  })
  // A broken pipe says what the exit says.
  stdin.on('error', () => {})
  child.once('error', end)
  child.once('close', (code, signal) => end(new Error(`${command} has ended (${signal ?? code}): ${received.trim()}`)))

  return {
    ask: (text) =>
      new Promise((resolve, reject) => {
        if (ended !== undefined) return reject(ended)
        questions.push({ resolve, reject })
        stdin.write(text)
      }),
    close: () => stdin.end(),
  }
}
