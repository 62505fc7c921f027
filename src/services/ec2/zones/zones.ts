/** Regions and their Availability Zones. https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-availability-zones.html */
import { parseRegion, type Region } from '../../../core/region.ts'

export interface RegionFacts {
  readonly name: Region
  /** The last letters of its zones' names. */
  readonly zones: string
  /** How its zones' ids begin: `use1`. */
  readonly idPrefix: string
  /** Regions an account has from its start; the others are opted into. */
  readonly optedIn: boolean
}

const ENABLED_BY_DEFAULT: Readonly<Record<string, string>> = {
  'ap-northeast-1': 'acd',
  'ap-northeast-2': 'abcd',
  'ap-northeast-3': 'abc',
  'ap-south-1': 'abc',
  'ap-southeast-1': 'abc',
  'ap-southeast-2': 'abc',
  'ca-central-1': 'abd',
  'eu-central-1': 'abc',
  'eu-north-1': 'abc',
  'eu-west-1': 'abc',
  'eu-west-2': 'abc',
  'eu-west-3': 'abc',
  'sa-east-1': 'abc',
  'us-east-1': 'abcdef',
  'us-east-2': 'abc',
  'us-west-1': 'ac',
  'us-west-2': 'abcd',
}

const OPT_IN: readonly string[] = [
  'af-south-1',
  'ap-east-1',
  'ap-south-2',
  'ap-southeast-3',
  'ap-southeast-4',
  'ap-southeast-5',
  'ca-west-1',
  'eu-central-2',
  'eu-south-1',
  'eu-south-2',
  'il-central-1',
  'me-central-1',
  'me-south-1',
  'mx-central-1',
]

const DIRECTIONS: Readonly<Record<string, string>> = {
  north: 'n',
  south: 's',
  east: 'e',
  west: 'w',
  central: 'c',
  northeast: 'ne',
  northwest: 'nw',
  southeast: 'se',
  southwest: 'sw',
}

/** In the order of their names. A Region that is not known here has three zones. */
export function regions(): readonly RegionFacts[] {
  return [...Object.keys(ENABLED_BY_DEFAULT), ...OPT_IN].sort().map((name) => regionFacts(parseRegion(name)))
}

export function regionFacts(region: Region): RegionFacts {
  return {
    name: region,
    zones: ENABLED_BY_DEFAULT[region] ?? 'abc',
    idPrefix: idPrefixOf(region),
    optedIn: Object.hasOwn(ENABLED_BY_DEFAULT, region),
  }
}

/** `ap-southeast-2` → `apse2` */
function idPrefixOf(region: Region): string {
  const parts = region.split('-')
  return parts.map((part, index) => (index === 0 ? part : (DIRECTIONS[part] ?? part))).join('')
}

/** `us-east-1a` and its like. */
export function zonesOf(region: Region): readonly string[] {
  return regionFacts(region)
    .zones.split('')
    .map((letter) => `${region}${letter}`)
}

/** FIDELITY: AWS shuffles which zone has which id for every account; here the letters follow the numbers in all of them. */
export function zoneIdOf(zone: string): string {
  const region = parseRegion(zone.slice(0, -1))
  const { idPrefix, zones } = regionFacts(region)
  return `${idPrefix}-az${zones.indexOf(zone.slice(-1)) + 1}`
}
