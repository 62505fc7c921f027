/** What decided about one call in a row of chips: the layers of policies, or the hops of its way through the network. Pure. */
import type { Decision, LayerTrace } from '../../../policy/model.ts'
import { hopName } from '../../../network/plan/verdict.ts'
import type { NetworkPath, Way } from '../../explain/network-path.ts'
import { element, textElement } from '../../markup.ts'
import { LAYER_NAMES, layerReason } from './layer-names.ts'

interface Chip {
  readonly title: string
  readonly reason: string
  /** `block`: it ended here, and is what AWS names; `deny`: it would not have passed here either. */
  readonly kind: 'pass' | 'block' | 'deny'
}

const SIGNS: Readonly<Record<Chip['kind'], string>> = { pass: '✓', block: '✗', deny: '✗' }

export function decisionStrip({ trace, blockedBy, outcome }: Decision): string {
  const kindOf = ({ layer, outcome: said }: LayerTrace): Chip['kind'] =>
    layer === blockedBy ? 'block' : said === 'allow' ? 'pass' : 'deny'
  const chips = trace
    // Of a call that was allowed, a layer that says nothing was not needed.
    .filter(({ outcome: said }) => (outcome === 'allow' ? said === 'allow' : said !== undefined))
    .map((layer): Chip => ({ title: LAYER_NAMES[layer.layer], reason: layerReason(layer), kind: kindOf(layer) }))
  return strip('layers', chips)
}

export function pathStrip(path: NetworkPath): string {
  const way = path.ways.find(({ outcome }) => outcome !== 'connects') ?? path.ways[0]
  if (!way) return ''
  const heading = `the way to ${path.host}:${path.port}${way.subnetId === undefined ? '' : ` from ${way.subnetId}`}`
  return textElement('p', heading, { class: 'quiet way-to' }) + strip('hops', hopChips(way))
}

function hopChips(way: Way): readonly Chip[] {
  const { text, outcome, hops } = way
  if (hops.length === 0) return [{ title: 'name', reason: text, kind: outcome === 'connects' ? 'pass' : 'block' }]
  const shown = tellingHops(way)
  const chips = shown.map((hop): Chip => ({
    title: hopName(hop),
    reason: hop.reason,
    kind: hop.decision === 'pass' ? 'pass' : 'block',
  }))
  const back = hops.length - shown.length
  if (back === 0) return chips
  return [
    ...chips,
    { title: 'the reply', reason: `passes ${back} ${back === 1 ? 'hop' : 'hops'} on its way back`, kind: 'pass' },
  ]
}

/** Those of the reply tell something only where it is lost. */
export function tellingHops({ hops, blockedBy }: Pick<Way, 'hops' | 'blockedBy'>): Way['hops'] {
  return blockedBy?.leg === 'reply' ? hops : hops.filter(({ leg }) => leg === 'request')
}

function strip(className: string, chips: readonly Chip[]): string {
  if (chips.length === 0) return ''
  const items = chips.map(({ title, reason, kind }) =>
    element(
      'li',
      textElement('i', SIGNS[kind]) + element('span', `${textElement('b', title)} ${textElement('span', reason)}`),
      { class: kind },
    ),
  )
  return element('ol', items.join(''), { class: `strip ${className}` })
}
