/** Brings the extensions of a runtime together with its environment. */
import type { FunctionImage } from '../compute.ts'
import type { ExternalExtension } from '../extensions-api/extension.ts'
import { Extensions } from '../extensions-api/extensions.ts'
import { createDial } from '../telemetry/dial.ts'
import type { Chronicle } from './chronicle.ts'
import type { Failure } from './failure.ts'
import type { Runtime } from './runtime.ts'

export interface Extended {
  readonly image: FunctionImage
  readonly chronicle: Chronicle
  readonly external: readonly ExternalExtension[]
  /** Whether an internal one may still be the first to register. */
  readonly isInitialising: () => boolean
  readonly failed: (failure: Failure) => void
}

/** External ones are there from the beginning; for internal ones something is made when the first of them registers. */
export function letRegister({ session, process, sandbox }: Runtime, extended: Extended): void {
  const { image, chronicle, external, isInitialising, failed } = extended
  const open = (): Extensions => {
    const telemetry = chronicle.openTelemetry()
    const extensions = new Extensions({ image, telemetry, dial: createDial(sandbox.place), external })
    process.sharesSandbox = extensions.hasExternal
    chronicle.tellOfFunction(telemetry)
    extensions.listener = {
      changed: () => session.announceReady(),
      failed,
      line: (line) => chronicle.extensionLine(line, telemetry),
      subscribed: (line) => chronicle.subscriptionLine(line),
    }
    session.extensions = extensions
    return extensions
  }
  if (external.length > 0) open()
  session.openExtensions = () => session.extensions ?? (isInitialising() ? open() : undefined)
}
