/**
 * Inline source (`Code.ZipFile`) as a deployment package: one file, `index.js` or `index.py`.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-lambda-function-code.html
 */
import { loadPackage } from '../../../../core/load-package.ts'
import { HandlerError } from '../handler-error.ts'

/** One fixed time, so that equal source makes an equal package and an equal `CodeSha256`. */
const MODIFIED = new Date('1980-01-01T00:00:00Z')

export async function packageInlineCode(source: string, runtime: string | undefined): Promise<Uint8Array> {
  const { ZipFile } = loadPackage('yazl')
  const zip = new ZipFile()
  zip.addBuffer(Buffer.from(source), fileName(runtime), { mtime: MODIFIED, mode: 0o100644, forceDosTimestamp: true })
  zip.end()
  const chunks: Buffer[] = []
  for await (const chunk of zip.outputStream) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks)
}

function fileName(runtime: string | undefined): string {
  if (runtime?.startsWith('nodejs')) return 'index.js'
  if (runtime?.startsWith('python')) return 'index.py'
  throw new HandlerError(
    'InvalidRequest',
    'ZipFile can only be used when Runtime is set to either of nodejs or python.',
  )
}
