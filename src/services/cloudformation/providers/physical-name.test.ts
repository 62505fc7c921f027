/** Made-up names: what they show, and that they always fit. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { randomIds } from '../../../core/ids.ts'
import { physicalName, shortId } from './physical-name.ts'

test('a name shows its stack and its resource', () => {
  expect(physicalName('stack', 'Role', randomIds, 64)).toMatch(/^stack-Role-[A-Z0-9]{12}$/)
  expect(shortId('my-stack', 'Policy', randomIds)).toMatch(/^my-st-Poli-[A-Z0-9]{12}$/)
})

test('a name always fits and always has a part of both', () => {
  const name = fc.stringMatching(/^[A-Za-z][A-Za-z0-9]{0,127}$/)
  fc.assert(
    fc.property(name, name, fc.integer({ min: 32, max: 512 }), (stack, logical, lengthMax) => {
      const text = physicalName(stack, logical, randomIds, lengthMax)
      expect(text.length).toBeLessThanOrEqual(lengthMax)
      expect(text).toMatch(/^[A-Za-z0-9]+-[A-Za-z0-9]+-[A-Z0-9]{12}$/)
      if (stack.length + logical.length + 14 <= lengthMax) expect(text.startsWith(`${stack}-${logical}-`)).toBe(true)
    }),
  )
})
