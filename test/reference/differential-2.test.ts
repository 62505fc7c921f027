/** Half of the comparison of the engine with the reference model: a file of its own, so that another worker can take the other half. */
import { testShare } from './compare.ts'

testShare(1, 2)
