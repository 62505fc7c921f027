/**
 * Requests to function URLs, which ask for two permissions.
 * https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
 */
import type { Fact } from './explanation.ts'
import type { Situation } from './situation.ts'

const URL_AUTH_TYPE = 'lambda:functionurlauthtype'
const VIA_URL = 'lambda:invokedviafunctionurl'

const BOTH_NEEDED: Fact = {
  id: 'function-url',
  text: 'a request to a function URL needs both lambda:InvokeFunctionUrl and lambda:InvokeFunction, of everyone whom an AuthType of NONE lets in, too',
}

/** What a function URL asks for besides `lambda:InvokeFunctionUrl`. */
export function behindUrl(situation: Situation): { readonly fact: Fact; readonly invocation: Situation } {
  const { question, context } = situation
  const invocation: Situation = {
    ...situation,
    question: { ...question, action: 'lambda:InvokeFunction' },
    context: {
      get: (key) => (key === VIA_URL ? 'true' : key === URL_AUTH_TYPE ? undefined : context.get(key)),
      isUnknown: (key) => key !== VIA_URL && key !== URL_AUTH_TYPE && context.isUnknown(key),
    },
  }
  return { fact: BOTH_NEEDED, invocation }
}

export function isViaUrl({ question, context }: Situation): boolean {
  return question.action === 'lambda:InvokeFunction' && context.get(VIA_URL) === 'true'
}

/** What `add-permission` is told so that the grant reaches no further than the URL. */
export function urlArguments(situation: Situation): readonly string[] {
  const authType = situation.question.action === 'lambda:InvokeFunctionUrl' && situation.context.get(URL_AUTH_TYPE)
  return [
    ...(typeof authType === 'string' ? ['--function-url-auth-type', authType] : []),
    ...(isViaUrl(situation) ? ['--invoked-via-function-url'] : []),
  ]
}
