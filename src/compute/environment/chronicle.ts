/** What an environment tells of itself: the lines of its log, and the same as events for the extensions that have subscribed. */
import type { Clock } from '../../core/clock.ts'
import type { FunctionImage, LogEvent } from '../compute.ts'
import type { Extension } from '../extensions-api/extension.ts'
import { lineFilterFor } from '../logs/application-level.ts'
import { EnvironmentLog } from '../logs/environment-log.ts'
import { type LogLines, logLinesFor, telemetryEventsFor } from '../logs/log-lines.ts'
import { Telemetry } from '../telemetry/telemetry.ts'

/** Writes a line of the platform's own. */
export type Say = (line: (lines: LogLines) => string | undefined) => void

export class Chronicle {
  readonly log: EnvironmentLog
  readonly #image: FunctionImage
  readonly #clock: Clock
  readonly #lines: LogLines
  readonly #events: LogLines
  /** Only while it initialises, unless somebody has subscribed: then until the runtime ends. */
  #telemetry: Telemetry | undefined

  constructor(image: FunctionImage, clock: Clock, write: (events: readonly LogEvent[]) => void) {
    const now = () => clock.now()
    this.log = new EnvironmentLog(clock, write, lineFilterFor(image))
    this.#image = image
    this.#clock = clock
    this.#lines = logLinesFor(image, now)
    this.#events = telemetryEventsFor(image, now)
  }

  readonly say: Say = (line) => {
    this.log.platform(line(this.#lines))
    this.#telemetry?.platform(line(this.#events))
  }

  /** How far extensions have come when the init ends. */
  sayExtensions(extensions: readonly Extension[] = []): void {
    for (const extension of extensions) this.say((lines) => lines.extension(extension))
  }

  /** A line of an external extension's, with its end. */
  extensionLine(line: string, telemetry: Telemetry): void {
    this.log.extension(line)
    telemetry.line('extension', line.endsWith('\n') ? line.slice(0, -1) : line, this.#clock.now())
  }

  /** That an extension has subscribed. FIDELITY: a log in JSON does not have it, for the event goes to the subscribers. */
  subscriptionLine(line: string): void {
    if (this.#image.logFormat === 'Text') this.log.platform(line)
  }

  /** From the begin of an init. */
  openTelemetry(): Telemetry {
    return (this.#telemetry ??= new Telemetry(this.#clock, this.#image.logFormat === 'JSON'))
  }

  /** Extensions may be among those who listen. */
  tellOfFunction(telemetry: Telemetry): void {
    this.log.heard = (line, timestampMs) => telemetry.line('function', line, timestampMs)
  }

  /** The init is over; what nobody listens to need not be told. */
  closeSubscription(): void {
    this.#telemetry?.closeSubscription()
    if (this.#telemetry?.isHeard !== true) this.endTelemetry()
  }

  /** The runtime ends. */
  endTelemetry(): void {
    this.#telemetry = undefined
    this.log.heard = undefined
  }
}
