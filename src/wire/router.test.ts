/** Routing by path, method and query. */
import { expect, test } from 'vitest'
import { parseQueryString } from './query-string.ts'
import { createRouter } from './router.ts'

const router = createRouter([
  { name: 'Invoke', http: { method: 'POST', uri: '/2015-03-31/functions/{FunctionName}/invocations', status: 200 } },
  { name: 'GetFunction', http: { method: 'GET', uri: '/2015-03-31/functions/{FunctionName}', status: 200 } },
  { name: 'ListFunctions', http: { method: 'GET', uri: '/2015-03-31/functions', status: 200 } },
  { name: 'ListLayers', http: { method: 'GET', uri: '/2018-10-31/layers', status: 200 } },
  { name: 'GetLayerVersionByArn', http: { method: 'GET', uri: '/2018-10-31/layers?find=LayerVersion', status: 200 } },
  { name: 'GetObject', http: { method: 'GET', uri: '/objects/{Key+}', status: 200 } },
])

function match(method: string, path: string, query = '') {
  return router.match(method, path, parseQueryString(query), {})
}

test('labels are taken from the path and decoded', () => {
  expect(
    match('POST', '/2015-03-31/functions/arn%3Aaws%3Alambda%3Aeu-west-1%3A111122223333%3Afunction%3Af/invocations'),
  ).toEqual({
    name: 'Invoke',
    labels: { FunctionName: 'arn:aws:lambda:eu-west-1:111122223333:function:f' },
  })
})

test('a trailing slash is nothing, an empty label no operation', () => {
  expect(match('GET', '/2015-03-31/functions/')?.name).toBe('ListFunctions')
  expect(match('POST', '/2015-03-31/functions//invocations')).toBeUndefined()
})

test('the method decides between operations of one path', () => {
  expect(match('GET', '/2015-03-31/functions/f')?.name).toBe('GetFunction')
  expect(match('DELETE', '/2015-03-31/functions/f')).toBeUndefined()
})

test('constants in the query decide between operations of one path and method', () => {
  expect(match('GET', '/2018-10-31/layers', 'find=LayerVersion&Arn=x')?.name).toBe('GetLayerVersionByArn')
  expect(match('GET', '/2018-10-31/layers', 'find=Other')?.name).toBe('ListLayers')
})

test('a greedy label takes the rest of the path', () => {
  expect(match('GET', '/objects/a/b%20c/d')?.labels).toEqual({ Key: 'a/b c/d' })
})

test('an escape that is none stays as it is', () => {
  expect(match('GET', '/2015-03-31/functions/100%')?.labels).toEqual({ FunctionName: '100%' })
})
