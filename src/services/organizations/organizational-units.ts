/** Organizational units. https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_ous.html */
import type { OrganizationalUnit } from '@aws-sdk/client-organizations'

import { AwsError } from '../../core/aws-error.ts'
import type { Ids } from '../../core/ids.ts'
import { nodeArn } from './arns.ts'
import { constraintViolation, parentNotFound, unitNotFound } from './errors.ts'
import { UNIT_DEPTH_MAX, UNITS_MAX } from './limits.ts'
import { pageOf } from './pages.ts'
import { attachDefaults } from './policy-attachments.ts'
import type { Tags, UnitRecord } from './records.ts'
import { managedOrganization, onNode, requestTagsFrom, tagsFrom, type OrganizationsOperations } from './service.ts'
import type { Organization } from './store.ts'
import { checkTags } from './tags.ts'
import { lineage, parentOf, pathOf } from './tree.ts'

export function addUnit(
  organization: Organization,
  ids: Ids,
  unit: { readonly name: string; readonly parentId: string; readonly tags: Tags },
): UnitRecord {
  const root = organization.record.rootId.slice('r-'.length)
  const record: UnitRecord = { id: `ou-${root}-${ids.base36(8)}`, ...unit }
  organization.units.put(record.id, record)
  attachDefaults(organization, record.id)
  return record
}

export function unitNamed(organization: Organization, name: string, parentId: string): UnitRecord | undefined {
  return organization.units.values().find((unit) => unit.name === name && unit.parentId === parentId)
}

function checkName(organization: Organization, name: string, parentId: string): void {
  if (unitNamed(organization, name, parentId)) {
    throw new AwsError('DuplicateOrganizationalUnitException', 'An OU with the same name already exists.')
  }
}

function describe(organization: Organization, unit: UnitRecord): OrganizationalUnit {
  return {
    Id: unit.id,
    Arn: nodeArn(organization.record, unit.id),
    Name: unit.name,
    Path: pathOf(organization, unit.id),
  }
}

function existingUnit(organization: Organization, id: string): UnitRecord {
  const unit = organization.units.get(id)
  if (!unit) throw unitNotFound()
  return unit
}

export const organizationalUnits: OrganizationsOperations = {
  CreateOrganizationalUnit: {
    permissions: (input, caller, organizations) => [
      onNode(organizations, caller, 'CreateOrganizationalUnit', input.ParentId, {
        requestTags: requestTagsFrom(input.Tags),
      }),
    ],
    handle(input, caller, organizations) {
      const organization = managedOrganization(organizations, caller)
      const parent = parentOf(organization, input.ParentId)
      if (!parent) throw parentNotFound()
      checkTags(input.Tags)
      checkName(organization, input.Name, parent.id)
      if (lineage(organization, parent.id).length > UNIT_DEPTH_MAX) {
        throw constraintViolation(
          'OU_DEPTH_LIMIT_EXCEEDED',
          'You have exceeded the maximum nesting depth for organizational units.',
        )
      }
      if (organization.units.size >= UNITS_MAX) {
        throw constraintViolation(
          'OU_NUMBER_LIMIT_EXCEEDED',
          'You have exceeded the number of OUs that you can have in an organization.',
        )
      }
      const unit = addUnit(organization, organizations.ids, {
        name: input.Name,
        parentId: parent.id,
        tags: tagsFrom(input.Tags),
      })
      return { OrganizationalUnit: describe(organization, unit) }
    },
  },

  UpdateOrganizationalUnit: {
    permissions: (input, caller, organizations) => [
      onNode(organizations, caller, 'UpdateOrganizationalUnit', input.OrganizationalUnitId),
    ],
    handle(input, caller, organizations) {
      const organization = managedOrganization(organizations, caller)
      const unit = existingUnit(organization, input.OrganizationalUnitId)
      const name = input.Name ?? unit.name
      if (name !== unit.name) checkName(organization, name, unit.parentId)
      const renamed = { ...unit, name }
      organization.units.put(unit.id, renamed)
      return { OrganizationalUnit: describe(organization, renamed) }
    },
  },

  DeleteOrganizationalUnit: {
    permissions: (input, caller, organizations) => [
      onNode(organizations, caller, 'DeleteOrganizationalUnit', input.OrganizationalUnitId),
    ],
    handle(input, caller, organizations) {
      const organization = managedOrganization(organizations, caller)
      const { id } = existingUnit(organization, input.OrganizationalUnitId)
      const children = [...organization.units.values(), ...organization.accounts.values()]
      if (children.some(({ parentId }) => parentId === id)) {
        throw new AwsError(
          'OrganizationalUnitNotEmptyException',
          'The specified OU is not empty. Move all accounts to another root or to other OUs, remove all child OUs, and try the operation again.',
        )
      }
      organization.units.delete(id)
      organization.attachments.delete(id)
      return {}
    },
  },

  DescribeOrganizationalUnit: {
    permissions: (input, caller, organizations) => [
      onNode(organizations, caller, 'DescribeOrganizationalUnit', input.OrganizationalUnitId),
    ],
    handle(input, caller, organizations) {
      const organization = managedOrganization(organizations, caller)
      return { OrganizationalUnit: describe(organization, existingUnit(organization, input.OrganizationalUnitId)) }
    },
  },

  ListOrganizationalUnitsForParent: {
    permissions: (input, caller, organizations) => [
      onNode(organizations, caller, 'ListOrganizationalUnitsForParent', input.ParentId),
    ],
    handle(input, caller, organizations) {
      const organization = managedOrganization(organizations, caller)
      if (!parentOf(organization, input.ParentId)) throw parentNotFound()
      const units = organization.units.values().filter(({ parentId }) => parentId === input.ParentId)
      const page = pageOf(units, ({ id }) => id, input)
      return {
        OrganizationalUnits: page.items.map((unit) => describe(organization, unit)),
        NextToken: page.NextToken,
      }
    },
  },
}
