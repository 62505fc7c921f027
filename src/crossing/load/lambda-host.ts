/** Where Lambda is, as the SDK finds it: an endpoint that is given, in the environment or in the profile, or AWS's own of the Region. */
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda'

import type { AwsAccess, Signer } from '../access.ts'
import type { Host } from './connections.ts'

interface RequestPlace {
  readonly protocol: string
  readonly hostname: string
  readonly port?: number
}

/** Sends nothing. `signer` is asked for its profile's endpoint. */
export async function lambdaHost(access: AwsAccess, signer: Signer | undefined): Promise<Host> {
  let place: RequestPlace | undefined
  const client = new LambdaClient({
    region: access.region,
    ...(access.endpoint !== undefined && { endpoint: access.endpoint }),
    ...(signer && 'profile' in signer && { profile: signer.profile }),
    // The request goes no further than here.
    credentials: { accessKeyId: 'none', secretAccessKey: 'none' },
    maxAttempts: 1,
    requestHandler: {
      handle(request: unknown) {
        place = request as RequestPlace
        return Promise.reject(new Error('not to be sent'))
      },
    },
  })
  await client.send(new InvokeCommand({ FunctionName: 'any' })).catch((error: unknown) => {
    if (!place) throw error
  })
  client.destroy()
  const { protocol = 'https:', hostname = '', port } = place ?? {}
  const secure = protocol === 'https:'
  return { hostname, port: port ?? (secure ? 443 : 80), secure }
}

/** `http://127.0.0.1:4566` */
export function urlOf({ hostname, port, secure }: Host): string {
  const usual = secure ? 443 : 80
  return `${secure ? 'https' : 'http'}://${hostname}${port === usual ? '' : `:${port}`}`
}
