/** How each AWS service we speak for is addressed: a small table, so that a request can be told apart before any SDK client is loaded. */

export type ProtocolName = 'restJson1' | 'awsQuery' | 'ec2Query' | 'awsJson1_0' | 'awsJson1_1' | 'rpcV2Cbor'

export interface ServiceDescription {
  /** The service part of the credential scope. */
  readonly signingName: string
  /** How AWS's SDKs call the service: `CloudWatch Logs`. */
  readonly sdkId: string
  readonly protocol: ProtocolName
  readonly apiVersion: string
  /** What precedes the operation in `X-Amz-Target`. */
  readonly targetPrefix?: string
  /** Of query-protocol responses. */
  readonly xmlNamespace?: string
  /**
   * A JSON service that once spoke the query protocol: old clients still do, and new ones find the old error codes in a header.
   * https://smithy.io/2.0/aws/protocols/aws-query-protocol.html#aws-protocols-awsquerycompatible-trait
   */
  readonly queryCompatible?: true
  /** Clients may speak RPC in CBOR as well, and name the service by its target prefix then. */
  readonly cborCompatible?: true
}

/** Keyed by signing name. */
export const serviceDescriptions = {
  lambda: { signingName: 'lambda', sdkId: 'Lambda', protocol: 'restJson1', apiVersion: '2015-03-31' },
  iam: {
    signingName: 'iam',
    sdkId: 'IAM',
    protocol: 'awsQuery',
    apiVersion: '2010-05-08',
    xmlNamespace: 'https://iam.amazonaws.com/doc/2010-05-08/',
  },
  sts: {
    signingName: 'sts',
    sdkId: 'STS',
    protocol: 'awsQuery',
    apiVersion: '2011-06-15',
    xmlNamespace: 'https://sts.amazonaws.com/doc/2011-06-15/',
  },
  organizations: {
    signingName: 'organizations',
    sdkId: 'Organizations',
    protocol: 'awsJson1_1',
    apiVersion: '2016-11-28',
    targetPrefix: 'AWSOrganizationsV20161128',
  },
  cloudformation: {
    signingName: 'cloudformation',
    sdkId: 'CloudFormation',
    protocol: 'awsQuery',
    apiVersion: '2010-05-15',
    xmlNamespace: 'http://cloudformation.amazonaws.com/doc/2010-05-15/',
  },
  ec2: {
    signingName: 'ec2',
    sdkId: 'EC2',
    protocol: 'ec2Query',
    apiVersion: '2016-11-15',
    xmlNamespace: 'http://ec2.amazonaws.com/doc/2016-11-15/',
  },
  logs: {
    signingName: 'logs',
    sdkId: 'CloudWatch Logs',
    protocol: 'awsJson1_1',
    apiVersion: '2014-03-28',
    targetPrefix: 'Logs_20140328',
  },
  monitoring: {
    signingName: 'monitoring',
    sdkId: 'CloudWatch',
    protocol: 'awsJson1_0',
    apiVersion: '2010-08-01',
    targetPrefix: 'GraniteServiceVersion20100801',
    xmlNamespace: 'http://monitoring.amazonaws.com/doc/2010-08-01/',
    queryCompatible: true,
    cborCompatible: true,
  },
  cloudtrail: {
    signingName: 'cloudtrail',
    sdkId: 'CloudTrail',
    protocol: 'awsJson1_1',
    apiVersion: '2013-11-01',
    targetPrefix: 'CloudTrail_20131101',
  },
  servicequotas: {
    signingName: 'servicequotas',
    sdkId: 'Service Quotas',
    protocol: 'awsJson1_1',
    apiVersion: '2019-06-24',
    targetPrefix: 'ServiceQuotasV20190624',
  },
  sqs: {
    signingName: 'sqs',
    sdkId: 'SQS',
    protocol: 'awsJson1_0',
    apiVersion: '2012-11-05',
    targetPrefix: 'AmazonSQS',
    xmlNamespace: 'http://queue.amazonaws.com/doc/2012-11-05/',
    queryCompatible: true,
  },
  sns: {
    signingName: 'sns',
    sdkId: 'SNS',
    protocol: 'awsQuery',
    apiVersion: '2010-03-31',
    xmlNamespace: 'http://sns.amazonaws.com/doc/2010-03-31/',
  },
  events: {
    signingName: 'events',
    sdkId: 'EventBridge',
    protocol: 'awsJson1_1',
    apiVersion: '2015-10-07',
    targetPrefix: 'AWSEvents',
  },
} as const satisfies Readonly<Record<string, ServiceDescription>>
