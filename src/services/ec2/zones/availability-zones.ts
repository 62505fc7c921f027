/** Regions, zones and what an account may have. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeAvailabilityZones.html */
import type * as sdk from '@aws-sdk/client-ec2'

import { AwsError } from '../../../core/aws-error.ts'
import type { Region } from '../../../core/region.ts'
import { onAll } from '../access.ts'
import { invalidValue } from '../errors.ts'
import { applyFilters, type Filters } from '../requests/filters.ts'
import { QUOTAS } from '../quotas.ts'
import type { Ec2Operations, Ec2Service, Place } from '../service.ts'
import { regionFacts, regions, zoneIdOf, zonesOf, type RegionFacts } from './zones.ts'

export const availabilityZones: Ec2Operations = {
  DescribeAvailabilityZones: {
    permissions: (_input, caller) => [onAll(caller, 'DescribeAvailabilityZones')],
    handle({ Filters: filters, ZoneIds, ZoneNames }, { region }) {
      const zones = zonesOf(region).map((name) => ({ name, id: zoneIdOf(name), region, tags: {} }))
      for (const name of ZoneNames ?? []) {
        if (!zones.some((zone) => zone.name === name)) {
          throw invalidValue('zoneName', name, `Invalid availability zone-name: [${name}]`)
        }
      }
      for (const id of ZoneIds ?? []) {
        if (!zones.some((zone) => zone.id === id)) {
          throw invalidValue('zoneId', id, `Invalid availability zone-id: [${id}]`)
        }
      }
      const asked = zones.filter(
        ({ id, name }) => (ZoneNames?.includes(name) ?? true) && (ZoneIds?.includes(id) ?? true),
      )
      return { AvailabilityZones: applyFilters(asked, filters, ZONE_FILTERS).map(zoneShape) }
    },
  },

  DescribeRegions: {
    permissions: (_input, caller) => [onAll(caller, 'DescribeRegions')],
    handle({ AllRegions, Filters: filters, RegionNames }) {
      const known = regions().map((facts) => ({ ...facts, tags: {} }))
      for (const name of RegionNames ?? []) {
        if (!known.some((facts) => facts.name === name)) {
          throw new AwsError('InvalidParameterValue', `Invalid region provided: ${name}`)
        }
      }
      const asked = known.filter(({ name, optedIn }) => RegionNames?.includes(name) ?? (AllRegions === true || optedIn))
      return {
        Regions: applyFilters(asked, filters, REGION_FILTERS).map((facts) => ({
          RegionName: facts.name,
          Endpoint: endpointOf(facts),
          OptInStatus: optInStatusOf(facts),
        })),
      }
    },
  },

  DescribeAccountAttributes: {
    permissions: (_input, caller) => [onAll(caller, 'DescribeAccountAttributes')],
    handle({ AttributeNames: names }, caller, ec2) {
      const attributes = Object.entries(attributesOf(ec2, caller))
      return {
        AccountAttributes: attributes
          .filter(([name]) => names === undefined || names.length === 0 || (names as readonly string[]).includes(name))
          .map(([AttributeName, AttributeValue]) => ({
            AttributeName,
            AttributeValues: [{ AttributeValue }],
          })),
      }
    },
  },
}

interface Zone {
  readonly name: string
  readonly id: string
  readonly region: Region
  readonly tags: Readonly<Record<string, string>>
}

const ZONE_FILTERS: Filters<Zone> = {
  'group-name': ({ region }) => `${region}-zg-1`,
  message: () => undefined,
  'opt-in-status': () => 'opt-in-not-required',
  'region-name': ({ region }) => region,
  state: () => 'available',
  'zone-id': ({ id }) => id,
  'zone-name': ({ name }) => name,
  'zone-type': () => 'availability-zone',
}

function zoneShape({ name, id, region }: Zone): sdk.AvailabilityZone {
  return {
    ZoneName: name,
    ZoneId: id,
    ZoneType: 'availability-zone',
    State: 'available',
    RegionName: region,
    GroupName: `${region}-zg-1`,
    NetworkBorderGroup: region,
    OptInStatus: 'opt-in-not-required',
    Messages: [],
  }
}

type TaggedRegion = RegionFacts & Pick<Zone, 'tags'>

const REGION_FILTERS: Filters<TaggedRegion> = {
  endpoint: endpointOf,
  'opt-in-status': optInStatusOf,
  'region-name': ({ name }) => name,
}

function endpointOf({ name }: RegionFacts): string {
  return `ec2.${name}.amazonaws.com`
}

function optInStatusOf({ name }: RegionFacts): string {
  return regionFacts(name).optedIn ? 'opt-in-not-required' : 'not-opted-in'
}

function attributesOf(ec2: Ec2Service, place: Place): Readonly<Record<string, string>> {
  return {
    'supported-platforms': 'VPC',
    'default-vpc': ec2.list('vpc', place).find(({ isDefault }) => isDefault)?.id ?? 'none',
    'vpc-max-security-groups-per-interface': String(ec2.quota(QUOTAS.securityGroupsPerInterface, place)),
    'vpc-max-elastic-ips': String(ec2.quota(QUOTAS.elasticIpsPerRegion, place)),
  }
}
