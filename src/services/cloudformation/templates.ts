/** Templates: getting, summarizing and validating them. */
import type { Capability } from '@aws-sdk/client-cloudformation'

import { checkedTemplate, templateOf } from './definition.ts'
import { findChangeSet } from './change-set-names.ts'
import { anyStackPermission, stackPermission, stackToDescribe, type CloudFormationOperations } from './service.ts'
import { capabilityNeed } from './template/capabilities.ts'
import type { ParameterDeclaration } from './template/parameters.ts'
import type { Template } from './template/template.ts'
import { validationError } from './template/validation-error.ts'

export const templates: CloudFormationOperations = {
  GetTemplate: {
    permissions: (input, caller, cf) => [stackPermission('GetTemplate', input.StackName ?? '*', caller, cf)],
    handle(input, caller, cf) {
      const { StackName: name, ChangeSetName: changeSetName } = input
      if (changeSetName === undefined && name === undefined) {
        throw validationError('StackName is required if ChangeSetName is not specified.')
      }
      if (changeSetName !== undefined && name === undefined && !changeSetName.startsWith('arn:')) {
        throw validationError('StackName is a required parameter.')
      }
      const { definition } =
        changeSetName === undefined
          ? stackToDescribe(name ?? '', caller, cf)
          : findChangeSet(changeSetName, name, caller, cf)
      // Without macros the processed template is the original.
      return { TemplateBody: definition.templateBody, StagesAvailable: ['Original', 'Processed'] }
    },
  },

  GetTemplateSummary: {
    permissions: (input, caller, cf) => [
      input.StackName === undefined
        ? anyStackPermission('GetTemplateSummary')
        : stackPermission('GetTemplateSummary', input.StackName, caller, cf),
    ],
    refuses: ['TemplateURL', 'StackSetName', 'CallAs', 'TemplateSummaryConfig'],
    handle(input, caller, cf) {
      const template = summarized()
      return {
        Parameters: Object.entries(template.parameters).map(([key, declared]) => ({
          ParameterKey: key,
          DefaultValue: declared.default,
          ParameterType: declared.type,
          NoEcho: declared.noEcho,
          Description: declared.description,
          ParameterConstraints: declared.allowedValues ? { AllowedValues: [...declared.allowedValues] } : {},
        })),
        Description: template.description,
        ...capabilitiesOf(template),
        ResourceTypes: Object.values(template.resources).map(({ type }) => type),
        Version: template.version,
        Metadata: template.metadata && JSON.stringify(template.metadata),
        ResourceIdentifierSummaries: [],
      }

      function summarized(): Template {
        if (input.TemplateBody !== undefined) return checkedTemplate(input.TemplateBody)
        if (input.StackName === undefined) {
          throw validationError('Either StackName or TemplateBody or TemplateURL must be specified.')
        }
        const stack = stackToDescribe(input.StackName, caller, cf)
        if (stack.status === 'REVIEW_IN_PROGRESS') {
          throw validationError('GetTemplateSummary cannot be called on REVIEW_IN_PROGRESS stacks.')
        }
        return templateOf(stack.definition)
      }
    },
  },

  ValidateTemplate: {
    permissions: () => [anyStackPermission('ValidateTemplate')],
    refuses: ['TemplateURL'],
    handle(input) {
      if (input.TemplateBody === undefined) {
        throw validationError('Either Template URL or Template Body must be specified.')
      }
      const template = checkedTemplate(input.TemplateBody)
      return {
        Parameters: Object.entries(template.parameters).map(([key, declared]) => templateParameter(key, declared)),
        Description: template.description,
        ...capabilitiesOf(template),
      }
    },
  },
}

function templateParameter(key: string, declared: ParameterDeclaration) {
  return {
    ParameterKey: key,
    DefaultValue: declared.default,
    NoEcho: declared.noEcho,
    Description: declared.description,
  }
}

function capabilitiesOf(template: Template): { Capabilities?: Capability[]; CapabilitiesReason?: string } {
  const need = capabilityNeed(template)
  if (!need) return {}
  return {
    Capabilities: [need.capability],
    CapabilitiesReason: `The following resource(s) require capabilities: [${need.types.join(', ')}]`,
  }
}
