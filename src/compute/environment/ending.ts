/**
 * The shutdown phase of a runtime with extensions: it is asked to end, then they are told, and what is left after its time is ended.
 * https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html#runtimes-lifecycle-shutdown
 */
import type { Clock } from '../../core/clock.ts'
import type { Extensions, ShutdownReason } from '../extensions-api/extensions.ts'
import { type Runtime, stopRuntime } from './runtime.ts'

const INTERNAL_MS = 500
const EXTERNAL_MS = 2000
/** Of the time, what the runtime may take before extensions are told. Source: AWS's runtime interface emulator. */
const RUNTIME_SHARE = 0.3

/** Resolves when all of them have ended. */
export async function endGently(
  runtime: Runtime,
  extensions: Extensions,
  reason: ShutdownReason,
  clock: Clock,
): Promise<void> {
  const allowedMs = extensions.hasExternal ? EXTERNAL_MS : INTERNAL_MS
  const deadlineMs = clock.now() + allowedMs
  const remainingMs = () => Math.max(0, deadlineMs - clock.now())
  runtime.session.listener = undefined
  extensions.stop()
  const delivered = extensions.telemetry.delivered()
  runtime.process.terminate()
  await within(runtime.process.exited, extensions.hasExternal ? allowedMs * RUNTIME_SHARE : allowedMs, clock)
  runtime.process.kill()
  // They may listen to the last events, so these are not to come after the shutdown.
  await within(delivered, remainingMs() * RUNTIME_SHARE, clock)
  extensions.shutDown(reason, deadlineMs)
  await within(extensions.ended(), remainingMs(), clock)
  extensions.kill()
  extensions.telemetry.close()
  stopRuntime(runtime)
  await extensions.ended()
}

async function within(settled: Promise<unknown>, ms: number, clock: Clock): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = clock.after(ms, resolve)
    void settled.then(() => {
      timer.cancel()
      resolve()
    })
  })
}
